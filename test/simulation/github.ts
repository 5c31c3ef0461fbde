import { RequestError } from '@octokit/request-error';
import { ServiceError } from '../../functions/core/errors.ts';
import type { TaskEnding } from '../../functions/core/exit-codes.ts';
import type { JobFact } from '../../functions/core/facts.ts';
import { parseRunnerName } from '../../functions/core/identity.ts';
import type { Registration } from '../../functions/core/plan-sweep.ts';
import type { JitConfigRequest, RegistrationScope } from '../../functions/core/ports.ts';
import { MINUTE, PREFIX, SECOND, type World } from './world.ts';

export interface Repository {
  readonly id: number;
  readonly name: string;
}

export interface Job {
  readonly id: number;
  readonly runId: number;
  readonly repository: Repository;
  readonly labels: readonly string[];
  readonly isOurs: boolean;
  readonly createdAtMs: number;
  readonly durationMs: number;
  assigned?: Runner;
  runner?: Runner;
  startedAtMs?: number;
  endedAtMs?: number;
  isCancelled?: boolean;
}

/** A registration. */
export interface Runner {
  readonly id: number;
  readonly name: string;
  readonly scope: string;
  readonly labels: readonly string[];
  readonly createdAtMs: number;
  readonly launchedForJobId: number | undefined;
  connects: number;
  onlineAtMs?: number;
  offlineAtMs?: number;
  removedAtMs?: number;
  assigned?: Job;
  job?: Job;
  end?: (ending: TaskEnding) => void;
}

const requestError = (status: number, message: string, headers: Record<string, string> = {}) =>
  new RequestError(message, status, {
    request: { method: 'POST', url: 'https://github.test', headers: {} },
    response: { status, url: '', headers, data: {} } as never,
  });

/** 900 points a minute, 5 a write (docs.github.com, Rate limits for the REST API). */
const JIT_PER_MINUTE = 180;

