import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { createPace, type Pace } from './pace.ts';
import { type LogRecord, readRecords } from './records.ts';
import { RUNNER } from './supervisor-state.ts';

/** A function's log group. */
export interface LogGroup {
  /** As the function's lines name themselves, after `oneshot-`. */
  readonly service: string;
  readonly name: string;
}

/** The functions by their names in serverless.yml, and as their lines name themselves. */
export const SERVICES = { webhook: 'webhook', reconcile: 'reconcile', settle: 'settle', sweep: 'sweep' };
export type FunctionName = keyof typeof SERVICES;

/** The log groups of these functions; of all unless said. */
export function logGroupsOf(
  { logGroupOf }: { readonly logGroupOf: (functionName: string) => string },
  ...names: FunctionName[]
): LogGroup[] {
  const wanted = names.length > 0 ? names : (Object.keys(SERVICES) as FunctionName[]);
  return wanted.map((name) => ({ service: SERVICES[name], name: logGroupOf(name) }));
}

/** The log group of the supervisors. */
export const runnerLogGroupOf = ({ runnerLogGroup }: { readonly runnerLogGroup: string }): LogGroup => ({
  service: RUNNER,
  name: runnerLogGroup,
});

/** Part of a log group. Epoch milliseconds. */
export interface Slice {
  readonly group: LogGroup;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Page {
  readonly records: readonly LogRecord[];
  /** Where the next page begins; `undefined` after the last. */
  readonly next: string | undefined;
}

/** Reads one page of a slice. Rejects with what CloudWatch said. */
export type ReadPage = (slice: Slice, next: string | undefined) => Promise<Page>;

export interface LogReading {
  /** Those that were not read before, and some that were. */
  readonly records: readonly LogRecord[];
  /** Groups that could not be read, each with what CloudWatch said. */
  readonly failed: ReadonlyArray<{ readonly group: LogGroup; readonly error: unknown }>;
}

export interface LogReader {
  /** Reads what is new since the last time; at the first time, back to `sinceMs`. */
  read(sinceMs: number): Promise<LogReading>;
}

export interface LogReaderOptions {
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /**
   * Which lines are read of a group (CloudWatch Logs user guide, Filter pattern syntax); unless given, all that the
   * functions write.
   */
  readonly patternOf?: (group: LogGroup) => string;
  /** Nothing later is read, epoch milliseconds. */
  readonly endMs?: number | undefined;
}

/**
 * FilterLogEvents may be called five times a second, by all of an account's callers in a region, and that cannot be
 * raised (repost.aws: "How do I determine throttling in my CloudWatch logs?"). We take less than half.
 */
const CALLS_A_SECOND = 2;
const BURST = 4;

export const createLogPace = (): Pace => createPace(BURST, CALLS_A_SECOND);

/** An event can show up after later ones: this far back is read again. */
const OVERLAP_MS = 15_000;

/**
 * Follows log groups: each read asks for what came since the one before, the group first that was read longest ago. A
 * group whose turn would come too fast is left for the next time; only a first reading waits.
 */
export function createLogReader(
  client: CloudWatchLogsClient,
  groups: readonly LogGroup[],
  { now, pause, endMs, patternOf = followed }: LogReaderOptions,
): LogReader {
  const pace = createLogPace();
  const lastReadAtMs = new Map<LogGroup, number>();
  return {
    async read(sinceMs) {
      const records: LogRecord[] = [];
      const failed: { group: LogGroup; error: unknown }[] = [];
      const due = groups.toSorted((a, b) => (lastReadAtMs.get(a) ?? 0) - (lastReadAtMs.get(b) ?? 0));
      for (const group of due) {
        const lastMs = lastReadAtMs.get(group);
        if (lastMs !== undefined && pace.waitMs(now()) > 0) continue;
        const startMs = lastMs === undefined ? sinceMs : Math.max(sinceMs, lastMs - OVERLAP_MS);
        const readAtMs = now();
        try {
          records.push(
            ...(await readGroup(client, group, {
              startMs,
              endMs,
              filterPattern: patternOf(group),
              pace,
              now,
              pause,
            })),
          );
          lastReadAtMs.set(group, readAtMs);
        } catch (error) {
          failed.push({ group, error });
        }
      }
      return { records, failed };
    },
  };
}

interface Reading extends Omit<LogReaderOptions, 'patternOf'> {
  readonly startMs: number;
  readonly filterPattern: string;
  readonly pace: Pace;
}

async function readGroup(
  client: CloudWatchLogsClient,
  group: LogGroup,
  reading: Reading,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  let next: string | undefined;
  do {
    const page = await readPage(client, group, reading, next);
    records.push(...page.records);
    next = page.next;
  } while (next !== undefined);
  return records;
}

async function readPage(
  client: CloudWatchLogsClient,
  group: LogGroup,
  { startMs, endMs, filterPattern, pace, now, pause }: Reading,
  nextToken: string | undefined,
): Promise<Page> {
  while (!pace.take(now())) await pause(pace.waitMs(now()));
  const command = new FilterLogEventsCommand({
    logGroupName: group.name,
    startTime: Math.floor(startMs),
    filterPattern,
    ...(endMs !== undefined && { endTime: Math.ceil(endMs) }),
    ...(nextToken !== undefined && { nextToken }),
  });
  const page = await client.send(command);
  const records = (page.events ?? []).flatMap(({ eventId: id, timestamp: atMs, message, logStreamName }) =>
    id === undefined || atMs === undefined || message === undefined
      ? []
      : readRecords({ id, atMs, message, stream: logStreamName }, group.service),
  );
  return { records, next: page.nextToken };
}

/** Of older lines, beside what is followed: together three of the five calls a second. */
const HISTORY_CALLS_A_SECOND = 1;

/** Reads older lines of these groups a page at a time, as `History` wants them. */
export function createPageReader(
  client: CloudWatchLogsClient,
  { now, pause, patternOf = followed }: LogReaderOptions,
): ReadPage {
  const pace = createPace(1, HISTORY_CALLS_A_SECOND);
  return ({ group, startMs, endMs }, next) =>
    readPage(client, group, { startMs, endMs, filterPattern: patternOf(group), pace, now, pause }, next);
}

/** The states of supervisors; and our own lines, which name their service, and Lambda's of invocations that it ended; no metrics, no START and END. */
const followed = ({ service }: LogGroup): string =>
  service === RUNNER
    ? '{ $.oneshot = "state" }'
    : `?"oneshot-${service}" ?"Task timed out" ?"Runtime exited" ?"Runtime."`;
