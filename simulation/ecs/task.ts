import { accountOf } from '../../functions/core/job/repository.ts';
import type { RunTaskRequest } from '../../functions/core/ports.ts';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import type { TaskStop } from '../../functions/core/words/stop-causes.ts';
import type { Runner } from '../github/types.ts';

/** A task; what ECS showed of it at any time follows from its times. */
export interface Task {
  readonly arn: string;
  readonly request: RunTaskRequest;
  readonly createdAtMs: number;
  startedAtMs?: number;
  stoppingAtMs?: number;
  stoppedAtMs?: number;
  ending?: TaskEnding;
  /** AWS took it back. */
  isTakenBack?: boolean;
  mark?: { readonly jobId: number; readonly atMs: number };
  jobOver?: { readonly heardAtMs: number; readonly atMs: number };
  runner?: Runner;
  /** A delivery about it came while ECS's lists did not show it yet. */
  isOverlooked?: boolean;
  /** How it is shown from its end on, which changes no more. */
  stopped?: TaskFact;
}

const TAKEN_BACK: TaskStop = {
  ...{ code: 'SpotInterruption', reason: 'Your Spot Task was interrupted.', cause: 'spot' },
};

/** The task as ECS showed it at a time; `undefined` before it was created. */
export function taskAt(task: Task, atMs: number): TaskFact | undefined {
  if (task.createdAtMs > atMs) return undefined;
  if ((task.stoppedAtMs ?? Infinity) > atMs) return factAt(task, atMs);
  task.stopped ??= factAt(task, atMs);
  return task.stopped;
}

function factAt(task: Task, atMs: number): TaskFact {
  const { launch, runnerId, runnerName } = task.request;
  const { repository } = launch;
  const was = (timeMs: number | undefined) => timeMs !== undefined && timeMs <= atMs;
  const isStopped = was(task.stoppedAtMs);
  const isStopping = was(task.stoppingAtMs);
  const isRunning = was(task.startedAtMs);
  return {
    taskArn: task.arn,
    runnerName,
    registration: { account: accountOf(repository), scope: launch.scope, runnerId },
    repository,
    labels: launch.labels,
    isRejection: launch.rejection !== undefined,
    size: launch.given,
    provider: launch.given.provider,
    // Tags are gone once a task has stopped.
    markedJobId: !isStopped && was(task.mark?.atMs) ? task.mark?.jobId : undefined,
    jobOverAtMs: !isStopped && was(task.jobOver?.atMs) ? task.jobOver?.heardAtMs : undefined,
    lastStatus: isStopped ? 'STOPPED' : isStopping ? 'DEPROVISIONING' : isRunning ? 'RUNNING' : 'PENDING',
    desiredStatus: isStopping ? 'STOPPED' : 'RUNNING',
    createdAtMs: task.createdAtMs,
    startedAtMs: isRunning ? task.startedAtMs : undefined,
    stoppedAtMs: isStopped ? task.stoppedAtMs : undefined,
    ending: isStopped ? task.ending : undefined,
    stop: isStopped && task.isTakenBack ? TAKEN_BACK : undefined,
  };
}
