import { explain, type Reason } from '../../../functions/core/words/reasons.ts';
import { REMEDIES, remedyOf } from '../../../functions/core/words/remedies.ts';
import { STOP_CAUSES } from '../../../functions/core/words/stop-causes.ts';
import { span } from '../../units.ts';
import type { JobView, LaunchView, TaskView } from '../snapshot.ts';
import { unusualStop } from '../unusual-stop.ts';
import type { Observed } from './observed.ts';
import { ownPolicy } from './own-policy.ts';
import { type Wait, wait } from './waits.ts';
import { wantOf } from './want.ts';
import { whichLimit } from './which-limit.ts';

/** Where it has no runner, and none is under way. */
export const whyItIsQueued = (job: JobView, world: Observed): Wait | undefined =>
  functionsSilent(world) ??
  (job.reason === 'at-concurrency-limit' ? whichLimit(job, world.snapshot) : undefined) ??
  (job.reason === 'backing-off' ? backingOff(job, world) : undefined) ??
  launchFailed(job, world) ??
  taskStopped(job, world) ??
  leftToReconcile(job, world) ??
  unheard(job, world);

/** The sweep looks every few minutes: with all of them quiet for longer nothing repairs itself. */
const SILENT_MS = 20 * 60_000;

function functionsSilent({ snapshot, nowMs }: Observed): Wait | undefined {
  const { heardAtMs = snapshot.sinceMs, stack, unread } = snapshot;
  if (nowMs - heardAtMs < SILENT_MS || unread.length > 0) return undefined;
  return wait(
    'functions-silent',
    `No function of ${stack} has written to its log for ${span(nowMs - heardAtMs)}, not even the sweep: run oneshot doctor.`,
  );
}

function backingOff(job: JobView, world: Observed): Wait {
  const tries = job.launches.length;
  return wait(
    'backing-off',
    `${tries > 1 ? `Its ${tries} launches` : 'Its launch'} came to nothing${lastEnd(job, world)}.`,
    'Reconcile tries again after a pause, which grows to a quarter of an hour:',
    `oneshot logs ${job.jobId} shows what its tasks wrote.`,
  );
}

/** Refusals that no waiting cures. */
const LASTING = new Set(['not-permitted', 'not-found', 'invalid-request']);

function launchFailed(job: JobView, world: Observed): Wait | undefined {
  const last = job.launches.at(-1);
  const ago = last === undefined ? '' : span(world.nowMs - last.atMs);
  if (last?.outcome === 'unknown')
    return wait(
      'launch-unanswered',
      `No answer says whether its launch ${ago} ago happened: reconcile looks whether the task exists.`,
    );
  if (last?.outcome !== 'refused') return undefined;
  const isLasting = last.fault !== undefined || LASTING.has(last.refusal ?? '');
  return wait(
    isLasting ? 'launch-refused-for-good' : 'launch-refused',
    `Its launch was refused ${ago} ago: ${remedy(last, job, world)}.`,
    isLasting ? undefined : 'Reconcile launches it again.',
  );
}

function remedy(
  { fault, refusal, detail }: LaunchView,
  { repository }: JobView,
  { snapshot }: Observed,
): string {
  const known = [fault, refusal].find((one) => one !== undefined && Object.hasOwn(REMEDIES, one));
  if (known === undefined) return detail ?? 'GitHub or AWS did not say why';
  return remedyOf(known as keyof typeof REMEDIES, {
    scope: repository,
    runnerGroup: ownPolicy(repository, snapshot)?.runnerGroup ?? 1,
    parameterPath: `/oneshot/${snapshot.stack.replace(/^oneshot-/, '')}/github`,
  });
}

function taskStopped(job: JobView, world: Observed): Wait | undefined {
  const end = lastEnd(job, world);
  if (end === '') return undefined;
  return wait(
    'task-failed',
    `Its runner has stopped without running it${end}. Reconcile launches another:`,
    `oneshot logs ${job.jobId} shows what it wrote.`,
  );
}

/** `: its last task ended as never-connected`. */
function lastEnd({ launches, jobId }: JobView, { tasks }: Observed): string {
  const stopped = launches
    .flatMap(({ runnerName }) => tasks.get(runnerName) ?? [])
    .findLast((task) => task.status === 'STOPPED' && (task.runsJobId ?? jobId) === jobId);
  return stopped === undefined ? '' : `: its last task ended as ${endingOf(stopped)}`;
}

function endingOf(task: TaskView): string {
  const stop = unusualStop(task);
  const why = [stop && `${stop.cause}: ${STOP_CAUSES[stop.cause]}`, wantOf(task)];
  const told = why.filter((part) => part !== undefined).join('; ');
  return `${task.ending ?? 'unexplained'}${told && ` (${told})`}`;
}

const LEFT: ReadonlySet<Reason | undefined> = new Set<Reason>([
  ...(['taken', 'job-malformed', 'in-doubt', 'event-too-old', 'launched-before'] as const),
  ...(['cooling', 'concurrency-limited', 'matched', 'launched'] as const),
]);

/** Reconcile looks at a repository within a minute of its doubt; a limit of GitHub's can take a few. */
const RECONCILE_MS = 5 * 60_000;

function leftToReconcile({ reason, delivery, queuedAtMs }: JobView, { nowMs }: Observed): Wait | undefined {
  if (reason === undefined || !LEFT.has(reason)) return undefined;
  const sinceMs = delivery?.atMs ?? queuedAtMs ?? nowMs;
  const told = `The webhook left it to reconcile: ${explain(reason)}.`;
  if (nowMs - sinceMs > RECONCILE_MS)
    return wait('reconcile-late', told, `That was ${span(nowMs - sinceMs)} ago: run oneshot doctor.`);
  return wait('left-to-reconcile', told, 'It looks at the repository within a minute or so.');
}

/** GitHub sends most deliveries within seconds. */
const DELIVERY_MS = 30_000;

function unheard({ queuedAtMs, delivery }: JobView, { nowMs }: Observed): Wait | undefined {
  if (queuedAtMs === undefined || delivery !== undefined) return undefined;
  const waited = span(nowMs - queuedAtMs);
  if (nowMs - queuedAtMs < DELIVERY_MS)
    return wait('just-queued', `GitHub queued it ${waited} ago, and its webhook has not come yet.`);
  return wait(
    'webhook-missing',
    `GitHub queued it ${waited} ago, and no webhook came: the sweep finds it within a quarter of an hour.`,
    'oneshot doctor checks the webhook and its deliveries.',
  );
}
