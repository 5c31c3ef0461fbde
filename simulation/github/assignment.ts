import { SECOND, type World } from '../world.ts';
import { fits, type Job, type Runner } from './types.ts';

interface Acts {
  start(job: Job, runner: Runner): void;
  cancel(job: Job): void;
}

/** Who gets which job: any idle runner may take any queued job that it fits, whomever it was launched for. */
export class Assignment {
  readonly #queued = new Set<Job>();
  readonly #idle = new Set<Runner>();
  readonly #world: World;
  readonly #jobs: ReadonlyMap<number, Job>;
  readonly #acts: Acts;

  constructor(world: World, jobs: ReadonlyMap<number, Job>, acts: Acts) {
    this.#world = world;
    this.#jobs = jobs;
    this.#acts = acts;
  }

  isIdle(runner: Runner): boolean {
    return this.#idle.has(runner);
  }

  queue(job: Job): void {
    this.#queued.add(job);
    this.#place(job);
  }

  unqueue(job: Job): void {
    this.#queued.delete(job);
  }

  addIdle(runner: Runner): void {
    this.#idle.add(runner);
    const fitting = [...this.#queued].filter(
      (job) => job.assigned === undefined && fits(runner, job) && !this.#isHeldBack(job),
    );
    const job = this.#choose(runner, fitting);
    if (job !== undefined) this.#assign(job, runner);
  }

  removeIdle(runner: Runner): void {
    this.#idle.delete(runner);
  }

  #choose(runner: Runner, fitting: readonly Job[]): Job | undefined {
    const own = fitting.find(({ id }) => id === runner.launchedForJobId);
    const home = this.#jobs.get(runner.launchedForJobId ?? 0);
    const alike = fitting.filter(
      (job) => job.repository === home?.repository && job.labels.length === runner.labels.length,
    );
    const foreign = fitting.find((job) => !job.isOurs);
    if (foreign !== undefined) return foreign;
    if (fitting.length > 1 && this.#world.strikes('swap-across')) return this.#world.pick(fitting);
    if (alike.length > 1 && this.#world.strikes('swap-within')) return this.#world.pick(alike);
    const chosen = this.#byPolicy(own, alike, fitting);
    // Nobody's fault, and it costs what such a swap costs: supply is counted by repository and labels.
    if (chosen !== undefined && chosen !== own && !alike.includes(chosen))
      this.#world.noteStrike('swap-across');
    return chosen;
  }

  #byPolicy(own: Job | undefined, alike: readonly Job[], fitting: readonly Job[]): Job | undefined {
    const { assigns } = this.#world;
    if (assigns === 'own') return own ?? alike[0] ?? fitting[0];
    if (assigns === 'random') return fitting.length > 0 ? this.#world.pick(fitting) : undefined;
    const oldestFirst = fitting.toSorted((a, b) => a.queuedAtMs - b.queuedAtMs || a.id - b.id);
    return assigns === 'oldest' ? oldestFirst[0] : oldestFirst.at(-1);
  }

  /** `max-parallel`: GitHub announces all jobs of a matrix as queued, and hands out this many at once (runs-on#452). */
  #isHeldBack({ mostAtOnce, runId }: Job): boolean {
    if (mostAtOnce === undefined) return false;
    const busy = [...this.#jobs.values()].filter(
      (job) => job.runId === runId && job.assigned !== undefined && job.endedAtMs === undefined,
    );
    return busy.length >= mostAtOnce;
  }

  /** A job of the run has ended: the next may be handed out. */
  release(ended: Job): void {
    if (ended.mostAtOnce === undefined) return;
    const next = [...this.#queued].find((job) => job.runId === ended.runId && job.assigned === undefined);
    if (next === undefined) return;
    next.runnableAtMs = this.#world.nowMs;
    this.#place(next);
  }

  #place(job: Job): void {
    if (this.#isHeldBack(job)) return;
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
    const isDying = this.#world.strikes('dying-runner');
    const isGone = runner.offlineAtMs !== undefined;
    if (job.endedAtMs === undefined && this.#world.strikes('cancelled-as-assigned')) {
      job.namedRunner = runner;
      this.#acts.cancel(job);
    }
    if (job.endedAtMs !== undefined) {
      delete runner.assigned;
      if (!isGone) this.addIdle(runner);
      return;
    }
    if (isDying || isGone) {
      this.#world.tell(() => `job ${job.id} was assigned to dying ${runner.name}`);
      this.#world.clock.after(60 * SECOND, () => this.#requeue(job, runner));
      return;
    }
    this.#queued.delete(job);
    this.#acts.start(job, runner);
  }

  /**
   * A job that its runner does not pick up is assigned again after 60 s (docs.github.com, Self-hosted runners
   * reference).
   */
  #requeue(job: Job, runner: Runner): void {
    delete job.assigned;
    delete runner.assigned;
    runner.end?.('assignment-lost');
    if (job.endedAtMs === undefined) this.#place(job);
  }
}
