import { decideLaunch, type Launch, type NoLaunch } from '../core/decide-launch.ts';
import { type Delivery, readDelivery } from '../core/events.ts';
import type { LaunchOutcome } from '../core/outcomes.ts';
import type { Policy } from '../core/policy.ts';
import type { JobPorts, LaunchPorts } from '../core/ports.ts';
import { explain, type Reason } from '../core/reasons.ts';
import { accountOf, launch } from '../launch/launch.ts';

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
  launching(): Promise<LaunchPorts & JobPorts>;
}

export interface Receiving {
  readonly policy: Policy;
  readonly prefix: string;
  readonly nowMs: number;
  /** Aborted when the function's own deadline has come. */
  readonly signal: AbortSignal;
}

/** What is answered to GitHub, where people read it in the delivery log, and what is logged. No secret in either. */
export interface Answer {
  readonly status: 200 | 202 | 400 | 401 | 413 | 503;
  readonly message: string;
  readonly reason?: Reason;
  readonly decision?: Launch | NoLaunch;
  readonly outcome?: LaunchOutcome;
}

/** Payloads of `workflow_job` have 7 to 11 KB; GitHub caps any at 25 MB, the Lambda's own limit is 6 MB. */
const LARGEST_BODY_BYTES = 1024 * 1024;
/** An event older than this is checked against the job first: it may long have run (rule 9). */
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
  const decision = decideLaunch(delivery, receiving.policy);
  if (decision.verdict !== 'launch')
    return {
      status: 200,
      message: explain(decision.reason, decision.detail),
      reason: decision.reason,
      decision,
    };
  return launchFor(decision, delivery, ports, receiving);
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

async function launchFor(
  decision: Launch,
  delivery: Delivery,
  ports: ReceivePorts,
  receiving: Receiving,
): Promise<Answer> {
  const launching = await ports.launching();
  if (!isFresh(delivery, receiving.nowMs) && !(await isStillQueued(decision, launching, receiving.signal)))
    return { status: 200, message: explain('job-not-queued'), reason: 'job-not-queued', decision };
  const outcome = await launch(decision, 0, receiving.prefix, launching, receiving.signal);
  return { ...answerTo(outcome, decision), decision, outcome };
}

const isFresh = (delivery: Delivery, nowMs: number): boolean =>
  delivery.kind === 'job' &&
  delivery.event.createdAtMs !== undefined &&
  nowMs - delivery.event.createdAtMs <= FRESH_MS;

const isStillQueued = (decision: Launch, ports: JobPorts, signal: AbortSignal): Promise<boolean> => {
  const { owner, name } = decision.repository;
  return ports.isJobQueued(accountOf(decision), `${owner}/${name}`, decision.jobId, signal);
};

function answerTo(outcome: LaunchOutcome, { given }: Launch): Pick<Answer, 'status' | 'message' | 'reason'> {
  if (outcome.kind === 'launched') {
    const size = `${given.vcpu} vCPU, ${given.memoryGiB} GiB, ${given.arch}${given.spot && !outcome.fellBack ? ', Spot' : ''}`;
    return { status: 202, message: `launched ${outcome.runnerName} with ${size}`, reason: 'launched' };
  }
  if (outcome.kind === 'taken')
    return { status: 200, message: explain('taken', outcome.runnerName), reason: 'taken' };
  // 5xx: GitHub's delivery log shows it as failed, and it can be redelivered.
  return {
    status: 503,
    message: explain(outcome.kind, `${outcome.step}: ${outcome.detail}`),
    reason: outcome.kind,
  };
}
