import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import * as v from 'valibot';
import type { Installation } from '../installation.ts';

/** One line that a function wrote about what it saw or did (functions/*\/handler.ts). */
const RECORD = v.looseObject({
  timestamp: v.string(),
  level: v.string(),
  message: v.string(),
  service: v.string(),
  reason: v.optional(v.string()),
  delivery: v.optional(v.string()),
  job: v.optional(v.number()),
  run: v.optional(v.number()),
  repository: v.optional(v.string()),
  jobName: v.optional(v.string()),
  action: v.optional(v.string()),
  labels: v.optional(v.array(v.string())),
  runner: v.optional(v.string()),
  conclusion: v.optional(v.nullable(v.string())),
  queuedAtMs: v.optional(v.number()),
  startedAtMs: v.optional(v.number()),
  outcome: v.optional(
    v.looseObject({ kind: v.string(), detail: v.optional(v.string()), runnerName: v.optional(v.string()) }),
  ),
  launches: v.optional(
    v.array(v.looseObject({ kind: v.string(), runnerName: v.string(), detail: v.optional(v.string()) })),
  ),
  runnerName: v.optional(v.string()),
  taskArn: v.optional(v.string()),
  ending: v.optional(v.string()),
  costUsd: v.optional(v.number()),
  hardware: v.optional(
    v.looseObject({ vcpu: v.number(), memoryGiB: v.number(), arch: v.string(), isSpot: v.boolean() }),
  ),
  phases: v.optional(v.record(v.string(), v.number())),
  stoppedAtMs: v.optional(v.number()),
});
export type LogRecord = v.InferOutput<typeof RECORD> & { readonly atMs: number };

/** `undefined` for a line that is none of ours: Lambda's own, a metric. */
function readRecord(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const read = v.safeParse(RECORD, JSON.parse(line));
    return read.success ? { ...read.output, atMs: Date.parse(read.output.timestamp) } : undefined;
  } catch {
    return undefined;
  }
}

const FUNCTIONS = ['webhook', 'reconcile', 'taskStopped', 'sweep'] as const;
/** Ten thousand events a page (CloudWatch Logs API reference, FilterLogEvents). */
const MOST_PAGES = 50;

/** What the functions wrote since then, oldest first. `pattern` is a filter of CloudWatch Logs: `{ $.job = 17 }`. */
export async function readRecords(
  installation: Installation,
  sinceMs: number,
  pattern?: string,
): Promise<readonly LogRecord[]> {
  const lists = await Promise.all(
    FUNCTIONS.map((name) => readGroup(installation.logs, installation.logGroupOf(name), sinceMs, pattern)),
  );
  return lists.flat().toSorted((a, b) => a.atMs - b.atMs);
}

async function readGroup(
  client: CloudWatchLogsClient,
  logGroupName: string,
  sinceMs: number,
  filterPattern: string | undefined,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const command = new FilterLogEventsCommand({
      ...{ logGroupName, startTime: sinceMs },
      ...(filterPattern !== undefined && { filterPattern }),
      ...(nextToken !== undefined && { nextToken }),
    });
    const answer = await client.send(command);
    records.push(...(answer.events ?? []).flatMap(({ message }) => readRecord(message ?? '') ?? []));
    nextToken = answer.nextToken;
    if (nextToken === undefined) break;
  }
  return records;
}
