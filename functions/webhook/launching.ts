import type { JobEvent } from '../core/job/events.ts';
import { parseRunnerName } from '../core/job/identity.ts';
import { titleAfter } from '../core/job/providers.ts';
import { isClearlyUnder, isConcurrencyLimited } from '../core/plan/concurrency.ts';
import { type Launch, reasonOfStatus } from '../core/plan/decide-launch.ts';
import { raiseDoubt } from '../core/plan/doubt.ts';
import { planReconcile, type ReconcilePlan } from '../core/plan/plan-reconcile.ts';
import type { JobFact, TaskFact } from '../core/task/facts.ts';
import { explain, REASONS, type Reason } from '../core/words/reasons.ts';
import { rejectionsLeft } from '../core/words/rejection.ts';
import { launch } from '../launch/launch.ts';
import type { Answer, ReceiveContext, ReceivePorts } from './context.ts';

/** A job whose event is older may long have run, or waited for an approval: GitHub is asked (rule 9). */
const FRESH_MS = 30_000;

/**
 * Rule 9: a fresh event launches, with three calls. Where the delivery alone does not say enough, what it lacks is read
 * first: whether an old job still waits (GitHub), and what runs (ECS). Whatever is not a success is a doubt.
 */
export async function launchOrDoubt(
  decision: Launch,
  event: JobEvent,
  ports: ReceivePorts,
  context: ReceiveContext,
): Promise<Answer> {
  const { nowMs, cooling, policy } = context;
  const doubt = (reason: Reason) => doubtFor(decision, reason, ports, context);
  if (cooling.isCooling(decision.repository.owner, nowMs)) return doubt('cooling');
  const isOld = event.createdAtMs === undefined || nowMs - event.createdAtMs > FRESH_MS;
  if (!isOld && !isConcurrencyLimited(policy) && decision.rejection === undefined)
    return launchNow(decision, 0, ports, context);
  const seen = await look(decision, event, isOld, ports, context).catch(() => undefined);
  if (seen === undefined) return doubt(isOld ? 'event-too-old' : 'concurrency-limited');
  return launchAsPlanned(decision, seen, ports, context);
}

interface Seen {
  readonly job: JobFact | undefined;
  readonly tasks: readonly TaskFact[];
}

/** `undefined` where there is more to read than a delivery has time for. */
async function look(
  { repository }: Launch,
  event: JobEvent,
  isOld: boolean,
  ports: ReceivePorts,
  { signal }: ReceiveContext,
): Promise<Seen | undefined> {
  const { readJob, listFewTasks } = await ports.looking();
  const job = isOld
    ? await readJob(repository, event.jobId, signal)
    : { ...event, createdAtMs: event.createdAtMs ?? 0 };
  const tasks = job?.status === 'queued' ? await listFewTasks(signal) : [];
  return tasks && { job, tasks };
}

/** By the plan that a reconcile would make of this one job: never beside a task that counts for it, nor in its pause. */
async function launchAsPlanned(
  decision: Launch,
  { job, tasks }: Seen,
  ports: ReceivePorts,
  context: ReceiveContext,
): Promise<Answer> {
  const { policy, prefix, nowMs } = context;
  if (job === undefined) return doubtFor(decision, 'event-too-old', ports, context);
  if (job.status !== 'queued') {
    const reason = reasonOfStatus(job.status);
    return { status: 200, message: explain(reason), reason, decision };
  }
  const { repository } = decision;
  const snapshot = { repository, jobs: [job], isWhole: false, jobsReadAtMs: nowMs, tasks };
  const plan = planReconcile(snapshot, policy, prefix, nowMs);
  const [planned] = plan.launches;
  // ECS's list may be behind: the doubt sees whether the task is alive.
  if (plan.matched.length > 0) return doubtFor(decision, 'matched', ports, context);
  if (planned === undefined) return doubtFor(decision, reasonOf(plan), ports, context);
  // Another job has its runner, and a runner of another's may be its: reconcile counts them all.
  const isLaunchedFor = tasks.some((task) => parseRunnerName(prefix, task.runnerName)?.jobId === job.jobId);
  if (isLaunchedFor) return doubtFor(decision, 'launched-before', ports, context);
  // A throttle says that many launch at this moment: then what was counted no longer holds.
  const isCounted = isConcurrencyLimited(policy) || decision.rejection !== undefined;
  // What others launch at this moment is not in the list yet: there must be ample room.
  const isRoomy = isClearlyUnder(tasks, repository.id, policy, decision.given);
  if (!isRoomy || !mayTell(decision, tasks, context))
    return doubtFor(decision, 'concurrency-limited', ports, context);
  return launchNow(decision, planned.generation, ports, context, isCounted ? 0 : undefined);
}

/** Half of the hour's rejection tasks are started by reconcile alone, as it can count them. */
const mayTell = (
  { rejection, repository }: Launch,
  tasks: readonly TaskFact[],
  { policy, nowMs }: ReceiveContext,
): boolean =>
  rejection === undefined ||
  rejectionsLeft(tasks, repository.id, policy, nowMs) > policy.rejections.maximumPerHour / 2;

const reasonOf = ({ waiting, leftAlone }: ReconcilePlan): Reason =>
  [...waiting, ...leftAlone][0]?.reason ?? 'concurrency-limited';

async function launchNow(
  decision: Launch,
  generation: number,
  ports: ReceivePorts,
  context: ReceiveContext,
  mostThrottles?: number,
): Promise<Answer> {
  const { nowMs, cooling, prefix, signal } = context;
  const outcome = await launch(decision, generation, prefix, ports.launching(), signal, mostThrottles);
  cooling.note(decision.repository.owner, outcome, nowMs);
  if (outcome.kind !== 'launched')
    return { ...(await doubtFor(decision, outcome.kind, ports, context)), outcome };
  const message = decision.rejection?.message ?? describe(decision, outcome);
  const reason = decision.rejection?.reason ?? 'launched';
  return { status: 202, message, reason, decision, outcome };
}

function describe(
  { given }: Launch,
  { runnerName, fellBack }: { runnerName: string; fellBack: boolean },
): string {
  const where = fellBack ? '' : titleAfter(given.provider);
  return `launched ${runnerName} with ${given.vcpu} vCPU, ${given.memoryGiB} GiB, ${given.arch}${where}`;
}

/** The delivery is acknowledged once the doubt is kept (rule 10); where it cannot be, this throws and GitHub sees 5xx. */
async function doubtFor(
  decision: Launch,
  reason: Reason,
  ports: ReceivePorts,
  { nowMs }: ReceiveContext,
): Promise<Answer> {
  const { repository, jobId, rejection } = decision;
  const { doubt } = await ports.settling();
  await doubt(raiseDoubt(repository, nowMs, { jobIds: [jobId], isNews: true }));
  const told = rejection ?? { reason, message: explain('in-doubt', REASONS[reason]) };
  return { status: 202, message: told.message, reason: told.reason, decision };
}
