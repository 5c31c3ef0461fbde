import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { MINUTE, SECOND, type World } from '../world.ts';
import { Assignment } from './assignment.ts';
import { Limits } from './limits.ts';
import { Neighbours } from './neighbours.ts';
import { Registrations } from './registrations.ts';
import { Runs } from './runs.ts';
import type { Job, Runner } from './types.ts';

type Action = 'queued' | 'in_progress' | 'completed';

/** GitHub: the life of its jobs, and what a job does to the runner that takes it. */
export class GitHub {
  readonly jobs = new Map<number, Job>();
  readonly limits: Limits;
  readonly registrations: Registrations;
  readonly runs: Runs;
  readonly neighbours: Neighbours;
  readonly #assignment: Assignment;
  readonly #world: World;
  onEvent: (job: Job, action: Action, status: string) => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
    this.limits = new Limits(world);
    this.registrations = new Registrations(world, this.limits);
    this.runs = new Runs(world);
    this.neighbours = new Neighbours(world);
    this.#assignment = new Assignment(world, this.jobs, {
      start: (job, runner) => this.#start(job, runner),
      cancel: (job) => this.cancel(job),
    });
    this.registrations.onRemoved = (runner) => this.#assignment.removeIdle(runner);
  }

  /** A new job; it may have to wait for an approval before it is queued. */
  create(job: Job): void {
    const { clock, nowMs } = this.#world;
    this.jobs.set(job.id, job);
    this.runs.add(job);
    this.#world.tell(() => `job ${job.id} created in ${job.repository.name} (${job.labels.join(' ')})`);
    if (job.queuedAtMs <= nowMs) this.#queue(job);
    else {
      // GitHub sends `queued` with status `waiting` for a job that waits for an approval.
      this.onEvent(job, 'queued', 'waiting');
      clock.at(job.queuedAtMs, () => this.#queue(job));
    }
  }

  /** One that GitHub shows as queued and hands to nobody, ever; no delivery speaks of it. */
  forget(job: Job): void {
    this.jobs.set(job.id, job);
    this.runs.add(job);
  }

  #queue(job: Job): void {
    if (job.endedAtMs !== undefined) return;
    this.onEvent(job, 'queued', 'queued');
    this.#assignment.queue(job);
  }

  cancel(job: Job): void {
    if (job.endedAtMs !== undefined) return;
    job.isCancelled = true;
    this.#world.tell(() => `job ${job.id} cancelled`);
    if (job.runner === undefined) {
      this.#assignment.unqueue(job);
      this.#complete(job);
    } else this.#finish(job, 'ran-cancelled');
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
    this.#assignment.addIdle(runner);
  }

  /** GitHub itself removes a runner that is idle (actions/runner#4726). */
  removeIdle(runner: Runner): void {
    if (!this.#assignment.isIdle(runner)) return;
    this.#world.tell(() => `GitHub removes idle ${runner.name}`);
    this.registrations.drop(runner);
    runner.end?.('registration-gone');
  }

  /** The listener is gone; GitHub fails a job that it ran after ten minutes. */
  disconnect(runner: Runner): void {
    runner.offlineAtMs = this.#world.nowMs;
    this.#assignment.removeIdle(runner);
    const { job } = runner;
    if (job !== undefined) this.#world.clock.after(10 * MINUTE, () => this.#complete(job));
  }

  #start(job: Job, runner: Runner): void {
    job.runner = runner;
    runner.job = job;
    job.startedAtMs = this.#world.nowMs;
    this.#world.tell(() => `job ${job.id} runs on ${runner.name}`);
    this.onEvent(job, 'in_progress', 'in_progress');
    const ending = this.#world.random() < 0.8 ? 'ran-succeeded' : 'ran-failed';
    this.#world.clock.after(job.durationMs, () => this.#finish(job, ending));
  }

  /** A normal end: GitHub removes the ephemeral registration. */
  #finish(job: Job, ending: TaskEnding): void {
    const { runner } = job;
    if (job.endedAtMs !== undefined || runner === undefined || runner.offlineAtMs !== undefined) return;
    this.#complete(job);
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

  #complete(job: Job): void {
    if (job.endedAtMs !== undefined) return;
    job.endedAtMs = this.#world.nowMs;
    // From now on it can be removed; a normal end has removed it already.
    if (job.runner !== undefined) delete job.runner.job;
    this.#assignment.release(job);
    this.onEvent(job, 'completed', 'completed');
  }
}
