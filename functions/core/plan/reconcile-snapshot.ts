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
  /** One of our jobs that has just ended, if the look is for that. */
  readonly endedJob?: EndedJob | undefined;
  /** When that read began, epoch milliseconds. */
  readonly jobsReadAtMs: number;
  /** Tasks of this deployment, those that stopped lately included. */
  readonly tasks: readonly TaskFact[];
}

/** A task that was launched for a job of the repository. */
export type RepositoryTask = TaskFact & { readonly launchedForJobId: number };
/** One of our jobs that no runner has yet. */
export type OpenJob = JobFact & { readonly launch: Launch };
