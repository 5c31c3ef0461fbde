import type { JobFact } from '../../functions/core/task/facts.ts';
import { runStatus, updatedAtMs } from '../../model/github/job.ts';
import { SECOND, type World } from '../world.ts';
import { type Job, jobAt, type NewJob, type Run, type ShownJob } from './types.ts';

export interface ListedRun {
  readonly id: number;
  readonly status: 'queued' | 'in_progress' | 'waiting';
  readonly updatedAtMs: number;
}

/** Runs and their jobs as GitHub lists them: up to 30 s late, and a run that changes its page while it is read, not at all. */
export class Runs {
  readonly #byId = new Map<number, Run>();
  readonly #byRepository = new Map<number, Run[]>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** The run of this job, which is made with its first one. */
  of({ runId, repository, maxParallel = Infinity }: NewJob): Run {
    const known = this.#byId.get(runId);
    if (known !== undefined) return known;
    const run: Run = { id: runId, maxParallel, jobs: [] };
    this.#byId.set(runId, run);
    this.#byRepository.set(repository.id, [...this.#in(repository.id), run]);
    return run;
  }

  /** A repository's active runs. */
  listActive(repositoryId: number): ListedRun[] {
    return this.#in(repositoryId).flatMap(({ id, jobs }) => {
      const atMs = this.#atMs();
      const status = runStatus(this.#jobsAt(id, atMs).map(({ status }) => status));
      if (status === 'completed' || this.#world.strikes('github-run-missed')) return [];
      return [{ id, status, updatedAtMs: updatedAtMs(jobs, atMs) }];
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
    return this.#in(repositoryId).some(({ jobs }) => updatedAtMs(jobs, nowMs) >= sinceMs);
  }

  #in(repositoryId: number): Run[] {
    return this.#byRepository.get(repositoryId) ?? [];
  }

  #atMs(): number {
    return this.#world.nowMs - this.#world.lag('github-lag', 30 * SECOND);
  }

  #jobsAt(runId: number, atMs: number): ShownJob[] {
    return (this.#byId.get(runId)?.jobs ?? []).flatMap((job) => {
      const shown = jobAt(job, atMs);
      // A job that is still shown as queued may be launched once more.
      if (shown?.status === 'queued' && job.startedAtMs !== null) this.#world.noteStrike('github-lag');
      return shown ?? [];
    });
  }
}
