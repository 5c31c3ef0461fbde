import { createLogUpdate } from 'log-update';
import { PAINT, toTerminal } from '../../cli/terminal.ts';
import { parseRunnerName } from '../../functions/core/job/identity.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { explain, REASONS, type Reason } from '../../functions/core/words/reasons.ts';
import type { TaskStateChangeEvent } from '../aws/index.ts';
import type { Delivery, Job } from '../github/types.ts';
import { STACK, type World } from '../world/start-world.ts';
import { isOurs } from './summary.ts';

/** How often the status block is drawn on a terminal, and how often a line is written elsewhere. Real time. */
const DRAW_EVERY_MS = 100;
const LINE_EVERY_MS = 3_000;

export interface Progress {
  /** Says what the scenario itself has done. */
  tell(line: string): void;
  stop(): void;
}

export const SILENT: Progress = { tell: () => undefined, stop: () => undefined };

/** Shows what happens in the world until it is stopped: lines for events, counters below them. */
export function showProgress(world: World, policy: Policy, output: NodeJS.WriteStream): Progress {
  const update = createLogUpdate(output);
  const startedAtMs = world.clock.nowMs();
  const seconds = () => Math.floor((world.clock.nowMs() - startedAtMs) / 1000);
  const isLive = output.isTTY === true;
  const print = (line: string) => {
    if (isLive) update.clear();
    output.write(toTerminal(`${PAINT.dim(time(seconds()))} ${line}\n`));
  };
  let shown = '';
  const draw = () => {
    const line = counters(world, policy);
    if (isLive) update(toTerminal(`${PAINT.dim(time(seconds()))} ${line}`));
    else if (line !== shown) print(line);
    shown = line;
  };
  world.github.on('job', (job) => tell(jobLine(job, policy), print));
  world.github.on('delivery', (delivery) => tell(deliveryLine(delivery), print));
  world.aws.on('task-state-change', ({ detail }) => tell(taskLine(detail, world), print));
  world.github.on('runner', ({ change, runner, reason }) => {
    if (change === 'removed' && reason !== 'job-completed')
      print(PAINT.dim(`runner ${runner.name} removed: ${reason}`));
  });
  const timer = setInterval(draw, isLive ? DRAW_EVERY_MS : LINE_EVERY_MS);
  return {
    tell: print,
    stop() {
      clearInterval(timer);
      draw();
      if (isLive) update.done();
    },
  };
}

const tell = (line: string | undefined, print: (line: string) => void) => {
  if (line !== undefined) print(line);
};

const time = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}`;

function jobLine(job: Job, policy: Policy): string | undefined {
  const name = `${job.repository} ${job.name}`;
  if (job.status === 'in_progress') {
    const waited = Math.round(((job.startedAtMs ?? 0) - job.queuedAtMs) / 1000);
    const swapped =
      isOurs(job, policy) && !job.runnerName?.includes(`-${job.id}-`) ? ', on the runner of another job' : '';
    return `${PAINT.cyan('▶')} ${name} started after ${waited} s${swapped}`;
  }
  if (job.status !== 'completed') return undefined;
  if (job.conclusion === 'success') return `${PAINT.green('✓')} ${name}`;
  const why = job.annotation === null ? '' : ` (${job.annotation})`;
  return `${PAINT.yellow('✗')} ${name}: ${job.conclusion}${why}`;
}

const ORDINARY = new Set<Reason>(['launched', 'marked', 'swapped', 'runner-unknown', 'action-not-queued']);

/** Launches that repair something, and tasks that ended badly. */
function taskLine(task: TaskStateChangeEvent['detail'], { github }: World): string | undefined {
  const identity = parseRunnerName(STACK, task.startedBy ?? '');
  const job = github.jobs().find(({ id }) => id === identity?.jobId);
  if (identity === undefined || job === undefined) return undefined;
  const name = `${job.repository} ${job.name}`;
  if (task.lastStatus === 'PROVISIONING' && task.desiredStatus === 'RUNNING' && identity.generation > 0)
    return `${PAINT.magenta('↻')} ${name} launched by reconcile, ${identity.generation} min after it was queued`;
  const hasFailed = task.lastStatus === 'STOPPED' && task.stopCode !== 'EssentialContainerExited';
  return hasFailed ? PAINT.dim(`task for ${name} stopped: ${task.stoppedReason}`) : undefined;
}

/** Only what is not the ordinary course: ignored, refused, forged, failed. */
function deliveryLine({
  statusCode,
  responseBody,
  status,
  action,
  redelivery,
}: Delivery): string | undefined {
  const { reason, message = status } = readAnswer(responseBody);
  if (reason !== undefined && ORDINARY.has(reason)) return undefined;
  const mark = statusCode === 200 || statusCode === 202 ? PAINT.dim('·') : PAINT.red('!');
  const what = redelivery ? 'redelivery' : 'delivery';
  return `${mark} ${what} ${action ?? ''} answered ${statusCode || 'not at all'}: ${message}`;
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
    return body === '' ? {} : { message: body.slice(0, 200) };
  }
}

function counters({ github, aws, faults }: World, policy: Policy): string {
  const ours = github.jobs().filter((job) => isOurs(job, policy));
  const count = (status: Job['status']) => ours.filter((job) => job.status === status).length;
  const live = aws.tasks().filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const struck = [...faults.struck.values()].reduce((sum, count) => sum + count, 0);
  const running = live.filter(({ lastStatus }) => lastStatus === 'RUNNING').length;
  return [
    `jobs: ${count('queued')} queued, ${count('in_progress')} running, ${count('completed')} of ${ours.length} ended`,
    `tasks: ${live.length - running} starting, ${running} running`,
    `runners: ${github.runners().length}`,
    `doubts: ${Object.values(aws.queues.doubts.depth()).reduce((sum, count) => sum + count, 0)}`,
    ...(struck > 0 ? [`faults struck: ${struck}`] : []),
  ].join(PAINT.dim('  |  '));
}
