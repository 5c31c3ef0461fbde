/** The parts of the embedded GitHub put together, and what a scenario or a test may do with them. */
import { EventEmitter } from 'node:events';
import { ANSWER_LIMIT_MS } from '../../model/github/deliveries.ts';
import { Accounts, type Held } from './accounts.ts';
import { ActionsWorld, type JobAction } from './actions-world.ts';
import { type CrowdRequest, gather } from './crowd.ts';
import { Deliveries, type RawAnswer, type RawDelivery } from './deliveries.ts';
import { expire } from './expiry.ts';
import { isHosted, runHosted } from './hosted-runners.ts';
import { createIdentifiers, type Identifiers } from './identifiers.ts';
import { type GitHubDescription, loadDescription } from './openapi.ts';
import { type JobRecord, jobSnapshot, type Run, runnerSnapshot } from './records.ts';
import { Repositories } from './service/repositories.ts';
import { JobTokens } from './service/tokens.ts';
import { UrlSigner } from './service/url-signer.ts';
import type { Site } from './site.ts';
import { Stranger, type StrangerRequest } from './stranger.ts';
import { Teller } from './teller.ts';
import type {
  Delivery,
  GitHubEvents,
  GitHubOptions,
  Installation,
  Job,
  Runner,
  RunRequest,
} from './types.ts';

const TICK_MS = 100;
/** The same where time jumps: what happens when nothing happens for too long is late by this at most. */
const WORLD_TICK_MS = 5_000;
const DEFAULT_PATIENCE_MS = 5_000;

export interface Listening {
  readonly url: string;
  /** Of the authority that has to be trusted, where it speaks TLS. */
  readonly caPem: string | undefined;
  close(): Promise<void>;
}

