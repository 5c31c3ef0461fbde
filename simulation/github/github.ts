import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { Actions, choose } from '../../model/github/actions.ts';
import { NEW_JOB } from '../../model/github/job.ts';
import { LEASE_MS, PICK_UP_MS } from '../../model/github/times.ts';
import { MINUTE, SECOND, type World } from '../world.ts';
import { Limits } from './limits.ts';
import { Neighbours } from './neighbours.ts';
import { Registrations } from './registrations.ts';
import { Runs } from './runs.ts';
import { fits, type Job, type NewJob, type Runner } from './types.ts';

type Action = 'queued' | 'in_progress' | 'completed';

const CONCLUSIONS: Partial<Record<TaskEnding, Job['conclusion']>> = {
  'ran-failed': 'failure',
  'ran-cancelled': 'cancelled',
};

/** GitHub: the life of its jobs, and what a job does to the runner that takes it. */
export class GitHub {
  readonly jobs = new Map<number, Job>();
  readonly limits: Limits;
  readonly registrations: Registrations;
  readonly runs: Runs;
  readonly neighbours: Neighbours;
  readonly #actions: Actions<Job, Runner>;
  readonly #world: World;
  onEvent: (job: Job, action: Action, status: string) => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
    this.limits = new Limits(world);
    this.registrations = new Registrations(world, this.limits);
    this.runs = new Runs(world);
    this.neighbours = new Neighbours(world);
    this.#actions = new Actions(fits, world.random);
    this.registrations.onRemoved = (runner) => this.#actions.withdraw(runner);
  }

  /** A new job; it may have to wait for an approval before it is queued. */
  create(created: NewJob): Job {
    const { clock, nowMs } = this.#world;
    const job = this.forget(created);
    this.#world.tell(() => `job ${job.id} created in ${job.repository.name} (${job.labels.join(' ')})`);
    if (job.queuedAtMs <= nowMs) this.#queue(job);
    else {
      // GitHub sends `queued` with status `waiting` for a job that waits for an approval.
      this.onEvent(job, 'queued', 'waiting');
      clock.at(job.queuedAtMs, () => this.#queue(job));
    }
    return job;
  }

  /** One that GitHub shows as queued and hands to nobody, ever; no delivery speaks of it. */
  forget(created: NewJob): Job {
    const job: Job = { ...created, ...NEW_JOB, run: this.runs.of(created), status: 'waiting' };
    this.jobs.set(job.id, job);
    job.run.jobs.push(job);
    return job;
  }

  /** Jobs of a run's new attempt, in the places of those that they repeat. */
  repeat(jobs: readonly Job[]): void {
    const { nowMs } = this.#world;
    for (const job of jobs) {
      const { id, runId, repository, labels, isOurs, durationMs, runAttempt = 1 } = job;
      const times = { createdAtMs: nowMs, queuedAtMs: nowMs, durationMs };
      // Ids are GitHub's: nobody reads anything in them.
      const again = { id: id + 1_000_000, runId, repository, labels, isOurs, ...times };
      job.run.jobs.splice(job.run.jobs.indexOf(job), 1);
      this.create({ ...again, runAttempt: runAttempt + 1, againOf: job });
    }
  }

  #queue(job: Job): void {
    if (job.status === 'completed') return;
    this.onEvent(job, 'queued', 'queued');
    this.#awaitPickUp(job, this.#actions.queue(job, job.queuedAtMs));
  }

  cancel(job: Job): void {
    if (job.status === 'completed') return;
    job.isCancelled = true;
    this.#world.tell(() => `job ${job.id} cancelled`);
    if (job.runner === undefined) this.#complete(job, 'cancelled');
    else this.#finish(job, 'ran-cancelled');
  }

  /** A listener starts with its config; `undefined` when its registration is gone. */
  connect(runnerId: number): Runner | undefined {
    const runner = this.registrations.all.get(runnerId);
    if (runner === undefined) return undefined;
    runner.connects += 1;
    if (runner.connects > 1) this.#world.violate('started twice', runner.name);
    runner.onlineAtMs = this.#world.nowMs;
    return runner;
  }

  /** It can take a job from now on. */
  offer(runner: Runner): void {
    const job = this.#actions.offer(runner, (fitting) => this.#choose(runner, fitting));
    if (job !== undefined) this.#awaitPickUp(job, runner);
  }

  #choose(runner: Runner, fitting: readonly Job[]): Job | undefined {
    const { assigns, random } = this.#world;
    const own = fitting.find(({ id }) => id === runner.launchedForJobId);
    const home = this.jobs.get(runner.launchedForJobId ?? 0);
    const alike = fitting.filter(
      (job) => job.repository === home?.repository && job.labels.length === runner.labels.length,
    );
    const foreign = fitting.find((job) => !job.isOurs);
    if (foreign !== undefined) return foreign;
    if (fitting.length > 1 && this.#world.strikes('swap-across')) return this.#world.pick(fitting);
    if (alike.length > 1 && this.#world.strikes('swap-within')) return this.#world.pick(alike);
    const chosen = assigns === 'own' ? (own ?? alike[0] ?? fitting[0]) : choose(assigns, fitting, random);
    // Nobody's fault, and it costs what such a swap costs: supply is counted by repository and labels.
    if (chosen !== undefined && chosen !== own && !alike.includes(chosen))
      this.#world.noteStrike('swap-across');
    return chosen;
  }

  #awaitPickUp(job: Job, runner: Runner | undefined): void {
    const delayMs = () => this.#world.between(0.5, 3) * SECOND;
    if (runner !== undefined) this.#world.clock.after(delayMs(), () => this.#pickUp(job, runner));
  }

  #pickUp(job: Job, runner: Runner): void {
    const isDying = this.#world.strikes('dying-runner');
    const isGone = runner.offlineAtMs !== undefined;
    if (job.status !== 'completed' && this.#world.strikes('cancelled-as-assigned')) {
      job.namedRunner = runner;
      this.cancel(job);
    }
    if (job.status === 'completed') {
      runner.job = null;
      if (!isGone) this.offer(runner);
    } else if (isDying || isGone) {
      this.#world.tell(() => `job ${job.id} was assigned to dying ${runner.name}`);
      this.#world.clock.after(PICK_UP_MS, () => this.#requeue(job, runner));
    } else this.#start(job, runner);
  }

  /** A job that its runner does not pick up is given to another one. */
  #requeue(job: Job, runner: Runner): void {
    this.#actions.unassign(runner);
    runner.end?.('assignment-lost');
    this.#awaitPickUp(job, this.#actions.place(job));
  }

  /** GitHub itself removes a runner that is idle (GH-23). */
  removeIdle(runner: Runner): void {
    if (!this.#actions.isIdle(runner)) return;
    this.#world.tell(() => `GitHub removes idle ${runner.name}`);
    this.registrations.drop(runner);
    runner.end?.('registration-gone');
  }

  /** The listener is gone; GitHub fails a job that it ran once its lease is over. */
  disconnect(runner: Runner): void {
    runner.offlineAtMs = this.#world.nowMs;
    this.#actions.withdraw(runner);
    const { job, busy } = runner;
    if (job !== null && busy) this.#world.clock.after(LEASE_MS, () => this.#complete(job, 'failure'));
  }

  #start(job: Job, runner: Runner): void {
    this.#actions.start(job, this.#world.nowMs);
    job.runner = runner;
    this.#world.tell(() => `job ${job.id} runs on ${runner.name}`);
    this.onEvent(job, 'in_progress', 'in_progress');
    const ending = this.#world.random() < 0.8 ? 'ran-succeeded' : 'ran-failed';
    this.#world.clock.after(job.durationMs, () => this.#finish(job, ending));
  }

  /** A normal end: GitHub removes the ephemeral registration. */
  #finish(job: Job, ending: TaskEnding): void {
    const { runner } = job;
    if (job.status === 'completed' || runner === undefined || runner.offlineAtMs !== undefined) return;
    job.hasFailedStep = ending === 'ran-failed';
    this.#complete(job, CONCLUSIONS[ending] ?? 'success');
    this.registrations.drop(runner);
    if (this.#world.strikes('listener-stays')) {
      this.#world.tell(() => `the listener of ${runner.name} stays`);
      runner.staysAfter = job;
      return;
    }
    const lingersMs = this.#lingersMs();
    runner.endsAtMs = this.#world.nowMs + lingersMs;
    this.#world.clock.after(lingersMs, () => runner.end?.(ending));
  }

  /** From the end of a job to that of its listener. */
  #lingersMs(): number {
    if (this.#world.strikes('listener-ends-slowly')) return this.#world.between(1, 8) * MINUTE;
    return this.#world.workload.endsWithJob ? 0 : this.#world.between(0.5, 3) * SECOND;
  }

  /** From now on its runner can be removed; a normal end removes it at once. */
  #complete(job: Job, conclusion: NonNullable<Job['conclusion']>): void {
    if (job.status === 'completed') return;
    job.conclusion = conclusion;
    const next = this.#actions.end(job, this.#world.nowMs);
    if (next !== undefined) {
      next.runnableAtMs = this.#world.nowMs;
      this.#awaitPickUp(next, this.#actions.place(next));
    }
    this.onEvent(job, 'completed', 'completed');
  }
}
