/** What is told of the world's events while a scenario plays. */
import { PAINT } from '../../cli/terminal.ts';
import { parseRunnerName } from '../../functions/core/job/identity.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { explain, isUnservable, REASONS, type Reason } from '../../functions/core/words/reasons.ts';
import type { TaskStateChangeEvent } from '../aws/index.ts';
import type { Delivery, Job, RunnerEvent } from '../github/types.ts';
import { STACK, type World } from '../world/start-world.ts';
import type { Happening } from './digest.ts';
import { isOurs } from './summary.ts';

export function ofJob(job: Job, policy: Policy): Happening | undefined {
  const name = `${job.repository} ${job.name}`;
  if (job.status === 'in_progress') return ofStart(job, name, policy);
  if (job.status !== 'completed') return undefined;
  if (job.conclusion === 'success') {
    const mark = PAINT.green('✓');
    return { kind: 'success', line: `${mark} ${name}`, many: (count) => `${mark} ${count} jobs succeeded` };
  }
  const why = job.annotation === null ? '' : ` (${job.annotation})`;
  const mark = PAINT.yellow('✗');
  return {
    kind: `${job.conclusion}${why}`,
    line: `${mark} ${name}: ${job.conclusion}${why}`,
    many: (count) => `${mark} ${count} jobs: ${job.conclusion}${why}`,
  };
}

function ofStart(job: Job, name: string, policy: Policy): Happening {
  const value = Math.round(((job.startedAtMs ?? 0) - job.queuedAtMs) / 1000);
  const isSwapped = isOurs(job, policy) && !job.runnerName?.includes(`-${job.id}-`);
  const note = 'on the runner of another job';
  const mark = PAINT.cyan('▶');
  return {
    kind: isOurs(job, policy) ? 'started' : 'started elsewhere',
    line: `${mark} ${name} started after ${value} s${isSwapped ? `, ${note}` : ''}`,
    many: (count) => `${mark} ${count} jobs started`,
    amount: { value, words: (range) => `, after ${range} s` },
    ...(isSwapped && { note }),
  };
}

/** Launches that repair something, and tasks that ended badly. */
export function ofTask(task: TaskStateChangeEvent['detail'], { github }: World): Happening | undefined {
  const identity = parseRunnerName(STACK, task.startedBy ?? '');
  const job = github.jobs().find(({ id }) => id === identity?.jobId);
  if (identity === undefined || job === undefined) return undefined;
  const name = `${job.repository} ${job.name}`;
  if (task.lastStatus === 'PROVISIONING' && task.desiredStatus === 'RUNNING' && identity.generation > 0)
    return ofRepair(name, identity.generation);
  const hasFailed = task.lastStatus === 'STOPPED' && task.stopCode !== 'EssentialContainerExited';
  if (!hasFailed) return undefined;
  const told = (what: string) => PAINT.dim(`${what} stopped: ${task.stoppedReason}`);
  return {
    kind: `stopped ${task.stoppedReason}`,
    line: told(`task for ${name}`),
    many: (count) => told(`${count} tasks`),
  };
}

function ofRepair(name: string, minutes: number): Happening {
  const mark = PAINT.magenta('↻');
  return {
    kind: 'launched by reconcile',
    line: `${mark} ${name} launched by reconcile, ${minutes} min after it was queued`,
    many: (count) => `${mark} ${count} jobs launched by reconcile`,
    amount: { value: minutes, words: (range) => `, ${range} min after they were queued` },
  };
}

/** The ordinary course, and what the line of the job itself tells. */
const ORDINARY = new Set<Reason>([
  'launched',
  'marked',
  'swapped',
  'runner-unknown',
  'action-not-queued',
  'job-ended',
]);

/** Only what is not the ordinary course: ignored, refused, forged, failed. */
export function ofDelivery(delivery: Delivery): Happening | undefined {
  const { statusCode, responseBody, status, action, redelivery } = delivery;
  const { reason, message = status } = readAnswer(responseBody);
  if (reason !== undefined && (ORDINARY.has(reason) || isUnservable(reason))) return undefined;
  const mark = statusCode === 200 || statusCode === 202 ? PAINT.dim('·') : PAINT.red('!');
  const answered = `answered ${statusCode || 'not at all'}`;
  return {
    kind: `delivery ${statusCode} ${reason ?? message}`,
    line: `${mark} ${redelivery ? 'redelivery' : 'delivery'} ${action ?? ''} ${answered}: ${message}`,
    many: (count) =>
      `${mark} ${count} deliveries ${answered}: ${reason === undefined ? message : explain(reason)}`,
  };
}

function readAnswer(body: string): { reason?: Reason; message?: string } {
  try {
    const { reason, message } = JSON.parse(body) as { reason?: string; message?: string };
    const isKnown = reason !== undefined && Object.hasOwn(REASONS, reason);
    return {
      ...(isKnown && { reason: reason as Reason }),
      message: message ?? (isKnown ? explain(reason as Reason) : body),
    };
  } catch {
    return body === '' ? {} : { message: body };
  }
}

/** Registrations go with their job: any other end of one is told. */
export function ofRunner({ change, runner, reason }: RunnerEvent): Happening | undefined {
  if (change !== 'removed' || reason === 'job-completed') return undefined;
  return {
    kind: `removed ${reason}`,
    line: PAINT.dim(`runner ${runner.name} removed: ${reason}`),
    many: (count) => PAINT.dim(`${count} runners removed: ${reason}`),
  };
}
