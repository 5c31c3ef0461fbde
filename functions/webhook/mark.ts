import { decideQueued } from '../core/decide-launch.ts';
import type { DoubtedRepository } from '../core/doubt.ts';
import type { JobEvent } from '../core/events.ts';
import type { TaskFact } from '../core/facts.ts';
import { type LaunchIdentity, parseRunnerName } from '../core/identity.ts';
import type { Policy } from '../core/policy.ts';
import type { MarkPorts } from '../core/ports.ts';
import type { Reason } from '../core/reasons.ts';

export interface Marking {
  readonly reason: Extract<Reason, 'marked' | 'swapped' | 'runner-unknown'>;
}

/**
 * A job began on one of our runners (rule 19): the task is marked, so that it counts for no other job. Where the job
 * that the runner was launched for may now have none, that job's repository is in doubt. Throws ServiceError.
 */
export async function mark(
  event: JobEvent,
  ports: MarkPorts,
  policy: Policy,
  prefix: string,
): Promise<Marking> {
  // The name before labels and policy: a runner of ours may have been taken by a job that is not.
  const identity = event.runnerName === undefined ? undefined : parseRunnerName(prefix, event.runnerName);
  if (event.runnerName === undefined || identity === undefined) return { reason: 'runner-unknown' };
  const task = await ports.findTask(event.runnerName);
  const isOwn = identity.jobId === event.jobId;
  const robbed = isOwn ? undefined : robbedRepository(event, identity, task);
  // The doubt first: a task that has stopped meanwhile can no longer be marked, and its loss must still be made good.
  if (robbed !== undefined && doesSwapMatter(event, identity, task, policy))
    await ports.doubt({ repository: robbed });
  if (task !== undefined) await ports.markTask(task.taskArn, event.jobId);
  if (!isOwn) return { reason: 'swapped' };
  return { reason: task ? 'marked' : 'runner-unknown' };
}

/** The repository of the job that the runner was launched for, where it can be named. */
function robbedRepository(
  event: JobEvent,
  identity: LaunchIdentity,
  task: TaskFact | undefined,
): DoubtedRepository | undefined {
  if (task?.repository !== undefined) return task.repository;
  return identity.repositoryId === event.repository.id
    ? { ...event.repository, installationId: event.installationId }
    : undefined;
}

/** Two like jobs of one repository that swap runners leave supply and demand as they were. */
function doesSwapMatter(
  event: JobEvent,
  identity: LaunchIdentity,
  task: TaskFact | undefined,
  policy: Policy,
): boolean {
  const isTakerOurs = decideQueued(event, policy).verdict === 'launch';
  const labels = new Set(event.labels.map((label) => label.toLowerCase()));
  const isSameLabels =
    task !== undefined &&
    task.labels.length === labels.size &&
    task.labels.every((label) => labels.has(label));
  return !isTakerOurs || identity.repositoryId !== event.repository.id || !isSameLabels;
}
