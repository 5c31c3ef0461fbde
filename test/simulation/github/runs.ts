import type { JobFact } from '../../../functions/core/facts.ts';
import { SECOND, type World } from '../world.ts';
import type { Limits } from './limits.ts';
import { type Job, jobAt } from './types.ts';

/** A list of runs by each of the four statuses in which a run may have queued jobs. */
const READS_OF_RUNS = 4;
const PAGE = 100;

/** Runs and their jobs as GitHub lists them: up to 30 s late, and a run that changes its page while it is read, not at all. */
export class Runs {
  readonly #jobsOf = new Map<number, Job[]>();
  readonly #runsOf = new Map<number, number[]>();
  readonly #world: World;
  readonly #limits: Limits;

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = limits;
  }

  add(job: Job): void {
    const run = this.#jobsOf.get(job.runId);
    if (run !== undefined) {
      run.push(job);
      return;
    }
    this.#jobsOf.set(job.runId, [job]);
    const runs = this.#runsOf.get(job.repository.id) ?? [];
    this.#runsOf.set(job.repository.id, [...runs, job.runId]);
  }

  /** Ids of a repository's active runs. */
  listActive(repositoryId: number): number[] {
    this.#limits.spend();
    this.#world.counts.jobReads += READS_OF_RUNS;
    const isActive = (runId: number) => this.#jobsAt(runId).some(({ status }) => status !== 'completed');
    return (this.#runsOf.get(repositoryId) ?? []).filter(
      (runId) => isActive(runId) && !this.#world.strikes('runMissed'),
    );
  }

  listJobs(runIds: readonly number[]): JobFact[] {
    return runIds.flatMap((runId) => {
      this.#limits.spend();
      const jobs = this.#jobsAt(runId);
      this.#world.counts.jobReads += Math.max(1, Math.ceil(jobs.length / PAGE));
      return jobs;
    });
  }

  #jobsAt(runId: number): JobFact[] {
    const atMs = this.#world.nowMs - this.#world.lag('githubLag', 30 * SECOND);
    return (this.#jobsOf.get(runId) ?? []).flatMap((job) => {
      const shown = jobAt(job, atMs);
      // A job that is still shown as queued may be launched once more.
      if (shown?.status === 'queued' && job.startedAtMs !== undefined) this.#world.noteStrike('githubLag');
      return shown ?? [];
    });
  }
}
