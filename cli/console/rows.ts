import { explain, REASONS } from '../../functions/core/words/reasons.ts';
import { sizeWords } from '../observe/cost.ts';
import type { JobPhase, JobView, Snapshot, TaskView } from '../observe/snapshot.ts';

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
  /** Why it waits, of a job that does: one sentence. */
  readonly why: string | undefined;
  /** What was unusual, each a sentence: a swap, a repair, why it is unservable or ignored. */
  readonly notes: readonly Note[];
}

interface Note {
  readonly kind: 'swap' | 'repair' | 'unservable' | 'ignored';
  readonly text: string;
}

export interface TaskRow {
  readonly taskArn: string;
  readonly runnerName: string;
  readonly status: string;
  /** The name of the job that it runs, if any. */
  readonly runs: string | undefined;
  readonly size: string;
  readonly createdAtMs: number;
  readonly costUsd: number;
}

export const nameOf = ({ name, jobId }: JobView): string => name ?? `job ${jobId}`;

/** The job that each runner was launched for. */
export type Launched = ReadonlyMap<string, JobView>;
export const launchedOf = (jobs: readonly JobView[]): Launched =>
  new Map(jobs.flatMap((job) => job.launches.map(({ runnerName }) => [runnerName, job] as const)));

/** Pure. */
export function jobRow(job: JobView, launched: Launched, _snapshot: Snapshot): JobRow {
  const { jobId, repository, url, labels, phase, conclusion, queuedAtMs, startedAtMs, completedAtMs } = job;
  return {
    ...{ jobId, repository, url, phase, conclusion, queuedAtMs, startedAtMs },
    name: nameOf(job),
    labels: labels.join(', '),
    launchedAtMs: job.launches.findLast(({ outcome }) => outcome === 'launched')?.atMs,
    endedAtMs: completedAtMs,
    why: whyItWaits(job),
    notes: notesOf(job, launched),
  };
}

/** Pure; `undefined` of a job that does not wait. */
function whyItWaits({ phase, reason }: JobView): string | undefined {
  if (phase === 'starting') return 'Its task starts.';
  return phase === 'queued' && reason !== undefined ? explain(reason) : undefined;
}

function notesOf(job: JobView, launched: Launched): Note[] {
  const { phase, reason, isSwapped, runnerName = '', launches, rejection } = job;
  const notes: Note[] = [];
  const other = launched.get(runnerName);
  if (isSwapped)
    notes.push({ kind: 'swap', text: `took the runner of ${other ? nameOf(other) : runnerName}` });
  const made = launches.filter(({ outcome }) => outcome === 'launched');
  if (made.length > 1) notes.push({ kind: 'repair', text: `launched ${made.length} times` });
  else if (made[0]?.by === 'reconcile') notes.push({ kind: 'repair', text: 'launched by reconcile' });
  const last = launches.findLast(({ outcome }) => outcome === 'refused' || outcome === 'unknown');
  if (last !== undefined)
    notes.push({
      kind: 'repair',
      text: `${last.outcome}: ${last.refusal ?? ''} ${last.detail ?? ''}`.trim(),
    });
  if (rejection !== undefined) notes.push({ kind: 'unservable', text: rejection });
  if (phase === 'ignored' && reason !== undefined) notes.push({ kind: 'ignored', text: REASONS[reason] });
  return notes;
}

export function taskRow(task: TaskView, jobs: ReadonlyMap<number, JobView>): TaskRow {
  const { taskArn, runnerName, status, runsJobId, size, arch, provider, costUsd, createdAtMs } = task;
  const job = runsJobId === undefined ? undefined : jobs.get(runsJobId);
  return {
    ...{ taskArn, runnerName, status, costUsd, createdAtMs },
    runs: job === undefined ? runsJobId?.toString() : nameOf(job),
    size: sizeWords(size, arch, provider),
  };
}
