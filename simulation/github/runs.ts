import type { JobFact } from '../../functions/core/task/facts.ts';
import { SECOND, type World } from '../world.ts';
import { type Job, jobAt, updatedAtMs } from './types.ts';

export interface ListedRun {
  readonly id: number;
  readonly status: 'queued' | 'in_progress' | 'waiting';
  readonly updatedAtMs: number;
}

/** Runs and their jobs as GitHub lists them: up to 30 s late, and a run that changes its page while it is read, not at all. */
export class Runs {
  readonly #jobsOf = new Map<number, Job[]>();
  readonly #runsOf = new Map<number, number[]>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
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

  /** A repository's active runs. */
  listActive(repositoryId: number): ListedRun[] {
    return (this.#runsOf.get(repositoryId) ?? []).flatMap((id) => {
      const atMs = this.#atMs();
      const statuses = new Set(this.#jobsAt(id, atMs).map(({ status }) => status));
      const status = (['in_progress', 'queued', 'waiting'] as const).find((one) => statuses.has(one));
      if (status === undefined || this.#world.strikes('github-run-missed')) return [];
      return [{ id, status, updatedAtMs: updatedAtMs(this.#jobsOf.get(id) ?? [], atMs) }];
    });
  }

  listJobs(runId: number): JobFact[] {
    return this.#jobsAt(runId, this.#atMs()).filter(() => !this.#world.strikes('github-malformed-record'));
  }

  /** One job by its id; this is not behind. */
  readJob(job: Job): JobFact | undefined {
    return jobAt(job, this.#world.nowMs);
  }

  /** Whether anything of a repository's runs has changed since. */
  hasChangedSince(repositoryId: number, sinceMs: number): boolean {
    const { nowMs } = this.#world;
    return (this.#runsOf.get(repositoryId) ?? []).some(
      (id) => updatedAtMs(this.#jobsOf.get(id) ?? [], nowMs) >= sinceMs,
    );
  }

  #atMs(): number {
    return this.#world.nowMs - this.#world.lag('github-lag', 30 * SECOND);
  }

  #jobsAt(runId: number, atMs: number): JobFact[] {
    return (this.#jobsOf.get(runId) ?? []).flatMap((job) => {
      const shown = jobAt(job, atMs);
      // A job that is still shown as queued may be launched once more.
      if (shown?.status === 'queued' && job.startedAtMs !== undefined) this.#world.noteStrike('github-lag');
      return shown ?? [];
    });
  }
}
