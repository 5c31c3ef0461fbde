import type { Message } from './service.ts';

/** By the kind of error in the broker's own body; a bare 404 is a refusal for now. */
const POLL_REFUSALS: ReadonlyMap<string, Message> = new Map([
  ['RunnerNotFound', { kind: 'gone' }],
  ['RunnerVersionTooOld', { kind: 'deprecated' }],
  ['HostedRunnerDeprovisioned', { kind: 'shutdown' }],
  ['RunnerSessionInvalid', { kind: 'session-invalid' }],
]);

interface WireJob {
  readonly runner_request_id: string;
  readonly run_service_url: string;
  readonly billing_owner_id: string;
  readonly should_acknowledge?: boolean;
}

/** What a poll came to (WIRE-15, WIRE-19, WIRE-20). Throws for a refusal for now. */
export async function readMessage(answer: Response): Promise<Message> {
  if (!answer.ok) return readRefusal(answer);
  if (answer.status !== 200) return { kind: 'none' };
  const { messageType, body } = (await answer.json()) as { messageType: string; body: string };
  if (messageType === 'RunnerShutdown') return { kind: 'shutdown' };
  if (messageType === 'JobCancellation') {
    const { jobId } = JSON.parse(body) as { jobId: string };
    return { kind: 'cancel', jobId };
  }
  return messageType === 'RunnerJobRequest' ? offerOf(JSON.parse(body) as WireJob) : { kind: 'none' };
}

const offerOf = (job: WireJob): Message => ({
  kind: 'job',
  requestId: job.runner_request_id,
  runServiceUrl: job.run_service_url,
  billingOwnerId: job.billing_owner_id,
  isToBeAcknowledged: job.should_acknowledge ?? false,
});

async function readRefusal(answer: Response): Promise<Message> {
  if (answer.status === 401) return { kind: 'unauthorized' };
  const body = (await answer.json().catch(() => ({}))) as { source?: string; errorKind?: string };
  const known =
    body.source === 'actions-broker-listener' ? POLL_REFUSALS.get(body.errorKind ?? '') : undefined;
  if (known === undefined) throw new Error(`message: ${answer.status}`);
  return known;
}