export class GitHubWorld extends EventEmitter<GitHubEvents> {
  readonly ids: Identifiers;
  readonly description: GitHubDescription = loadDescription();
  readonly actions: ActionsWorld;
  /** Repositories and installations, and what people do to them in their settings. */
  readonly accounts: Accounts;
  readonly log: Deliveries;
  readonly tokens: JobTokens;
  readonly repositories: Repositories;
  readonly signer = new UrlSigner();
  /** An owner outside every allow-list, who has not installed the App yet. */
  readonly stranger: Stranger;
  /** Takes the App and its installation away: GitHub as it is before anybody has set anything up. */
  uninstall: () => void = () => undefined;
  changeApp: Site['changeApp'] = () => undefined;
  /** Ends all tokens of this owner's installation before their hour. */
  revokeTokens: (login: string) => void = () => undefined;
  /** The most calls to the REST API that one caller has had in flight. */
  mostAtOnce: () => number = () => 0;
  /** True while GitHub refuses the listener's version. */
  deprecated = false;
  readonly #options: GitHubOptions;
  readonly #random: () => number;
  readonly #teller: Teller;
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
    this.tokens = new JobTokens(clock, this.actions.jobs);
    this.repositories = new Repositories(options.repositories);
    this.actions.jobs.headOf = (fullName) => this.repositories.headOf(fullName)?.sha;
    const hook = {
      id: this.ids.next('hook'),
      appId: app.id,
      limitMs: options.deliveryLimitMs ?? ANSWER_LIMIT_MS,
      url: options.webhookUrl,
      secret: options.webhookSecret,
    };
    this.log = new Deliveries(hook, clock, faults, this.ids);
    this.stranger = new Stranger(this.accounts, clock, this.ids);
    const { actions, accounts, log, description, stranger } = this;
    const parts = { actions, accounts, log, description, faults, random, stranger };
    this.#teller = new Teller({ ...parts, apiUrl: () => this.url });
    this.#relay();
    const leastMs = patienceMs * clock.speed;
    const tick = () => expire(this.actions, { leastMs });
    this.#tick = setInterval(tick, TICK_MS);
    const tickOfWorld = () => {
      tick();
      clock.after(WORLD_TICK_MS, tickOfWorld);
    };
    if (clock.standsStill) tickOfWorld();
  }

  #relay(): void {
    this.actions.on('job', (job) => this.emit('job', job));
    this.actions.on('runner', (event) => this.emit('runner', event));
    this.actions.on('webhook', (action, job) => this.#tell(action, job));
    this.log.on('delivery', (delivery) => this.emit('delivery', delivery));
  }

  /** As an owner does in the account’s settings: to the first installation, the only one of most worlds. */
  changeInstallation(changes: Partial<Installation>): void {
    const [first] = this.#options.installations;
    if (first !== undefined) this.accounts.change(first.owner.login, changes);
  }

  #tell(action: JobAction, job: JobRecord): void {
    this.#teller.tell(action, job);
    if (action === 'queued' && isHosted(job)) runHosted(this.actions, job, this.#random);
  }

  /** The address of the REST API. */
  get url(): string {
    return this.#server?.url ?? '';
  }

  /** PEM of the authority that has to be trusted; undefined without TLS. */
  get caPem(): string | undefined {
    return this.#server?.caPem;
  }

  attach(server: Listening): this {
    this.#server = server;
    return this;
  }

  /** Queues a run; answers the ids of its jobs, in their order. */
  queueRun(run: RunRequest): number[] {
    const { installation, repository } = this.#open(run.repository);
    return this.actions.queueRun(run, installation, repository).jobs.map(({ id }) => id);
  }

  /** Starts a run without jobs, which `actions.addJobs` adds when what they need is over. */
  openRun(request: Omit<RunRequest, 'jobs'>): Run {
    const { installation, repository } = this.#open(request.repository);
    return this.actions.jobs.addRun({ ...request, jobs: [] }, installation, repository);
  }

  #open(fullName: string): Held {
    const held = this.accounts.get(fullName);
    if (held.repository.isArchived) throw new Error(`${fullName} is archived: nothing runs there`);
    return held;
  }

  /** Many runs that stay as they are, without a webhook; answers their ids. */
  crowd(request: CrowdRequest): number[] {
    return gather(this.actions, request, this.accounts.get(request.repository)).map(({ id }) => id);
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
    return this.#hurry(this.log.raw(raw));
  }

  /** The same delivery again: the same guid, a new id. */
  redeliver(id: bigint): Promise<Delivery> {
    const delivery = this.log.get(id);
    if (delivery === undefined) throw new Error(`GitHub knows no delivery ${id}`);
    return this.#hurry(this.log.redeliver(delivery));
  }

  /** What GitHub sends when a webhook is set up. */
  ping(): Promise<Delivery> {
    return this.#hurry(this.#teller.ping(this.#options.app, this.#options.clock.nowMs()));
  }

  /** From now on every delivery fails to connect, or no longer does: an outage on our side. */
  failDeliveries(failing: boolean): void {
    this.log.isDown = failing;
  }

  /** Sends a genuine delivery of an owner outside the allow-list, whose first one installs the App there. */
  strangerDelivers(request: StrangerRequest): Promise<Delivery> {
    return this.#hurry(this.#teller.tellOfStranger(request));
  }

  /** Sends a genuine delivery of this job with `workflow_job: null` beside its sound repository. */
  deliverWithoutJob(jobId: number): Promise<Delivery> {
    return this.#hurry(this.#teller.tellWithoutJob(this.#job(jobId)));
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

  /** Takes a registration away, as GitHub sometimes does by itself (GH-23). */
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
    return this.#hurry(this.log.settled());
  }

  /** Somebody outside waits for it. */
  #hurry<T>(call: Promise<T>): Promise<T> {
    return call.finally(this.#options.clock.hurry());
  }

  async close(): Promise<void> {
    clearInterval(this.#tick);
    this.log.close();
    await this.#server?.close();
    this.repositories.close();
  }

  #job(jobId: number): JobRecord {
    const job = this.actions.jobs.get(jobId);
    if (job === undefined) throw new Error(`GitHub knows no job ${jobId}`);
    return job;
  }
}
