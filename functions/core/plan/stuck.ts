import { withoutMarks } from '../job/labels.ts';
import type { JobFact } from '../task/facts.ts';
import { counted } from '../words/count.ts';
import type { Doubt } from './doubt.ts';
import type { Unlaunched } from './judge-launch.ts';

/** Jobs of one repository that have waited too long without a task. */
export interface Stuck {
  /**
   * What the jobs ask for, in ASCII: their labels without marks, sorted. `unknown`: the repository cannot be read, so
   * nobody knows. `other`: what is over the budget of an invocation.
   */
  readonly label: string;
  /** Longest wait first. Where the repository cannot be read, the jobs that the doubt names. */
  readonly jobIds: readonly number[];
  /** The longest of their waits. */
  readonly waitMs: number;
}

/** A job without a task after a look; one whose launch was refused or never attempted has no reason. */
export type WaitingJob = Pick<Unlaunched, 'jobId' | 'queuedAtMs'> & {
  readonly reason?: Unlaunched['reason'];
};

/** As long as the alarm `waits` has (infra/observability.yml). */
export const STUCK_AFTER_MS = 30 * 60_000;
/** Kinds of jobs that one invocation tells apart: each is a metric on the bill while it is stuck (AWS-77). */
const MOST_LABELS = 10;
/** A dimension's value may have 1,024 characters (AWS-77), but one of an alarm's graph is read by people. */
const LONGEST_LABEL = 255;

/** Waits that somebody asked for: a limit of runners.yml, and `max-parallel` or a concurrency group of a workflow. */
const WANTED: ReadonlySet<Unlaunched['reason'] | undefined> = new Set<Unlaunched['reason']>([
  'at-concurrency-limit',
  'not-runnable-yet',
]);

/** Those of the waiting jobs that are stuck: no task for half an hour, and not because anybody wants that. Longest first. */
export function stuckJobs(
  waiting: readonly WaitingJob[],
  jobs: readonly JobFact[],
  nowMs: number,
): readonly Stuck[] {
  const labels = new Map(jobs.map((job) => [job.jobId, labelOf(job)]));
  const late = waiting
    .filter(({ reason, queuedAtMs }) => !WANTED.has(reason) && nowMs - queuedAtMs > STUCK_AFTER_MS)
    .toSorted((a, b) => a.queuedAtMs - b.queuedAtMs);
  const kinds = [...new Set(late.map(({ jobId }) => labels.get(jobId)))].slice(0, MOST_LABELS);
  const kindOf = ({ jobId }: WaitingJob): string => {
    const label = labels.get(jobId);
    return label !== undefined && kinds.includes(label) ? label : 'other';
  };
  return Object.entries(Object.groupBy(late, kindOf)).map(([label, all = []]) => ({
    label,
    jobIds: all.map(({ jobId }) => jobId),
    waitMs: nowMs - (all[0]?.queuedAtMs ?? nowMs),
  }));
}

/** A repository that could not be read for half an hour, so that nobody sees what waits there; none before that. */
export function stuckUnread(
  { jobIds, lostJob, raisedAtMs, readAtMs = raisedAtMs }: Doubt,
  nowMs: number,
): readonly Stuck[] {
  // A job that was lost waits for nothing: its run is looked at until it is over, which may take hours.
  if (lostJob !== undefined) return [];
  const waitMs = nowMs - readAtMs;
  return waitMs > STUCK_AFTER_MS ? [{ label: 'unknown', jobIds, waitMs }] : [];
}

/** Jobs that a line names. */
const MOST_NAMED = 10;

/** What a person reads in the log. `repository` is its full name. */
export function tellStuck(repository: string, { label, jobIds, waitMs }: Stuck): string {
  const minutes = Math.floor(waitMs / 60_000);
  const named = jobIds.slice(0, MOST_NAMED).join(', ');
  const [first] = jobIds;
  const look = first === undefined ? 'oneshot status' : `oneshot status, oneshot doctor --job ${first}`;
  if (label === 'unknown') {
    const about = named === '' ? '' : ` (jobs ${named} may wait)`;
    return `${repository} could not be read for ${minutes} minutes, so what waits there is not seen${about}: ${look}`;
  }
  const jobs = counted(jobIds.length, 'job');
  return `${jobs} of ${repository} with ${label} waited up to ${minutes} minutes without a task (${named}): ${look}`;
}

const labelOf = ({ labels }: JobFact): string =>
  [...new Set(labels.map((label) => withoutMarks(label.toLowerCase())))]
    .toSorted()
    .join(' ')
    .replace(/[^ -~]/g, '?')
    .slice(0, LONGEST_LABEL);
