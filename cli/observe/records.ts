import * as v from 'valibot';
import { REASONS, type Reason } from '../../functions/core/words/reasons.ts';
import { STOP_CAUSES, type StopCause } from '../../functions/core/words/stop-causes.ts';
import { RUNNER, readState, type SupervisorState } from './supervisor-state.ts';

/** One event of a log group. */
export interface LogEvent {
  /** CloudWatch's own: the same event has the same id at every reading. */
  readonly id: string;
  readonly atMs: number;
  readonly message: string;
  /** Of a runner's log: the stream is its task's. */
  readonly stream?: string | undefined;
}

const text = v.optional(v.string());
const number = v.optional(v.number());
const reason = v.custom<Reason>((value) => typeof value === 'string' && Object.hasOwn(REASONS, value));

/** The job that a line is about (`jobRecord` in functions/webhook/handler.ts). */
const JOB = v.object({
  job: v.number(),
  run: number,
  repository: v.string(),
  jobName: text,
  action: text,
  labels: v.optional(v.array(v.string()), []),
  runner: text,
  conclusion: text,
  queuedAtMs: number,
  startedAtMs: number,
});
export type JobRecord = v.InferOutput<typeof JOB>;

const OUTCOME = v.object({
  kind: v.picklist(['launched', 'taken', 'refused', 'unknown']),
  runnerName: v.string(),
  detail: text,
  /** What kind of refusal (functions/core/words/outcomes.ts). */
  refusal: text,
  taskArn: text,
});

const DELIVERY = v.object({
  status: v.number(),
  reason: v.optional(reason),
  answer: v.string(),
  delivery: text,
  /** When the function began with it; GitHub's queue to this is the webhook's latency. */
  receivedAtMs: number,
  outcome: v.optional(OUTCOME),
});

const LAUNCH = v.object({ outcome: OUTCOME });

const RECONCILED = v.object({
  message: v.literal('reconciled'),
  repository: v.string(),
  waiting: v.array(v.object({ jobId: v.number(), queuedAtMs: v.number(), reason })),
});

const STOPPED = v.object({
  taskArn: v.string(),
  runnerName: v.string(),
  repository: text,
  hardware: v.object({
    vcpu: v.number(),
    memoryGiB: v.number(),
    storageGiB: v.number(),
    arch: v.picklist(['x64', 'arm64']),
    isSpot: v.boolean(),
  }),
  costUsd: v.number(),
  createdAtMs: v.number(),
  startedAtMs: number,
  stoppedAtMs: number,
  ending: v.string(),
  // Not in the records of before.
  ...{ stopCode: text, stoppedReason: text },
  cause: v.optional(v.fallback(v.picklist(Object.keys(STOP_CAUSES) as StopCause[]), 'unknown')),
  phases: v.record(v.string(), v.number()),
});
export type StoppedTask = v.InferOutput<typeof STOPPED>;

const SWEPT = v.object({ message: v.literal('swept') });

const LINE = v.object({
  service: v.pipe(v.string(), v.startsWith('oneshot-')),
  level: v.string(),
  message: v.string(),
  error: text,
  errors: v.optional(v.array(v.string())),
  problem: text,
});

type Said =
  | ({ readonly kind: 'delivery'; readonly job: JobRecord | undefined } & Omit<
      v.InferOutput<typeof DELIVERY>,
      'outcome'
    >)
  | {
      readonly kind: 'launch';
      readonly by: 'webhook' | 'reconcile';
      readonly job: JobRecord | undefined;
      readonly outcome: v.InferOutput<typeof OUTCOME>;
    }
  /** A job that reconcile has left waiting. */
  | ({ readonly kind: 'waiting'; readonly repository: string } & v.InferOutput<
      typeof RECONCILED
    >['waiting'][number])
  | { readonly kind: 'stopped'; readonly task: StoppedTask }
  | { readonly kind: 'swept' }
  | ({ readonly kind: 'state' } & SupervisorState)
  /** A warning or an error, a delivery that was turned away, or what Lambda says of an invocation that it ended. */
  | {
      readonly kind: 'fault';
      readonly service: string;
      readonly message: string;
      readonly detail: string | undefined;
    };

