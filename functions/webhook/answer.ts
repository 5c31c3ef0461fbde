import type { Delivery, JobEvent } from '../core/job/events.ts';
import { closedTo, decideLaunch, decideQueued } from '../core/plan/decide-launch.ts';
import { raiseDoubt } from '../core/plan/doubt.ts';
import { explain, type Reason } from '../core/words/reasons.ts';
import type { Answer, ReceiveContext, ReceivePorts } from './context.ts';
import { launchOrDoubt } from './launching.ts';
import { claimedIdentity, mark } from './mark.ts';
import { lostJobOf, noteEnd } from './note-end.ts';

/** What is done about a delivery whose signature was verified. Throws only for our own faults. */
export async function answerTo(
  delivery: Exclude<Delivery, { kind: 'malformed' }>,
  ports: ReceivePorts,
  context: ReceiveContext,
): Promise<Answer> {
  if (delivery.kind === 'jobless') return doubtRepository(delivery, ports, context);
  if (delivery.kind === 'job' && delivery.event.action === 'in_progress')
    return markFor(delivery.event, ports, context);
  if (delivery.kind === 'job' && delivery.event.action === 'completed')
    return endFor(delivery.event, ports, context);
  const decision = decideLaunch(delivery, context.policy);
  if (decision.verdict !== 'launch') return { ...ignored(decision.reason, decision.detail), decision };
  // Only a job's delivery can be decided so.
  if (delivery.kind !== 'job') return ignored('event-not-handled');
  return launchOrDoubt(decision, delivery.event, ports, context);
}

const ignored = (reason: Reason, detail?: string): Answer => ({
  status: 200,
  message: explain(reason, detail),
  reason,
});

/** A job that cannot be read may be queued all the same: reconcile sees it in GitHub's own list. */
async function doubtRepository(
  { repository, problem }: Extract<Delivery, { kind: 'jobless' }>,
  ports: ReceivePorts,
  { policy, nowMs }: ReceiveContext,
): Promise<Answer> {
  const closed = closedTo(repository, policy);
  if (closed !== undefined) return ignored(closed);
  const { doubt } = await ports.settling();
  await doubt(raiseDoubt(repository, nowMs, { isNews: true }));
  return { status: 202, message: explain('job-malformed', problem), reason: 'job-malformed' };
}

/** The job is known to run on one of our tasks: only then is its wait counted. */
const BELIEVED: ReadonlySet<Reason> = new Set<Reason>(['marked', 'swapped']);

async function markFor(event: JobEvent, ports: ReceivePorts, context: ReceiveContext): Promise<Answer> {
  const identity = claimedIdentity(event, context);
  // Most jobs in progress run elsewhere, and load nothing here.
  if (typeof identity === 'string') return ignored(identity);
  const { reason } = await mark(event, identity, await ports.settling(), context);
  return { ...ignored(reason), ...(BELIEVED.has(reason) && { marked: event }) };
}

/**
 * A job has ended on one of our runners. If it is our job, what its run held back may begin: speed only, so this doubt
 * comes first, and what fails after it is delivered again.
 */
async function endFor(event: JobEvent, ports: ReceivePorts, context: ReceiveContext): Promise<Answer> {
  const { policy, nowMs } = context;
  // Most jobs end elsewhere, and load nothing here.
  if (typeof claimedIdentity(event, context) === 'string') return ignored('action-not-queued', event.action);
  const settling = await ports.settling();
  const { repository, runId } = event;
  if (decideQueued(event, policy).verdict === 'launch')
    await settling.doubt(raiseDoubt(repository, nowMs, { endedJob: { runId, atMs: nowMs } }));
  const { reason, taskArn } = await noteEnd(event, settling, nowMs);
  const mayBeLost = reason === 'job-ended' && taskArn === undefined;
  const lostJob = mayBeLost ? lostJobOf(event, policy) : undefined;
  if (lostJob !== undefined) await settling.doubt(raiseDoubt(repository, nowMs, { lostJob }));
  return ignored(reason, taskArn && 'its task has not stopped yet');
}
