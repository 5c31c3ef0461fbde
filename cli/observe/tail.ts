import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { LogGroup } from './log-reader.ts';
import type { Pace } from './pace.ts';

/** A line as CloudWatch has it. */
export interface Line {
  /** CloudWatch's own: the same line has the same id at every reading. */
  readonly id: string;
  readonly atMs: number;
  readonly group: LogGroup;
  readonly stream: string;
  readonly text: string;
}

/** What is read of a group. */
export interface Section {
  readonly group: LogGroup;
  readonly streamPrefix?: string;
  readonly startMs: number;
}

export interface ReadingLimits {
  readonly pace: Pace;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** The lines of a section, as they were written. Waits where calls would come too fast. Throws what CloudWatch said. */
async function readSection(
  client: CloudWatchLogsClient,
  { group, streamPrefix, startMs }: Section,
  { pace, now, pause }: ReadingLimits,
): Promise<Line[]> {
  const lines: Line[] = [];
  let nextToken: string | undefined;
  do {
    while (!pace.take(now())) await pause(pace.waitMs(now()));
    const page = await client.send(
      new FilterLogEventsCommand({
        logGroupName: group.name,
        startTime: Math.max(0, Math.floor(startMs)),
        ...(streamPrefix !== undefined && { logStreamNamePrefix: streamPrefix }),
        ...(nextToken !== undefined && { nextToken }),
      }),
    );
    for (const { eventId, timestamp, message, logStreamName = '' } of page.events ?? [])
      if (eventId !== undefined && timestamp !== undefined && message !== undefined)
        lines.push({ id: eventId, atMs: timestamp, group, stream: logStreamName, text: message.trimEnd() });
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return lines;
}

/** How often a section is asked for again. */
const MOST_TRIES = 6;

/** As `readSection`, and waits longer after each call that CloudWatch refuses because there were too many. */
export async function readPatiently(
  client: CloudWatchLogsClient,
  section: Section,
  limits: ReadingLimits,
): Promise<Line[]> {
  for (let tries = 1; ; tries++)
    try {
      return await readSection(client, section, limits);
    } catch (error) {
      if (!isThrottled(error) || tries === MOST_TRIES) throw error;
      await limits.pause(Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1)));
    }
}

/** A line can show up after later ones: this far back is read again. */
const OVERLAP_MS = 15_000;

export interface Tail {
  /** What is new since the last time, in the order of time. Nothing where CloudWatch takes no more calls now. */
  next(): Promise<Line[]>;
  /** Lines that were read by another way are not told again. */
  note(lines: readonly Line[]): Line[];
}

/** Follows groups from `sinceMs` on. */
export function createTail(
  client: CloudWatchLogsClient,
  groups: readonly LogGroup[],
  sinceMs: number,
  limits: ReadingLimits,
): Tail {
  const told = new Map<string, number>();
  const startMs = new Map(groups.map((group) => [group, sinceMs]));
  const backOff = createBackOff();
  const note = (lines: readonly Line[]) => {
    const fresh = lines.filter(({ id }) => !told.has(id));
    for (const { id, atMs } of fresh) told.set(id, atMs);
    return fresh.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  };
  return {
    note,
    async next() {
      const lines: Line[] = [];
      for (const group of groups) {
        if (backOff.isWaiting(limits.now())) break;
        const readAtMs = limits.now();
        try {
          lines.push(
            ...(await readSection(client, { group, startMs: startMs.get(group) ?? sinceMs }, limits)),
          );
          startMs.set(group, Math.max(sinceMs, readAtMs - OVERLAP_MS));
          backOff.reset();
        } catch (error) {
          if (!isThrottled(error)) throw error;
          backOff.note(limits.now());
        }
      }
      const oldestMs = Math.min(...startMs.values());
      const fresh = note(lines);
      for (const [id, atMs] of told) if (atMs < oldestMs - OVERLAP_MS) told.delete(id);
      return fresh;
    },
  };
}

const isThrottled = (error: unknown): boolean =>
  error instanceof Error && /^(Throttling|ThrottlingException|TooManyRequestsException)$/.test(error.name);

const FIRST_MS = 2_000;
const LONGEST_MS = 30_000;

/** Other callers of the account use the same five calls a second: each refusal doubles the wait. */
function createBackOff() {
  let waitMs = 0;
  let untilMs = 0;
  return {
    isWaiting: (nowMs: number) => nowMs < untilMs,
    note(nowMs: number) {
      waitMs = Math.min(LONGEST_MS, Math.max(FIRST_MS, 2 * waitMs));
      untilMs = nowMs + waitMs;
    },
    reset() {
      waitMs = 0;
    },
  };
}
