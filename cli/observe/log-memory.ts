import { parseRunnerName } from '../../functions/core/job/identity.ts';
import { History } from './history.ts';
import {
  createLogReader,
  createPageReader,
  type LogReading,
  logGroupsOf,
  runnerLogGroupOf,
} from './log-reader.ts';
import type { LogRecord } from './records.ts';
import type { ObservedDeployment } from './sources.ts';

/** Of older lines: at the page size of CloudWatch Logs, a day of some ten thousand jobs. */
const MOST_HISTORY_READS = 300;

/** What was read of the logs, and what could not be. */
export interface Remembered extends Pick<LogReading, 'failed'> {
  readonly records: readonly LogRecord[];
  /** Why it does not go back as far as it was asked to, as a sentence. */
  readonly missing: string | undefined;
}

export interface LogMemory {
  /** Reads what is new. `open` are the jobs of which nothing may be forgotten. */
  read(
    wanted: { readonly sinceMs: number; readonly nowMs: number },
    open: ReadonlySet<number>,
  ): Promise<Remembered>;
}

export interface RememberOptions {
  /** How far back the first reading goes before it ends; what is older is read behind its back. */
  readonly windowMs: number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Remembers what the logs of a deployment say, back to the earliest time that was asked for. */
export function rememberLogs(
  deployment: ObservedDeployment,
  { windowMs, pause }: RememberOptions,
): LogMemory {
  const { now, logs: client, runnerPrefix } = deployment;
  const groups = [...logGroupsOf(deployment), runnerLogGroupOf(deployment)];
  const logs = createLogReader(client, groups, { now, pause });
  const readPage = createPageReader(client, { now, pause });
  let history: History | undefined;
  let records: readonly LogRecord[] = [];
  let longestMs = windowMs;
  return {
    async read({ sinceMs, nowMs }, open) {
      longestMs = Math.max(longestMs, nowMs - sinceMs);
      history ??= new History({ groups, endMs: nowMs - windowMs, mostReads: MOST_HISTORY_READS, readPage });
      history.reach(sinceMs, nowMs);
      const reading = await logs.read(nowMs - windowMs);
      const fresh = [...records, ...history.take(), ...reading.records];
      const once = [...new Map(fresh.map((record) => [record.id, record])).values()];
      records = within(once, nowMs - longestMs, open, runnerPrefix);
      const missing = history.missing(sinceMs);
      return { failed: reading.failed, missing, records: within(records, sinceMs, open, runnerPrefix) };
    },
  };
}

/** What was written since then, every sweep, and all of the jobs that it tells of or that have not ended. */
function within(
  records: readonly LogRecord[],
  sinceMs: number,
  open: ReadonlySet<number>,
  prefix: string,
): LogRecord[] {
  const told = new Set<number | undefined>(open);
  for (const record of records) if (record.atMs >= sinceMs) told.add(jobIdOf(record, prefix));
  told.delete(undefined);
  const isKept = (record: LogRecord) =>
    record.atMs >= sinceMs || record.kind === 'swept' || told.has(jobIdOf(record, prefix));
  return records.filter(isKept);
}

function jobIdOf(record: LogRecord, prefix: string): number | undefined {
  if (record.kind === 'delivery') return record.job?.job;
  if (record.kind === 'waiting') return record.jobId;
  return record.kind === 'launch' ? parseRunnerName(prefix, record.outcome.runnerName)?.jobId : undefined;
}
