import { isAllowed, isAllowedOwner } from '../core/job/allow.ts';
import type { JobEvent } from '../core/job/events.ts';
import { type LaunchIdentity, parseRunnerName } from '../core/job/identity.ts';
import type { Policy } from '../core/job/policy.ts';
import type { Repository } from '../core/job/repository.ts';
import { decideQueued } from '../core/plan/decide-launch.ts';
import { raiseDoubt } from '../core/plan/doubt.ts';
import type { MarkPorts } from '../core/ports.ts';
import type { TaskFact } from '../core/task/facts.ts';
import type { Reason } from '../core/words/reasons.ts';
import { doesFit } from './does-fit.ts';

export interface Marked {
  readonly reason: Extract<
    Reason,
    'marked' | 'swapped' | 'runner-unknown' | 'owner-not-allowed' | 'mark-does-not-fit'
  >;
}

export interface MarkOptions {
  readonly policy: Policy;
  readonly prefix: string;
  readonly nowMs: number;
}

/**
 * The identity that a runner's name claims. A name alone proves nothing: anyone who registers a runner chooses its
 * name.
 */
export function claimedIdentity(
  { runnerName, repository }: JobEvent,
  { policy, prefix }: Pick<MarkOptions, 'policy' | 'prefix'>,
): LaunchIdentity | Extract<Marked['reason'], 'runner-unknown' | 'owner-not-allowed'> {
  const identity = runnerName === undefined ? undefined : parseRunnerName(prefix, runnerName);
  if (identity === undefined) return 'runner-unknown';
  return isAllowedOwner(repository.owner, policy) ? identity : 'owner-not-allowed';
}

/**
 * A job began on one of our runners (rule 19): the task is marked, so that it counts for no other job. Where the job that
 * the runner was launched for may now have none, that job's repository is in doubt. Throws ServiceError.
 */
export async function mark(
  event: JobEvent,
  identity: LaunchIdentity,
  ports: MarkPorts,
  options: MarkOptions,
): Promise<Marked> {
  const task = await ports.findTask(event.runnerName ?? '');
  if (task !== undefined && !doesFit(event, task)) return { reason: 'mark-does-not-fit' };
  const isOwn = identity.jobId === event.jobId;
  const displaced = isOwn ? undefined : displacedRepository(event, identity, task, options.policy);
  // The doubt first: a task that has stopped meanwhile can no longer be marked, and its loss must still be made good.
  if (displaced !== undefined && doesSwapMatter(event, identity, task, options.policy))
    await ports.doubt(raiseDoubt(displaced, options.nowMs, { jobIds: [identity.jobId], isNews: true }));
  if (task !== undefined) await ports.markTask(task.taskArn, event.jobId);
  if (!isOwn) return { reason: 'swapped' };
  return { reason: task ? 'marked' : 'runner-unknown' };
}

/** The repository of the job that the runner was launched for, where it can be named. */
function displacedRepository(
  event: JobEvent,
  identity: LaunchIdentity,
  task: TaskFact | undefined,
  policy: Policy,
): Repository | undefined {
  if (task?.repository !== undefined) return task.repository;
  // Without a task nothing but the name speaks: believed of a repository that only doubts itself.
  return identity.repositoryId === event.repository.id && isAllowed(event.repository, policy)
    ? event.repository
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
