import type { ProviderName } from '../job/providers.ts';
import type { Account, Repository, Scope } from '../job/repository.ts';
import type { TaskStop } from '../words/stop-causes.ts';
import type { TaskEnding } from './exit-codes.ts';

/** A task of this deployment as ECS shows it. Times are epoch milliseconds. */
export interface TaskFact {
  readonly taskArn: string;
  readonly runnerName: string;
  /** From the task's override environment (rule 2); `undefined` where a person started the task by hand. */
  readonly registration:
    | { readonly account: Account; readonly scope: Scope; readonly runnerId: number }
    | undefined;
  /** The repository that it was launched for; from the override environment, which outlives a stop as tags do not. */
  readonly repository: Repository | undefined;
  /** The workflow of the job that it was launched for, where the launch knew it. */
  readonly workflowName?: string | undefined;
  /** The labels that its runner has, in lower case. */
  readonly labels: readonly string[];
  /** Started to fail a job that cannot be served. */
  readonly isRejection: boolean;
  readonly size: { readonly vcpu: number; readonly memoryGiB: number };
  readonly provider: ProviderName;
  /** The mark: the job that it runs (rule 19). */
  readonly markedJobId: number | undefined;
  /** When GitHub's word that its job is over was heard (rule 23). */
  readonly jobOverAtMs?: number | undefined;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly stoppedAtMs: number | undefined;
  /** `undefined` until the task has stopped. */
  readonly ending: TaskEnding | undefined;
  /** What ECS says of its stop; `undefined` until the task has stopped. */
  readonly stop?: TaskStop | undefined;
}

/** A workflow job of an active run as GitHub lists it. Times are epoch milliseconds. */
export interface JobFact {
  readonly jobId: number;
  readonly runId: number;
  /** Of its run, where it is told. */
  readonly runAttempt?: number | undefined;
  /** `queued`, `waiting`, `pending`, `in_progress`, `completed`. */
  readonly status: string;
  readonly workflowName?: string | undefined;
  readonly labels: readonly string[];
  readonly createdAtMs: number;
  readonly runnerName: string | undefined;
  /** When it ended; `undefined` while it has not. */
  readonly completedAtMs?: number | undefined;
  /** When anything of its run changed last, where the list of runs said so. */
  readonly runUpdatedAtMs?: number | undefined;
}
