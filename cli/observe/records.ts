import * as v from 'valibot';
import { DELIVERY } from '../../functions/records/delivery.ts';
import { JOB, type JobRecord, LAUNCH } from '../../functions/records/launch.ts';
import { RECONCILED } from '../../functions/records/reconciled.ts';
import { RERUN } from '../../functions/records/rerun.ts';
import { SETTLED, type SettledTask } from '../../functions/records/settled.ts';
import { upgrade } from '../../functions/records/upgrade.ts';
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

/** What all lines of the functions have. */
const LINE = v.looseObject({
  service: v.pipe(v.string(), v.startsWith('oneshot-')),
  level: v.string(),
  message: v.string(),
  error: text,
  errors: v.optional(v.array(v.string())),
  problem: text,
});

type Delivery = v.InferOutput<typeof DELIVERY>;
type Launch = v.InferOutput<typeof LAUNCH>;

type Said =
  | ({ readonly kind: 'delivery'; readonly job: JobRecord | undefined } & Pick<
      Delivery,
      'status' | 'reason' | 'answer' | 'receivedAtMs'
    >)
  | {
      readonly kind: 'launch';
      readonly by: 'webhook' | 'reconcile';
      readonly job: JobRecord | undefined;
      readonly outcome: Launch['outcome'];
    }
  /** A job that reconcile has left waiting. */
  | ({ readonly kind: 'waiting'; readonly repository: string } & v.InferOutput<
      typeof RECONCILED
    >['waiting'][number])
  | { readonly kind: 'stopped'; readonly task: SettledTask }
  /** What became of the run of a job that was lost to Spot. */
  | ({ readonly kind: 'rerun' } & Pick<
      v.InferOutput<typeof RERUN>,
      'rerunJobId' | 'runId' | 'repository' | 'reason'
    >)
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
  const line = v.safeParse(LINE, upgrade(json));
  if (!line.success) return [];
  const service = line.output.service.slice('oneshot-'.length);
  const said = READERS[service]?.(line.output) ?? [];
  return [...said, ...faultOf(line.output, service, said)];
}

type Line = v.InferOutput<typeof LINE>;

const READERS: { readonly [service: string]: (line: Line) => Said[] } = {
  webhook: readDelivery,
  reconcile: readReconciled,
  settle: readSettled,
  sweep: ({ message }) => (message === 'swept' ? [{ kind: 'swept' }] : []),
};

function readDelivery(line: Line): Said[] {
  const read = v.safeParse(DELIVERY, line);
  if (!read.success) return [];
  const { outcome, status, reason, answer, receivedAtMs } = read.output;
  const job = readJob(line);
  const launch = outcome && { kind: 'launch' as const, by: 'webhook' as const, job, outcome };
  return [{ kind: 'delivery', job, status, reason, answer, receivedAtMs }, ...(launch ? [launch] : [])];
}

function readReconciled(line: Line): Said[] {
  const launch = v.safeParse(LAUNCH, line);
  const { outcome } = launch.success ? launch.output : {};
  if (outcome !== undefined) return [{ kind: 'launch', by: 'reconcile', job: readJob(line), outcome }];
  const rerun = v.safeParse(RERUN, line);
  if (rerun.success) return [{ kind: 'rerun', ...rerun.output }];
  const reconciled = v.safeParse(RECONCILED, line);
  if (!reconciled.success || line.message !== 'reconciled') return [];
  const { repository, waiting } = reconciled.output;
  return waiting.map((job) => ({ kind: 'waiting', repository, ...job }));
}

function readSettled(line: Line): Said[] {
  const read = v.safeParse(SETTLED, line);
  return read.success ? [{ kind: 'stopped', task: read.output }] : [];
}

function readJob(line: Line): JobRecord | undefined {
  const read = v.safeParse(JOB, line);
  return read.success ? read.output : undefined;
}

function faultOf(line: Line, service: string, said: readonly Said[]): Said[] {
  const delivery = said.find(({ kind }) => kind === 'delivery');
  const isTurnedAway =
    delivery?.kind === 'delivery' && delivery.status >= 400 && delivery.reason !== 'doctor-probe';
  if (line.level !== 'ERROR' && line.level !== 'WARN' && !isTurnedAway) return [];
  const detail = line.error ?? line.problem ?? (line.errors?.join('; ') || undefined);
  const message = isTurnedAway
    ? `a delivery was answered ${delivery.status}: ${delivery.answer}`
    : line.message;
  return [{ kind: 'fault', service, message, detail }];
}
