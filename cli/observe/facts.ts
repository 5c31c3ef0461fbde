import type { JobFact, TaskFact } from '../../functions/core/task/facts.ts';
import type { TaskHardware } from '../../functions/core/task/prices.ts';
import type { LogRecord } from './records.ts';
import type { JobView, RunnerView, Snapshot } from './snapshot.ts';

/** A task as ECS shows it, with what a TaskFact leaves out. */
export interface SeenTask {
  readonly fact: TaskFact;
  readonly hardware: TaskHardware;
  /** Billing begins with it (aws.amazon.com/fargate/pricing). */
  readonly pullStartedAtMs: number | undefined;
  readonly phases: Readonly<Record<string, number>>;
}

/** A job of an active run, as GitHub listed it then. */
export interface SeenJob {
  readonly job: JobFact;
  readonly repository: string;
  /** By the policy. */
  readonly isOurs: boolean;
  readonly readAtMs: number;
  /** Where the job itself was asked for: what a list of active runs leaves out. */
  readonly told?: Pick<JobView, 'name' | 'conclusion' | 'failedStep' | 'startedAtMs'>;
}

/** All that a snapshot is folded from; a part that was not read is empty, and `unread` says so. */
export interface Facts extends Pick<Snapshot, 'doubts' | 'policy' | 'unread'> {
  /** In any order; the same one twice does no harm. */
  readonly records: readonly LogRecord[];
  readonly tasks: readonly SeenTask[];
  readonly runners: readonly RunnerView[];
  readonly jobs: readonly SeenJob[];
}
