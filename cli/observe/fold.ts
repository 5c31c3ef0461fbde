import type { Reason } from '../../functions/core/words/reasons.ts';
import type { Facts } from './facts.ts';
import { foldJobs } from './fold-jobs.ts';
import { foldTasks } from './fold-tasks.ts';
import { foldPhases, spreadPhases } from './phases.ts';
import type { LogRecord, RecordOf } from './records.ts';
import type { FaultView, IgnoredView, Snapshot } from './snapshot.ts';

export interface Folding {
  readonly stack: string;
  /** Of the names of its runners. */
  readonly prefix: string;
  /** Whose prices tasks have. */
  readonly region: string;
  /** Where people read GitHub: `https://github.com`. */
  readonly githubUrl: string;
  readonly sinceMs: number;
  readonly nowMs: number;
}

const MOST_FAULTS = 1_000;

/** Folds what was read into one view. Pure: the order of the records does not matter, nor a record that came twice. */
export function foldSnapshot(
  facts: Facts,
  { stack, prefix, region, githubUrl, sinceMs, nowMs }: Folding,
): Snapshot {
  const records = inOrder(facts.records);
  const tasks = foldTasks(facts, records, { prefix, region, nowMs });
  const stopped = tasks.filter(({ status }) => status === 'STOPPED');
  const stoppedTaskArns = new Set(stopped.map(({ taskArn }) => taskArn));
  const phasesOf = foldPhases(records, tasks);
  const jobs = foldJobs(records, facts.jobs, { prefix, githubUrl, stoppedTaskArns }).map((job) => ({
    ...job,
    phaseSeconds: job.phase === 'ignored' ? {} : phasesOf(job),
  }));
  return {
    takenAtMs: nowMs,
    sinceMs,
    stack,
    region,
    jobs,
    tasks,
    phases: spreadPhases(jobs),
    runners: facts.runners.toSorted((a, b) => a.runnerId - b.runnerId),
    doubts: facts.doubts,
    policy: facts.policy,
    heardAtMs: records.findLast(({ kind }) => kind !== 'state')?.atMs,
    sweptAtMs: records.findLast(({ kind }) => kind === 'swept')?.atMs,
    ignored: foldIgnored(records),
    faults: foldFaults(records),
    unread: facts.unread,
  };
}

/** Each once, by time and then by id, so that every reading of the same records folds to the same. */
function inOrder(records: readonly LogRecord[]): LogRecord[] {
  const byId = new Map(records.map((record) => [record.id, record]));
  return [...byId.values()].toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
}

/** Answers of 200 that are the ordinary course of any job, on any runner. */
const ORDINARY = new Set<Reason>([
  'ping',
  'action-not-queued',
  'marked',
  'swapped',
  'job-ended',
  'runner-unknown',
]);

function foldIgnored(records: readonly LogRecord[]): IgnoredView[] {
  const counts = new Map<Reason, IgnoredView>();
  for (const record of records) {
    if (record.kind !== 'delivery' || record.status !== 200) continue;
    const { reason, atMs } = record;
    if (reason === undefined || ORDINARY.has(reason)) continue;
    counts.set(reason, { reason, count: (counts.get(reason)?.count ?? 0) + 1, lastAtMs: atMs });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

const foldFaults = (records: readonly LogRecord[]): FaultView[] =>
  [
    ...records
      .filter((record): record is RecordOf<'fault'> => record.kind === 'fault')
      .map(({ atMs, service, message, detail }) => ({ atMs, service, message, detail })),
    ...manyProbes(records),
  ]
    .toSorted((a, b) => b.atMs - a.atMs)
    .slice(0, MOST_FAULTS);

const HOUR_MS = 3_600_000;
/** Two doctors that watch send as many. */
const MOST_PROBES_AN_HOUR = 240;

/** Anyone can send requests that are marked as the doctor's: a flood of them must not stay unseen. */
function manyProbes(records: readonly LogRecord[]): FaultView[] {
  const sentAtMs = records.flatMap((record) =>
    record.kind === 'delivery' && record.reason === 'doctor-probe' ? [record.atMs] : [],
  );
  const atMs = sentAtMs.at(-1) ?? 0;
  const count = sentAtMs.filter((one) => one > atMs - HOUR_MS).length;
  if (count <= MOST_PROBES_AN_HOUR) return [];
  const message = `${count} empty requests in an hour were marked as oneshot doctor's: find out who sends them`;
  return [{ atMs, service: 'webhook', message, detail: undefined }];
}
