import type { JobEvent } from '../core/job/events.ts';
import type { Policy } from '../core/job/policy.ts';
import { PROVIDERS } from '../core/job/providers.ts';
import { decideQueued } from '../core/plan/decide-launch.ts';
import type { LostJob } from '../core/plan/doubt.ts';
import type { MarkPorts } from '../core/ports.ts';
import type { Reason } from '../core/words/reasons.ts';
import { doesFit } from './does-fit.ts';

export interface NotedEnd {
  readonly reason: Extract<Reason, 'job-ended' | 'mark-does-not-fit'>;
  /** The task that was told. */
  readonly taskArn?: string;
}

/**
 * A job has ended on one of our runners (rule 23). A runner takes one job, so its task is over too: where ECS still shows
 * it, it is told so, and the sweep stops it if it stays. A job without a step may never have begun there, and the runner
 * may be given another (rule 20). Throws ServiceError.
 */
export async function noteEnd(event: JobEvent, ports: MarkPorts, nowMs: number): Promise<NotedEnd> {
  if (!event.hasSteps) return { reason: 'job-ended' };
  const task = await ports.findTask(event.runnerName ?? '');
  if (task === undefined) return { reason: 'job-ended' };
  if (!doesFit(event, task)) return { reason: 'mark-does-not-fit' };
  await ports.noteJobOver(task.taskArn, nowMs);
  return { reason: 'job-ended', taskArn: task.taskArn };
}

/**
 * A first attempt that failed on Spot though no step of it did, and whose task is not desired to run any more: AWS may have
 * taken it. Reconcile asks ECS and GitHub whether it has (rule 26).
 */
export function lostJobOf(event: JobEvent, policy: Policy): LostJob | undefined {
  const { jobId, runnerName, conclusion, failedStep, runAttempt } = event;
  if (policy.spot.rerun !== 'once' || runAttempt !== 1 || runnerName === undefined) return undefined;
  if (conclusion !== 'failure' || failedStep !== undefined) return undefined;
  const decision = decideQueued(event, policy);
  const isOnSpot = decision.verdict === 'launch' && PROVIDERS[decision.given.provider].isInterruptible;
  return isOnSpot ? { jobId, runnerName, spotRunners: [] } : undefined;
}