/** What the functions say in their logs, as far as it is understood; `functions/*\/handler.ts` write it. */
export type LogRecord = Said & { readonly id: string; readonly atMs: number };
export type RecordOf<Kind extends Said['kind']> = Extract<LogRecord, { kind: Kind }>;

/**
 * What one event says; a line may say several things, as a delivery that failed is a fault too. Nothing for what is
 * not understood: metrics, lines of another version, what Lambda writes of every invocation.
 */
export function readRecords({ id, atMs, message, stream }: LogEvent, service: string): LogRecord[] {
  const json = message.startsWith('{') ? parseJson(message) : undefined;
  const said =
    service === RUNNER
      ? readState(json, stream).map((state) => ({ kind: 'state' as const, ...state }))
      : json === undefined
        ? readPlatformLine(message, service)
        : readLine(json);
  return said.map((one, index) => ({ ...one, id: `${id}/${index}`, atMs }));
}

function parseJson(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** Lambda's words for an invocation without a result (docs.aws.amazon.com: Troubleshoot execution issues in Lambda). */
const PLATFORM_FAULT = /Task timed out after [\d.]+ seconds|Runtime exited[^\n]*|Runtime\.\w+Error[^\n]*/;

function readPlatformLine(message: string, service: string): Said[] {
  const [said] = PLATFORM_FAULT.exec(message) ?? [];
  return said === undefined ? [] : [{ kind: 'fault', service, message: said, detail: undefined }];
}

function readLine(json: unknown): Said[] {
  const line = v.safeParse(LINE, json);
  if (!line.success) return [];
  const service = line.output.service.slice('oneshot-'.length);
  const said = READERS[service]?.(json) ?? [];
  return [...said, ...faultOf(line.output, service, said)];
}

const READERS: { readonly [service: string]: (json: unknown) => Said[] } = {
  webhook: readDelivery,
  reconcile: readReconciled,
  settle: readStopped,
  sweep: (json) => (v.is(SWEPT, json) ? [{ kind: 'swept' }] : []),
};

function readDelivery(json: unknown): Said[] {
  const read = v.safeParse(DELIVERY, json);
  if (!read.success) return [];
  const { outcome, ...delivery } = read.output;
  const job = readJob(json);
  const launch = outcome && { kind: 'launch' as const, by: 'webhook' as const, job, outcome };
  return [{ kind: 'delivery', job, ...delivery }, ...(launch ? [launch] : [])];
}

function readReconciled(json: unknown): Said[] {
  const launch = v.safeParse(LAUNCH, json);
  if (launch.success) return [{ kind: 'launch', by: 'reconcile', job: readJob(json), ...launch.output }];
  const reconciled = v.safeParse(RECONCILED, json);
  if (!reconciled.success) return [];
  const { repository, waiting } = reconciled.output;
  return waiting.map((job) => ({ kind: 'waiting', repository, ...job }));
}

function readStopped(json: unknown): Said[] {
  const read = v.safeParse(STOPPED, json);
  return read.success ? [{ kind: 'stopped', task: read.output }] : [];
}

function readJob(json: unknown): JobRecord | undefined {
  const read = v.safeParse(JOB, json);
  return read.success ? read.output : undefined;
}

function faultOf(line: v.InferOutput<typeof LINE>, service: string, said: readonly Said[]): Said[] {
  const delivery = said.find(({ kind }) => kind === 'delivery');
  const isTurnedAway = delivery?.kind === 'delivery' && delivery.status >= 400;
  if (line.level !== 'ERROR' && line.level !== 'WARN' && !isTurnedAway) return [];
  const detail = line.error ?? line.problem ?? (line.errors?.join('; ') || undefined);
  const message = isTurnedAway
    ? `a delivery was answered ${delivery.status}: ${delivery.answer}`
    : line.message;
  return [{ kind: 'fault', service, message, detail }];
}
