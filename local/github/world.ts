/** The parts of the embedded GitHub put together, and what a scenario or a test may do with them. */
import { EventEmitter } from 'node:events';
import { Accounts } from './accounts.ts';
import { ActionsWorld, type JobAction } from './actions-world.ts';
import { ANSWER_LIMIT_MS, Deliveries, type RawAnswer, type RawDelivery } from './deliveries.ts';
import { expire } from './expiry.ts';
import { isHosted, runHosted } from './hosted-runners.ts';
import { createIdentifiers, type Identifiers } from './identifiers.ts';
import { type JobRecord, jobSnapshot } from './job-store.ts';
import { type GitHubDescription, loadDescription } from './openapi.ts';
import { runnerSnapshot } from './runner-registry.ts';
import type { Site } from './site.ts';
import type { Delivery, GitHubOptions, Installation, Job, Runner, RunnerEvent, RunRequest } from './types.ts';
import { jobEvent, pingEvent } from './webhooks.ts';

export interface GitHubEvents {
  /** A job's state has changed. */
  job: [Job];
  runner: [RunnerEvent];
  /** A webhook call has ended, one way or the other. */
  delivery: [Delivery];
}

/** An event leaves GitHub so long after it happened, in world time. */
const WEBHOOK_DELAY_MS = { least: 300, spread: 900 };
const TICK_MS = 100;
const DEFAULT_PATIENCE_MS = 5_000;

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

export class GitHubWorld extends EventEmitter<GitHubEvents> {
  readonly ids: Identifiers;
  readonly description: GitHubDescription = loadDescription();
  readonly actions: ActionsWorld;
  /** Repositories and installations, and what people do to them in their settings. */
  readonly accounts: Accounts;
  readonly log: Deliveries;
  /** Takes the App and its installation away: GitHub as it is before anybody has set anything up. */
  uninstall: () => void = () => undefined;
  changeApp: Site['changeApp'] = () => undefined;
  /** Ends all tokens of this owner's installation before their hour. */
  revokeTokens: (login: string) => void = () => undefined;
  /** True while GitHub refuses the listener's version. */
  deprecated = false;
  readonly #options: GitHubOptions;
  readonly #random: () => number;
  readonly #tick: NodeJS.Timeout;
  #server: Listening | undefined;

  constructor(options: GitHubOptions & { readonly installations: Installation[] }) {
    super();
    const { clock, faults, app, random = Math.random, patienceMs = DEFAULT_PATIENCE_MS } = options;
    this.#options = options;
    this.#random = random;
    this.ids = createIdentifiers(random);
    this.actions = new ActionsWorld(clock, this.ids, random);
    this.accounts = new Accounts(options.installations, this.actions);
    const hook = {
      id: this.ids.next('hook'),
      appId: app.id,
      limitMs: options.deliveryLimitMs ?? ANSWER_LIMIT_MS,
      url: options.webhookUrl,
      secret: options.webhookSecret,
    };
    this.log = new Deliveries(hook, clock, faults, this.ids);
    this.#relay();
    const leastMs = patienceMs * clock.speed;
    this.#tick = setInterval(() => expire(this.actions, { leastMs }), TICK_MS);
  }

  #relay(): void {
    this.actions.on('job', (job) => this.emit('job', job));
    this.actions.on('runner', (event) => this.emit('runner', event));
    this.actions.on('webhook', (action, job) => this.#tell(action, job));
    this.log.on('delivery', (delivery) => this.emit('delivery', delivery));
  }

  /** To the installation of the job's owner, as the first one is called in most worlds. */
  changeInstallation(changes: Partial<Installation>): void {
    const [first] = this.#options.installations;
    if (first !== undefined) this.accounts.change(first.owner.login, changes);
  }

  /** Nobody is told of what is gone, or of what the App does not reach. */
  #isHeard({ runId, repositoryId }: JobRecord): boolean {
    const { installation } = this.accounts.byId(repositoryId) ?? {};
    return (
      installation !== undefined && !installation.isSuspended && this.actions.jobs.run(runId) !== undefined
    );
  }

  /** The payload shows the job as it is now, however late it arrives. */
  #tell(action: JobAction, job: JobRecord): void {
    if (!this.#isHeard(job)) return;
    const event = jobEvent(this.description, this.url, action, job);
    this.log.sendAfter(event, WEBHOOK_DELAY_MS.least + this.#random() * WEBHOOK_DELAY_MS.spread);
    if (action === 'queued' && isHosted(job)) runHosted(this.actions, job, this.#random);
  }

  /** The address of the REST API. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  attach(server: Listening): this {
    this.#server = server;
    return this;
  }

  /** Queues a run; answers the ids of its jobs, in their order. */
  queueRun(run: RunRequest): number[] {
    const { installation, repository } = this.accounts.get(run.repository);
    if (repository.isArchived) throw new Error(`${run.repository} is archived: nothing runs there`);
    return this.actions.queueRun(run, installation, repository).jobs.map(({ id }) => id);
  }

  cancelJob(jobId: number): void {
    this.actions.cancel(this.#job(jobId));
  }

  /** Gives the approval that a job with an environment waits for. */
  approveJob(jobId: number): void {
    this.actions.approve(this.#job(jobId));
  }

  jobs(): Job[] {
    return this.actions.jobs.all().map(jobSnapshot);
  }

  runners(): Runner[] {
    return this.actions.runners.all().map(runnerSnapshot);
  }

  /** Newest first. */
  deliveries(): Delivery[] {
    return this.log.all();
  }

  /** Sends anything to the webhook: forged, malformed, a copy. It is not in GitHub's log. */
  deliver(raw: RawDelivery): Promise<RawAnswer> {
    return this.log.raw(raw);
  }

  /** The same delivery again: the same guid, a new id. */
  redeliver(id: bigint): Promise<Delivery> {
    const delivery = this.log.get(id);
    if (delivery === undefined) throw new Error(`GitHub knows no delivery ${id}`);
    return this.log.redeliver(delivery);
  }

  /** What GitHub sends when a webhook is set up. */
  ping(): Promise<void> {
    const { id, url = '' } = this.log.hook;
    const hook = { id, url, nowMs: this.#options.clock.nowMs() };
    return this.log.send(pingEvent(this.description, this.url, this.#options.app, hook));
  }

  get webhookUrl(): string | undefined {
    return this.log.hook.url;
  }

  setWebhookUrl(url: string): void {
    this.log.hook.url = url;
  }

  setWebhookSecret(secret: string): void {
    this.log.hook.secret = secret;
  }

  /** Takes a registration away, as GitHub sometimes does by itself (actions/runner#4726). */
  removeRunner(runnerId: number): void {
    const runner = this.actions.runners.get(runnerId);
    if (runner !== undefined) this.actions.remove(runner, 'removed-by-github');
  }

  /** From now on GitHub refuses the listener's version, or no longer does. */
  deprecateListener(deprecated: boolean): void {
    this.deprecated = deprecated;
  }

  /** Resolves when no webhook call is due or under way. */
  settled(): Promise<void> {
    return this.log.settled();
  }

  async close(): Promise<void> {
    clearInterval(this.#tick);
    this.log.close();
    await this.#server?.close();
  }

  #job(jobId: number): JobRecord {
    const job = this.actions.jobs.get(jobId);
    if (job === undefined) throw new Error(`GitHub knows no job ${jobId}`);
    return job;
  }
}
