import type { Repository } from '../job/repository.ts';
import type { JobFact, TaskFact } from '../task/facts.ts';
import type { Launch } from './decide-launch.ts';
import type { EndedJob } from './doubt.ts';

/** What a reconcile of one repository is planned from. */
export interface ReconcileSnapshot {
  readonly repository: Repository;
  /** Jobs of active runs, read before the tasks (rule 13). */
  readonly jobs: readonly JobFact[];
  /** All of them: only then does it prove anything that a job is not there. */
  readonly isWhole: boolean;
  /** A job of ours that has just ended, where that is what the look is for. */
  readonly endedJob?: EndedJob | undefined;
  /** When that read began, epoch milliseconds. */
  readonly jobsReadAtMs: number;
  /** Tasks of this deployment, those that stopped lately included. */
  readonly tasks: readonly TaskFact[];
}

/** A task that was launched for a job of the repository. */
export type RepositoryTask = TaskFact & { readonly launchedForJobId: number };
/** A job of ours that no runner has yet. */
export type OpenJob = JobFact & { readonly launch: Launch };
