/** What a poll comes to (WIRE-15 to WIRE-20). */
import { CANCELLATION_MS } from '../../../model/github/times.ts';
import type { Message, RunnerRecord } from '../records.ts';
import type { BrokerErrorKind } from './errors.ts';
import { guidOf } from './guid.ts';
import { billingOwnerOf } from './message.ts';

/** What the runner says of itself: `Busy` from the worker's start to its end. */
export type PollStatus = 'Online' | 'Busy';

/**
 * A runner whose worker has ended its job is left in peace while its listener comes to see that: else it would find its
 * registration gone, and end as if no job had run (WIRE-47).
 */
const PARTING_MS = 60_000;

/** A job only while it has none, a cancellation only while it has one: a poll of the other kind is about to be dropped. */
const FITTING: Readonly<Record<PollStatus, Message['messageType']>> = {
  Online: 'RunnerJobRequest',
  Busy: 'JobCancellation',
};

/** Why a runner's poll is refused; undefined where it is not. */
export function pollRefusal(
  { removed, ghost, sessionId, endedAtMs }: RunnerRecord,
  asked: { readonly sessionId: string | undefined; readonly nowMs: number; readonly isDeprecated: boolean },
): BrokerErrorKind | undefined {
  if (asked.isDeprecated) return 'RunnerVersionTooOld';
  const isParting = endedAtMs !== null && asked.nowMs - endedAtMs <= PARTING_MS;
  if (removed && !ghost && !isParting) return 'RunnerNotFound';
  return asked.sessionId === sessionId ? undefined : 'RunnerSessionInvalid';
}

/**
 * Takes the first message that such a poll may have off the queue: a runner deletes none (WIRE-17). A job that was told of
 * and not acknowledged is told of again (WIRE-46): the answer to a poll that was hung up has reached nobody.
 */
export function takeMessage(
  { inbox, job, acknowledged }: RunnerRecord,
  status: PollStatus,
): Message | undefined {
  const at = inbox.findIndex(({ messageType }) => messageType === FITTING[status]);
  if (at >= 0) return inbox.splice(at, 1)[0];
  const isUnheard = job?.status === 'queued' && acknowledged !== requestIdOf(job);
  return isUnheard && status === 'Online' ? { messageType: 'RunnerJobRequest', job } : undefined;
}

export interface WireMessage {
  readonly messageId: number;
  readonly messageType: Message['messageType'];
  /** JSON. */
  readonly body: string;
}

export const wireMessage = (message: Message, messageId: number, runServiceUrl: string): WireMessage => ({
  messageId,
  messageType: message.messageType,
  body: JSON.stringify(bodyOf(message, runServiceUrl)),
});

function bodyOf({ messageType, job }: Message, runServiceUrl: string) {
  if (messageType === 'JobCancellation') return { jobId: job.guid, timeout: timeSpan(CANCELLATION_MS) };
  return {
    id: guidOf('message', job.id, job.assignments),
    runner_request_id: requestIdOf(job),
    run_service_url: runServiceUrl,
    billing_owner_id: billingOwnerOf(job),
    should_acknowledge: true,
  };
}

/** An assignment's. A job that is given to another runner has another. */
export const requestIdOf = ({ id, assignments }: Message['job']): string =>
  guidOf('request', id, assignments);

/** As .NET writes one, of less than a day: `00:05:00` (WIRE-1). */
const timeSpan = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
