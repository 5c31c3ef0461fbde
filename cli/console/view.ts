import { titleAfter } from '../../functions/core/job/providers.ts';
import { REASONS } from '../../functions/core/words/reasons.ts';
import type { FaultView, JobPhase, JobView, Snapshot, TaskView } from '../observe/snapshot.ts';
import { percentile } from '../units.ts';
import type { Play } from './play.ts';

/** What the page shows of one look: everything worked out, so that the page only draws. Times are epoch milliseconds. */
export interface View {
  readonly takenAtMs: number;
  readonly stack: string;
  readonly counts: Readonly<Record<JobPhase, number>>;
  readonly live: { readonly tasks: number; readonly vcpus: number };
  /** Of the tasks of the window, an estimate (functions/core/task/prices.ts). */
  readonly costUsd: number;
  readonly queueToStart: Spread | undefined;
  readonly doubts: Snapshot['doubts'];
  readonly sweptAtMs: number | undefined;
  /** Those that have not ended, then the others; newest first. */
  readonly jobs: readonly JobRow[];
  /** Those that live, oldest first. */
  readonly tasks: readonly TaskRow[];
  readonly phases: Snapshot['phases'];
  readonly ignored: readonly IgnoredRow[];
  /** Newest first. */
  readonly faults: readonly FaultView[];
  readonly unread: readonly string[];
  /** Of the embedded world: what a person may do there. */
  readonly play: Play | undefined;
}

/** Seconds. */
interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

export interface JobRow {
  readonly jobId: number;
  readonly name: string;
  readonly repository: string;
  readonly url: string | undefined;
  readonly labels: string;
  readonly phase: JobPhase;
  readonly conclusion: string | undefined;
  readonly queuedAtMs: number | undefined;
  /** When its last launch was made. */
  readonly launchedAtMs: number | undefined;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** What was unusual, each a sentence: a swap, a repair, why it waits. */
  readonly notes: readonly Note[];
}

interface Note {
  readonly kind: 'swap' | 'repair' | 'unservable' | 'waits' | 'ignored';
  readonly text: string;
}

interface TaskRow {
  readonly taskArn: string;
  readonly runnerName: string;
  readonly status: string;
  readonly repository: string | undefined;
  readonly runsJobId: number | undefined;
  readonly size: string;
  readonly ageMs: number;
  readonly costUsd: number;
}

interface IgnoredRow {
  readonly reason: string;
  readonly text: string;
  readonly count: number;
  readonly lastAtMs: number;
}

/** A page that shows more is slower, and nobody reads further. */
const MOST_FAULTS = 50;

/** Pure. */
export function viewOf(snapshot: Snapshot, play: Play | undefined): View {
  const { takenAtMs, stack, jobs, tasks, doubts, sweptAtMs, ignored, faults, unread } = snapshot;
  const live = tasks.filter(({ status }) => status !== 'STOPPED');
  const runners = runnersOf(jobs);
  return {
    takenAtMs,
    stack,
    doubts,
    sweptAtMs,
    unread,
    play,
    counts: countPhases(jobs),
    live: { tasks: live.length, vcpus: sum(live.map(({ size }) => size.vcpu)) },
    costUsd: sum(tasks.map(({ costUsd }) => costUsd)),
    queueToStart: spreadOf(jobs.flatMap(waitOf)),
    jobs: [...jobs.filter(isOpen), ...jobs.filter((job) => !isOpen(job))].map((job) =>
      jobRow(job, runners, takenAtMs),
    ),
    tasks: live.toSorted((a, b) => a.createdAtMs - b.createdAtMs).map((task) => taskRow(task, takenAtMs)),
    phases: snapshot.phases,
    ignored: ignored.map((one) => ({ ...one, text: REASONS[one.reason] })),
    faults: faults.slice(0, MOST_FAULTS),
  };
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

function countPhases(jobs: readonly JobView[]): Record<JobPhase, number> {
  const counts = { queued: 0, starting: 0, running: 0, done: 0, ignored: 0 };
  for (const { phase } of jobs) counts[phase] += 1;
  return counts;
}

const isOpen = ({ phase }: JobView): boolean => phase !== 'done' && phase !== 'ignored';

/** The job that each runner was launched for. */
const runnersOf = (jobs: readonly JobView[]): ReadonlyMap<string, JobView> =>
  new Map(jobs.flatMap((job) => job.launches.map(({ runnerName }) => [runnerName, job] as const)));

const nameOf = ({ name, jobId }: JobView): string => name ?? `job ${jobId}`;

const waitOf = ({ queuedAtMs, startedAtMs, phase }: JobView): number[] =>
  queuedAtMs === undefined || startedAtMs === undefined || phase === 'ignored'
    ? []
    : [(startedAtMs - queuedAtMs) / 1000];

function spreadOf(seconds: readonly number[]): Spread | undefined {
  const [p50, p95] = [percentile(seconds, 0.5), percentile(seconds, 0.95)];
  return p50 === undefined || p95 === undefined ? undefined : { p50, p95, count: seconds.length };
}

function jobRow(job: JobView, runners: ReadonlyMap<string, JobView>, nowMs: number): JobRow {
  const { jobId, repository, url, labels, phase, conclusion, queuedAtMs, startedAtMs } = job;
  return {
    jobId,
    repository,
    url,
    phase,
    conclusion,
    queuedAtMs,
    startedAtMs,
    name: nameOf(job),
    labels: labels.join(', '),
    launchedAtMs: job.launches.findLast(({ outcome }) => outcome === 'launched')?.atMs,
    endedAtMs: job.completedAtMs ?? (phase === 'ignored' ? queuedAtMs : nowMs),
    notes: notesOf(job, runners),
  };
}

function notesOf(job: JobView, runners: ReadonlyMap<string, JobView>): Note[] {
  const { phase, reason, isSwapped, runnerName = '', launches } = job;
  const notes: Note[] = [];
  const other = runners.get(runnerName);
  if (isSwapped)
    notes.push({ kind: 'swap', text: `took the runner of ${other ? nameOf(other) : runnerName}` });
  const launched = launches.filter(({ outcome }) => outcome === 'launched');
  const refused = launches.filter(({ outcome }) => outcome === 'refused' || outcome === 'unknown');
  if (launched.length > 1) notes.push({ kind: 'repair', text: `launched ${launched.length} times` });
  else if (launched[0]?.by === 'reconcile') notes.push({ kind: 'repair', text: 'launched by reconcile' });
  const last = refused.at(-1);
  if (last !== undefined)
    notes.push({
      kind: 'repair',
      text: `${last.outcome}: ${last.refusal ?? ''} ${last.detail ?? ''}`.trim(),
    });
  if (job.rejection !== undefined) notes.push({ kind: 'unservable', text: job.rejection });
  if (phase === 'queued' && reason !== undefined) notes.push({ kind: 'waits', text: REASONS[reason] });
  if (phase === 'ignored' && reason !== undefined) notes.push({ kind: 'ignored', text: REASONS[reason] });
  return notes;
}

function taskRow(task: TaskView, nowMs: number): TaskRow {
  const { taskArn, runnerName, status, repository, runsJobId, size, arch, provider, costUsd } = task;
  return {
    taskArn,
    runnerName,
    status,
    repository,
    runsJobId,
    costUsd,
    size: `${size.vcpu} vCPU, ${size.memoryGiB} GiB, ${arch}${titleAfter(provider)}`,
    ageMs: nowMs - task.createdAtMs,
  };
}
