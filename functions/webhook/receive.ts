import { type Delivery, readDelivery } from '../core/job/events.ts';
import { answerTo } from './answer.ts';
import type { Answer, ReceiveContext, ReceivePorts } from './context.ts';

/** A delivery as the HTTP API hands it over. Header names are in lower case (payload format 2.0). */
export interface RawDelivery {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
}

/** Payloads of `workflow_job` have 7 to 11 KB; GitHub caps any at 25 MB, the Lambda's own limit is 6 MB. */
const LARGEST_BODY_BYTES = 1024 * 1024;

/** One delivery, from raw request to answer. Throws only for our own faults. */
export async function receive(
  raw: RawDelivery,
  ports: ReceivePorts,
  context: ReceiveContext,
): Promise<Answer> {
  // A caller with the right to invoke the function can send anything: only text is a body.
  const text = typeof raw.body === 'string' ? raw.body : '';
  const bytes = Buffer.from(text, raw.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > LARGEST_BODY_BYTES)
    return { status: 413, message: `the body has ${bytes.length} bytes, the limit is ${LARGEST_BODY_BYTES}` };
  const signature = raw.headers['x-hub-signature-256'];
  if (!signature) return unsigned(raw, bytes);
  const body = decodeUtf8(bytes);
  if (body === undefined) return { status: 400, message: 'the body is not UTF-8' };
  if (!(await ports.verifySignature(body, signature)))
    return { status: 401, message: 'the signature does not match the body under the webhook secret' };
  const delivery = parse(raw.headers['x-github-event'], body);
  if (delivery.kind === 'malformed') return { status: 400, message: delivery.problem };
  const answer = await answerTo(delivery, ports, context);
  return delivery.kind === 'job' ? { ...answer, event: delivery.event } : answer;
}

/**
 * The doctor's own probe is told apart, so that a check is not reported as an attack. Anyone can send the header, and gains
 * nothing: without a body there is nothing to hide, and many of them in an hour are reported (cli/observe/fold.ts).
 */
function unsigned({ headers }: RawDelivery, { length }: Uint8Array): Answer {
  const message = 'no X-Hub-Signature-256 header: set the secret in the App’s webhook settings';
  const isProbe = length === 0 && headers['x-oneshot-probe'] !== undefined;
  return { status: 401, message, ...(isProbe && { reason: 'doctor-probe' }) };
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