/** GitHub: jobs, runners that take any job whose labels they have, registrations, lists that lag. */
export class GitHub {
  readonly jobs = new Map<number, Job>();
  readonly runners = new Map<number, Runner>();
  readonly #byName = new Map<string, Runner>();
  readonly #queued = new Set<Job>();
  readonly #idle = new Set<Runner>();
  readonly #runs = new Map<number, Job[]>();
  readonly #runsOf = new Map<number, number[]>();
  readonly #jitCalls: number[] = [];
  readonly #world: World;
  #nextRunnerId = 1;
  onEvent: (job: Job, action: 'queued' | 'in_progress' | 'completed') => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
  }

  queue(job: Job): void {
    this.jobs.set(job.id, job);
    this.#queued.add(job);
    const run = this.#runs.get(job.runId);
    if (run === undefined) {
      this.#runs.set(job.runId, [job]);
      const runs = this.#runsOf.get(job.repository.id) ?? [];
      this.#runsOf.set(job.repository.id, [...runs, job.runId]);
    } else run.push(job);
    this.#world.tell(() => `job ${job.id} queued in ${job.repository.name} (${job.labels.join(' ')})`);
    this.onEvent(job, 'queued');
    this.#place(job);
  }

  cancel(job: Job): void {
    if (job.endedAtMs !== undefined) return;
    job.isCancelled = true;
    this.#world.tell(() => `job ${job.id} cancelled`);
    if (job.runner !== undefined) this.#finish(job, 'ran-cancelled');
    else {
      this.#queued.delete(job);
      job.endedAtMs = this.#world.nowMs;
      this.onEvent(job, 'completed');
    }
  }

  /** Registers a runner, or throws as Octokit does. */
  createJitConfig({ runnerName, scope, labels }: JitConfigRequest) {
    const { nowMs, counts } = this.#world;
    counts.launchCalls += 1;
    if (this.#world.isDuring('primaryLimit')) {
      const reset = String(Math.ceil(this.#world.endOf('primaryLimit') / 1000));
      throw this.#refuse({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
    }
    const oldest = this.#jitCalls[this.#jitCalls.length - JIT_PER_MINUTE];
    if (oldest !== undefined && nowMs - oldest < MINUTE)
      throw this.#refuse({ 'retry-after': String(Math.ceil((oldest + MINUTE - nowMs) / 1000)) });
    if (this.#world.strikes('secondaryLimit')) throw this.#refuse({ 'retry-after': '60' });
    this.#jitCalls.push(nowMs);
    if (this.#byName.has(`${scope}:${runnerName}`)) throw requestError(409, 'Already exists');
    const runner: Runner = {
      id: this.#nextRunnerId++,
      name: runnerName,
      scope,
      labels,
      createdAtMs: nowMs,
      launchedForJobId: parseRunnerName(PREFIX, runnerName)?.jobId,
      connects: 0,
    };
    this.runners.set(runner.id, runner);
    this.#byName.set(`${scope}:${runnerName}`, runner);
    return { runnerId: runner.id, encodedJitConfig: `config-${runner.id}` };
  }

  #refuse(headers: Record<string, string>): Error {
    this.#world.counts.refused += 1;
    return requestError(403, 'You have exceeded a rate limit', headers);
  }

  /** DELETE of a registration: refused while GitHub thinks that a job runs, which it may get wrong. */
  delete(runnerId: number): void {
    const runner = this.runners.get(runnerId);
    if (runner === undefined) return;
    if (runner.job !== undefined && !this.#world.strikes('lyingBusy'))
      throw new ServiceError(
        { service: 'github', operation: 'remove runner', status: 422 },
        'runner is busy',
      );
    this.#world.tell(() => `registration ${runner.name} removed`);
    this.#remove(runner);
    runner.end?.('registration-gone');
  }

  /** GitHub itself removes a runner that is idle (actions/runner#4726). */
  removeIdle(runner: Runner): void {
    if (!this.#idle.has(runner)) return;
    this.#world.tell(() => `GitHub removes idle ${runner.name}`);
    this.#remove(runner);
    runner.end?.('registration-gone');
  }

  #remove(runner: Runner): void {
    runner.removedAtMs = this.#world.nowMs;
    this.runners.delete(runner.id);
    this.#byName.delete(`${runner.scope}:${runner.name}`);
    this.#idle.delete(runner);
  }

  /** A listener starts with its config; `undefined` when its registration is gone. */
  connect(runnerId: number): Runner | undefined {
    const runner = this.runners.get(runnerId);
    if (runner === undefined) return undefined;
    runner.connects += 1;
    if (runner.connects > 1) this.#world.violate('started twice', runner.name);
    runner.onlineAtMs = this.#world.nowMs;
    this.#idle.add(runner);
    return runner;
  }

  /** The listener is gone; a job that it ran fails, one that it was only assigned is queued again after a minute. */
  disconnect(runner: Runner): void {
    runner.offlineAtMs = this.#world.nowMs;
    this.#idle.delete(runner);
    const { job } = runner;
    if (job === undefined || job.endedAtMs !== undefined) return;
    this.#world.clock.after(10 * MINUTE, () => this.#complete(job));
  }

  /** An idle runner takes one of the queued jobs that it fits. */
  offer(runner: Runner): void {
    if (!this.#idle.has(runner)) return;
    const fitting = [...this.#queued].filter((job) => job.assigned === undefined && fits(runner, job));
    const job = this.#choose(runner, fitting);
    if (job !== undefined) this.#assign(job, runner);
  }

  #choose(runner: Runner, fitting: readonly Job[]): Job | undefined {
    const own = fitting.find(({ id }) => id === runner.launchedForJobId);
    const home = this.jobs.get(runner.launchedForJobId ?? 0);
    const alike = fitting.filter(
      (job) => job.repository === home?.repository && job.labels.length === runner.labels.length,
    );
    const foreign = fitting.find((job) => !job.isOurs);
    if (foreign !== undefined) return foreign;
    if (fitting.length > 1 && this.#world.strikes('swapAcross')) return this.#world.pick(fitting);
    if (alike.length > 1 && this.#world.strikes('swapWithin')) return this.#world.pick(alike);
    return own ?? alike[0] ?? fitting[0];
  }

  #place(job: Job): void {
    const idle = [...this.#idle].filter((runner) => fits(runner, job));
    if (idle.length > 0) this.#assign(job, this.#world.pick(idle));
  }

  #assign(job: Job, runner: Runner): void {
    job.assigned = runner;
    runner.assigned = job;
    this.#idle.delete(runner);
    this.#world.clock.after(this.#world.between(0.5, 3) * SECOND, () => this.#pickUp(job, runner));
  }

  #pickUp(job: Job, runner: Runner): void {
    const isDying = this.#world.strikes('dyingRunner');
    const isGone = runner.offlineAtMs !== undefined;
    if (job.endedAtMs !== undefined) {
      delete runner.assigned;
      if (!isGone) this.#idle.add(runner);
      this.offer(runner);
      return;
    }
    if (isDying || isGone) {
      this.#world.tell(() => `job ${job.id} was assigned to dying ${runner.name}`);
      this.#world.clock.after(60 * SECOND, () => this.#requeue(job, runner));
      return;
    }
    this.#start(job, runner);
  }

  #requeue(job: Job, runner: Runner): void {
    delete job.assigned;
    delete runner.assigned;
    runner.end?.('assignment-lost');
    if (job.endedAtMs === undefined) this.#place(job);
  }

  #start(job: Job, runner: Runner): void {
    this.#queued.delete(job);
    job.runner = runner;
    runner.job = job;
    job.startedAtMs = this.#world.nowMs;
    this.#world.tell(() => `job ${job.id} runs on ${runner.name}`);
    this.onEvent(job, 'in_progress');
    const ending = this.#world.random() < 0.8 ? 'ran-succeeded' : 'ran-failed';
    this.#world.clock.after(job.durationMs, () => this.#finish(job, ending));
  }

  /** A normal end: GitHub removes the ephemeral registration. */
  #finish(job: Job, ending: TaskEnding): void {
    const { runner } = job;
    if (job.endedAtMs !== undefined || runner === undefined || runner.offlineAtMs !== undefined) return;
    this.#complete(job);
    this.#remove(runner);
    this.#world.clock.after(this.#world.between(0.5, 3) * SECOND, () => runner.end?.(ending));
  }

  #complete(job: Job): void {
    if (job.endedAtMs !== undefined) return;
    job.endedAtMs = this.#world.nowMs;
    // From now on it can be removed; a normal end has removed it already.
    if (job.runner !== undefined) delete job.runner.job;
    this.onEvent(job, 'completed');
  }

  /** Jobs of the repository's active runs, each run as it was up to 30 s ago; reads as the real adapter makes them. */
  listActiveJobs(repositoryId: number): { readonly facts: JobFact[]; readonly reads: number } {
    const { nowMs } = this.#world;
    let reads = 4;
    const facts = (this.#runsOf.get(repositoryId) ?? []).flatMap((runId) => {
      const atMs = nowMs - this.#world.lag('githubLag', 30 * SECOND);
      const jobs = (this.#runs.get(runId) ?? []).flatMap((job) => jobAt(job, atMs) ?? []);
      if (jobs.every(({ status }) => status === 'completed')) return [];
      reads += Math.ceil(jobs.length / 100);
      return jobs;
    });
    return { facts, reads };
  }

  listRegistrations({ account, scope }: RegistrationScope): Registration[] {
    const atMs = this.#world.nowMs - this.#world.lag('githubLag', 30 * SECOND);
    return [...this.runners.values()].flatMap((runner) => {
      if (runner.scope !== scope || runner.createdAtMs > atMs) return [];
      const isOnline = (runner.onlineAtMs ?? Infinity) <= atMs && (runner.offlineAtMs ?? Infinity) > atMs;
      const online = isOnline && !this.#world.strikes('lyingBusy');
      return [{ account, scope, runnerId: runner.id, runnerName: runner.name, online }];
    });
  }
}

const fits = (runner: Runner, { labels, repository }: Job): boolean =>
  (runner.scope === 'orgs/acme' || runner.scope === `repos/acme/${repository.name}`) &&
  labels.every((label) => runner.labels.includes(label));

function jobAt(job: Job, atMs: number): JobFact | undefined {
  if (job.createdAtMs > atMs) return undefined;
  const isEnded = (job.endedAtMs ?? Infinity) <= atMs;
  const isStarted = (job.startedAtMs ?? Infinity) <= atMs;
  return {
    jobId: job.id,
    runId: job.runId,
    status: isEnded ? 'completed' : isStarted ? 'in_progress' : 'queued',
    labels: job.labels,
    createdAtMs: job.createdAtMs,
    runnerName: isStarted ? job.runner?.name : undefined,
  };
}
