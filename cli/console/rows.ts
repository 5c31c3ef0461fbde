import { sizeWords } from '../observe/cost.ts';
import type { JobPhase, JobView, Snapshot, TaskView } from '../observe/snapshot.ts';
import { createVerdict } from '../observe/why/whose-fault.ts';
import { createWhy } from '../observe/why/why-it-waits.ts';

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
  /** Why it has not begun, in a sentence or two with what to do; `undefined` of one that has. */
  readonly why: string | undefined;
  /** What was unusual, each a sentence: a swap, a repair, whose fault its end was. */
  readonly notes: readonly Note[];
}

interface Note {
  readonly kind: 'swap' | 'repair' | 'blame';
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

/** What is looked up for each of many jobs of one snapshot. */
export interface Lookup {
  /** The job that each runner was launched for, by the runner's name. */
  readonly launched: ReadonlyMap<string, JobView>;
  readonly why: ReturnType<typeof createWhy>;
  readonly verdict: ReturnType<typeof createVerdict>;
}

export const lookupIn = (snapshot: Snapshot): Lookup => ({
  launched: new Map(
    snapshot.jobs.flatMap((job) => job.launches.map(({ runnerName }) => [runnerName, job] as const)),
  ),
  why: createWhy(snapshot),
  verdict: createVerdict(snapshot),
});

/** Pure. */
export function jobRow(job: JobView, lookup: Lookup): JobRow {
  const { jobId, repository, url, labels, phase, conclusion, queuedAtMs, startedAtMs, completedAtMs } = job;
  const why = lookup.why(job)?.text;
  return {
    ...{ jobId, repository, url, phase, conclusion, queuedAtMs, startedAtMs, why },
    name: nameOf(job),
    labels: labels.join(', '),
    launchedAtMs: job.launches.findLast(({ outcome }) => outcome === 'launched')?.atMs,
    endedAtMs: completedAtMs,
    notes: notesOf(job, lookup),
  };
}

function notesOf(job: JobView, { launched, verdict }: Lookup): Note[] {
  const { isSwapped, runnerName = '', launches, phase } = job;
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
  const ended = phase === 'done' ? verdict(job) : undefined;
  if (ended !== undefined && ended.whose !== 'nobody') notes.push({ kind: 'blame', text: ended.text });
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
