import type { TaskEnding } from '../../../functions/core/task/exit-codes.ts';
import type { StopCause } from '../../../functions/core/words/stop-causes.ts';
import type { JobView, Snapshot, TaskView } from '../snapshot.ts';
import { BLAMES, type BlameKind, type Whose } from './blame.ts';
import { type Observed, observed } from './observed.ts';
import { wantOf } from './want.ts';

/** Whose fault the end of a job was, and by which evidence. */
export interface Verdict {
  readonly kind: BlameKind;
  readonly whose: Whose;
  readonly isFault: boolean;
  /** One sentence, with the evidence. */
  readonly text: string;
}

/** For each job of a snapshot; `undefined` for one that has not ended. Pure. */
export function createVerdict(snapshot: Snapshot): (job: JobView) => Verdict | undefined {
  const world = observed(snapshot);
  return (job) => (job.phase === 'done' || job.conclusion !== undefined ? judge(job, world) : undefined);
}

function judge(job: JobView, world: Observed): Verdict {
  // The delivery that names its runner can be lost.
  const ran = world.tasks.get(job.runnerName ?? '') ?? lastTask(job, world);
  const kind = byConclusion(job) ?? byTask(job, ran) ?? byStep(job) ?? byLaunches(job, world);
  const { whose, means, ...row } = BLAMES[kind];
  const evidence = evidenceOf(kind, job, ran);
  return { kind, whose, isFault: 'isFault' in row, text: `${means}${evidence && ` (${evidence})`}.` };
}

const CONCLUSIONS: Readonly<Record<string, BlameKind>> = {
  success: 'succeeded',
  neutral: 'succeeded',
  skipped: 'skipped',
  timed_out: 'timed-out',
  startup_failure: 'not-started',
};

function byConclusion({ conclusion = '', rejection }: JobView): BlameKind | undefined {
  return rejection !== undefined && conclusion !== 'cancelled' ? 'unservable' : CONCLUSIONS[conclusion];
}

/** What ended the task before the job, where that is not the supervisor's own doing. */
const CAUSES: Readonly<Partial<Record<StopCause, BlameKind>>> = {
  'out-of-memory': 'out-of-memory',
  'disk-full': 'out-of-disk',
  spot: 'spot',
  host: 'host',
  'no-capacity': 'no-capacity',
  'no-address': 'task-failed',
  'image-pull': 'task-failed',
  'container-start': 'task-failed',
  'stopped-by-sweep': 'stopped-by-sweep',
  'stopped-by-hand': 'stopped-by-hand',
};

const ENDINGS: Readonly<Partial<Record<TaskEnding, BlameKind>>> = {
  'ran-out-of-memory': 'out-of-memory',
  'ran-out-of-disk': 'out-of-disk',
  'ran-docker-lost': 'docker-lost',
  'ran-rejected': 'unservable',
  'ran-cancelled': 'cancelled',
  'ran-abandoned': 'lost-contact',
  'interrupted-during-job': 'lost-contact',
  'over-maximum-age': 'over-maximum-age',
  'listener-failed': 'lost-contact',
  'assignment-lost': 'lost-contact',
  unexplained: 'lost-contact',
};

/** The supervisor saw for itself why the job did not succeed. */
const KNOWN: ReadonlySet<TaskEnding> = new Set([
  'ran-out-of-memory',
  'ran-out-of-disk',
  'ran-docker-lost',
  'over-maximum-age',
]);

function byTask(job: JobView, ran: TaskView | undefined): BlameKind | undefined {
  if (ran?.ending === undefined) return undefined;
  const { ending, stop } = ran;
  // A task that has come to its job's end is stopped afterwards by whatever stops it.
  if (ending === 'ran-failed') return byStep(job) ?? 'job-failed';
  if (ending === 'ran-succeeded' || ending === 'ran-cancelled') return ENDINGS[ending];
  if (KNOWN.has(ending)) return ENDINGS[ending];
  // A job that was cancelled, or failed a step, before its runner stopped had ended by itself.
  return (stop && CAUSES[stop.cause]) ?? byStep(job) ?? ENDINGS[ending];
}

function byStep({ failedStep, conclusion }: JobView): BlameKind | undefined {
  if (conclusion === 'cancelled') return 'cancelled';
  return failedStep === undefined ? undefined : 'step-failed';
}

/** GitHub fails a job that no runner took for a day. */
const DAY_MS = 24 * 3_600_000;

/** Of a job that no known task ran. */
function byLaunches(job: JobView, { tasks }: Observed): BlameKind {
  const { launches, runnerName, queuedAtMs = 0, completedAtMs = 0, phase } = job;
  if (runnerName !== undefined) return phase === 'ignored' ? 'elsewhere' : 'unexplained';
  if (phase === 'ignored' || job.conclusion === undefined) return 'unexplained';
  const wasReady = launches.some((one) => isReady(tasks.get(one.runnerName)));
  if (wasReady) return 'never-assigned';
  const hasWaited = completedAtMs - queuedAtMs >= DAY_MS;
  return hasWaited || launches.some(({ outcome }) => outcome === 'refused')
    ? 'never-launched'
    : 'unexplained';
}

/** It had a session at GitHub; that it ended as idle says so too. */
const isReady = (task: TaskView | undefined): boolean =>
  task?.idleAtMs !== undefined || task?.ending === 'idle';

/** The last that was launched for it, and did not run another. */
const lastTask = ({ launches, jobId }: JobView, { tasks }: Observed): TaskView | undefined =>
  launches
    .flatMap(({ runnerName }) => tasks.get(runnerName) ?? [])
    .findLast(({ runsJobId }) => runsJobId === undefined || runsJobId === jobId);

function evidenceOf(kind: BlameKind, job: JobView, task: TaskView | undefined): string {
  const { failedStep, conclusion, rejection, launches, runnerName } = job;
  const ended = task?.ending && `its task ended as ${task.ending}`;
  const said = task?.stop?.cause === 'supervisor' ? undefined : task?.stop?.reason;
  const refused = launches.findLast(({ outcome }) => outcome === 'refused');
  const evidence: Readonly<Partial<Record<BlameKind, readonly (string | undefined)[]>>> = {
    succeeded: [],
    cancelled: [ended],
    skipped: [],
    'step-failed': [failedStep && `its step “${failedStep}” failed`, ended],
    unservable: [rejection],
    'out-of-memory': [task && wantOf(task), ended],
    'out-of-disk': [task && wantOf(task), ended],
    'never-launched': [refused?.detail ?? refused?.refusal],
    elsewhere: [runnerName],
  };
  const parts = evidence[kind] ?? [ended, said ?? (ended === undefined ? conclusion : undefined)];
  const known = parts.filter((part) => part !== undefined && part !== '');
  return known.map((part) => part?.replace(/\.$/, '')).join('; ');
}
