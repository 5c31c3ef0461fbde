import { pick } from '../dice.ts';
import { type Batch, end, type Job, type Runner, start } from './job.ts';

/** How GitHub chooses among the jobs that fit a runner (GH-19). */
export type Policy = 'oldest' | 'youngest' | 'random';

type Dated = { readonly id: number; readonly queuedAtMs: number };

/** The job that a runner gets by this policy, of those that fit it. */
export function choose<J extends Dated>(policy: Policy, fitting: readonly J[], random: () => number) {
  if (policy === 'random') return fitting.length > 0 ? pick(random, fitting) : undefined;
  const oldestFirst = fitting.toSorted((a, b) => a.queuedAtMs - b.queuedAtMs || a.id - b.id);
  return oldestFirst.at(policy === 'oldest' ? 0 : -1);
}

const batchOf = <J extends Job<J, Runner<J>>>({ batch, run }: J): Batch<J> => batch ?? run;

/** The jobs that wait and the runners that are idle: any runner may take any job that it fits (GH-18). */
export class Actions<J extends Job<J, R>, R extends Runner<J>> {
  readonly #queued = new Set<J>();
  readonly #idle = new Set<R>();
  readonly #fits: (runner: R, job: J) => boolean;
  readonly #random: () => number;

  constructor(fits: (runner: R, job: J) => boolean, random: () => number) {
    this.#fits = fits;
    this.#random = random;
  }

  /** The job needs no approval, or has it; answers the runner that it is given to. */
  queue(job: J, nowMs: number): R | undefined {
    job.status = 'queued';
    job.queuedAtMs = nowMs;
    this.#queued.add(job);
    return this.place(job);
  }

  /** Gives a queued job to any of the idle runners that fit: runners get swapped. */
  place(job: J): R | undefined {
    if (!this.#isToBeGiven(job)) return undefined;
    const idle = [...this.#idle].filter((runner) => this.#fits(runner, job));
    const runner = idle.length > 0 ? pick(this.#random, idle) : undefined;
    if (runner !== undefined) this.#assign(job, runner);
    return runner;
  }

  /** The runner is idle; answers the job that it is given. */
  offer(runner: R, choice: (fitting: readonly J[]) => J | undefined): J | undefined {
    this.#idle.add(runner);
    const job = choice([...this.#queued].filter((one) => this.#isToBeGiven(one) && this.#fits(runner, one)));
    if (job !== undefined) this.#assign(job, runner);
    return job;
  }

  isIdle(runner: R): boolean {
    return this.#idle.has(runner);
  }

  /** The runner is gone, or silent. */
  withdraw(runner: R): void {
    this.#idle.delete(runner);
  }

  #assign(job: J, runner: R): void {
    this.#idle.delete(runner);
    job.assigned = runner;
    job.assignments += 1;
    runner.job = job;
  }

  /** The runner no longer has a job; answers the one that it had. */
  unassign(runner: R): J | null {
    const { job } = runner;
    if (job?.assigned === runner) job.assigned = null;
    runner.job = null;
    runner.busy = false;
    return job;
  }

  /** The job starts. */
  start(job: J, nowMs: number): void {
    this.#queued.delete(job);
    start(job, nowMs);
  }

  /** The job is over; answers the job that `max-parallel` has kept back and that can be given now. */
  end(job: J, nowMs: number): J | undefined {
    this.#queued.delete(job);
    end(job, nowMs);
    const batch = batchOf<J>(job);
    if (batch.maxParallel === Infinity) return undefined;
    return [...this.#queued].find((one) => batchOf<J>(one) === batch && one.assigned === null);
  }

  /** All jobs of a run are announced as queued at once, and with `max-parallel` few are given away (runs-on#452). */
  #isToBeGiven(job: J): boolean {
    const { status, assigned } = job;
    const { jobs, maxParallel } = batchOf<J>(job);
    const isGiven = (one: J) =>
      one.status === 'in_progress' || (one.status === 'queued' && one.assigned !== null);
    const hasRoom = () => maxParallel === Infinity || jobs.filter(isGiven).length < maxParallel;
    return status === 'queued' && assigned === null && hasRoom();
  }
}
