import { isCapacityLimited } from '../core/capacity.ts';
import type { Cooling } from '../core/cooling.ts';
import { decideLaunch, type Launch, type NoLaunch } from '../core/decide-launch.ts';
import { type Delivery, type JobEvent, readDelivery } from '../core/events.ts';
import { parseRunnerName } from '../core/identity.ts';
import type { LaunchOutcome } from '../core/outcomes.ts';
import type { Policy } from '../core/policy.ts';
import type { LaunchPorts, MarkPorts } from '../core/ports.ts';
import { explain, REASONS, type Reason } from '../core/reasons.ts';
import type { JobRefusal } from '../core/refusal.ts';
import { launch } from '../launch/launch.ts';
import { mark } from './mark.ts';

/** A delivery as the HTTP API hands it over. Header names are in lower case (payload format 2.0). */
export interface RawDelivery {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
}

export interface ReceivePorts {
  /** Whether the signature is that of the raw body under a secret of ours. */
  verifySignature(body: string, signature: string): Promise<boolean>;
  /** Loaded for the deliveries that launch, and for no other. */
  launching(): Promise<LaunchPorts>;
  /** Loaded for those that mark a task or raise a doubt. */
  settling(): Promise<MarkPorts>;
}

export interface Receiving {
  readonly policy: Policy;
  readonly prefix: string;
  readonly nowMs: number;
  /** Aborted when the function's own deadline has come: what is left then becomes a doubt. */
  readonly signal: AbortSignal;
  readonly cooling: Cooling;
}

/** What is answered to GitHub, where people read it in the delivery log, and what is logged. No secret in either. */
export interface Answer {
  readonly status: 200 | 202 | 400 | 401 | 413 | 503;
  readonly message: string;
  readonly reason?: Reason;
  readonly decision?: Launch | NoLaunch;
  readonly outcome?: LaunchOutcome;
  /** The job that it was about, whatever was decided: the log's record of a job's life. */
  readonly event?: JobEvent;
  /** A job that began on a runner of ours. */
  readonly marked?: JobEvent;
}

/** Payloads of `workflow_job` have 7 to 11 KB; GitHub caps any at 25 MB, the Lambda's own limit is 6 MB. */
const LARGEST_BODY_BYTES = 1024 * 1024;
/** A job whose event is older may long have run: reconcile sees whether it still waits (rule 9). */
const FRESH_MS = 30_000;

/** One delivery, from raw request to answer. Throws only what is a fault of ours. */
export async function receive(raw: RawDelivery, ports: ReceivePorts, receiving: Receiving): Promise<Answer> {
  const bytes = Buffer.from(raw.body ?? '', raw.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > LARGEST_BODY_BYTES)
    return { status: 413, message: `the body has ${bytes.length} bytes, the limit is ${LARGEST_BODY_BYTES}` };
  const signature = raw.headers['x-hub-signature-256'];
  if (!signature)
    return {
      status: 401,
      message: 'no X-Hub-Signature-256 header: set the secret in the App’s webhook settings',
    };
  const body = decodeUtf8(bytes);
  if (body === undefined) return { status: 400, message: 'the body is not UTF-8' };
  if (!(await ports.verifySignature(body, signature)))
    return { status: 401, message: 'the signature does not match the body under the webhook secret' };
  const delivery = parse(raw.headers['x-github-event'], body);
  if (delivery.kind === 'malformed') return { status: 400, message: delivery.problem };
  const answer = await answerTo(delivery, ports, receiving);
  return delivery.kind === 'job' ? { ...answer, event: delivery.event } : answer;
}

async function answerTo(
  delivery: Exclude<Delivery, { kind: 'malformed' }>,
  ports: ReceivePorts,
  receiving: Receiving,
): Promise<Answer> {
  if (delivery.kind === 'job' && delivery.event.action === 'in_progress')
    return markFor(delivery.event, ports, receiving);
  const decision = decideLaunch(delivery, receiving.policy);
  if (decision.verdict !== 'launch')
    return {
      status: 200,
      message: explain(decision.reason, decision.detail),
      reason: decision.reason,
      decision,
    };
  return decision.refusal === undefined
    ? launchOrDoubt(decision, delivery, ports, receiving)
    : refuseLater(decision, decision.refusal, ports);
}

/** Reconcile starts refusals, as it can count them: deliveries of one matrix would not see each other's (ADR 32). */
async function refuseLater(
  decision: Launch,
  { reason, message }: JobRefusal,
  ports: ReceivePorts,
): Promise<Answer> {
  const answer = await doubtFor(decision, reason, ports);
  return { ...answer, message };
}

/** `undefined` for bytes that are not UTF-8: decoded leniently they would no longer be what was signed. */
function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(event: string | undefined, body: string): Delivery {
  if (!event) return { kind: 'malformed', problem: 'no X-GitHub-Event header' };
  try {
    return readDelivery(event, JSON.parse(body));
  } catch {
    return {
      kind: 'malformed',
      problem: 'the body is not JSON: set the content type application/json in the App’s webhook settings',
    };
  }
}

/** Rule 9: a fresh event launches; whatever is not a success, and every older event, is a doubt. */
async function launchOrDoubt(
  decision: Launch,
  delivery: Delivery,
  ports: ReceivePorts,
  receiving: Receiving,
): Promise<Answer> {
  const { nowMs, cooling, policy, prefix, signal } = receiving;
  if (!isFresh(delivery, nowMs)) return doubtFor(decision, 'event-too-old', ports);
  if (isCapacityLimited(policy)) return doubtFor(decision, 'capacity-limited', ports);
  if (cooling.isCooling(nowMs)) return doubtFor(decision, 'cooling', ports);
  const outcome = await launch(decision, 0, prefix, ports.launching(), signal);
  cooling.note(outcome, nowMs);
  if (outcome.kind !== 'launched') return { ...(await doubtFor(decision, outcome.kind, ports)), outcome };
  const { given } = decision;
  const spot = given.spot && !outcome.fellBack ? ', Spot' : '';
  const size = `${given.vcpu} vCPU, ${given.memoryGiB} GiB, ${given.arch}${spot}`;
  return {
    status: 202,
    message: `launched ${outcome.runnerName} with ${size}`,
    reason: 'launched',
    decision,
    outcome,
  };
}

/** The delivery is acknowledged once the doubt is kept (rule 10); where it cannot be, this throws and GitHub sees 5xx. */
async function doubtFor(decision: Launch, reason: Reason, ports: ReceivePorts): Promise<Answer> {
  const { repository, installationId } = decision;
  const { doubt } = await ports.settling();
  await doubt({ repository: { ...repository, installationId } });
  return { status: 202, message: explain('in-doubt', REASONS[reason]), reason, decision };
}

async function markFor(event: JobEvent, ports: ReceivePorts, { policy, prefix }: Receiving): Promise<Answer> {
  const isOurs = event.runnerName !== undefined && parseRunnerName(prefix, event.runnerName) !== undefined;
  // Most jobs in progress run elsewhere, and load nothing here.
  if (!isOurs) return { status: 200, message: explain('runner-unknown'), reason: 'runner-unknown' };
  const { reason } = await mark(event, await ports.settling(), policy, prefix);
  return { status: 200, message: explain(reason), reason, marked: event };
}

const isFresh = (delivery: Delivery, nowMs: number): boolean =>
  delivery.kind === 'job' &&
  delivery.event.createdAtMs !== undefined &&
  nowMs - delivery.event.createdAtMs <= FRESH_MS;
