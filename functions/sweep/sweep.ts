import type { DoubtedRepository } from '../core/doubt.ts';
import type { TaskFact } from '../core/facts.ts';
import { busyRepositories, DOUBT_ALL_EVERY_MS, DOUBT_BUSY_EVERY_MS } from '../core/plan-doubts.ts';
import { OLDEST_DELIVERY_MS, planRedelivery } from '../core/plan-redelivery.ts';
import {
  type OrphanLook,
  planSweep,
  type Registration,
  type RemoveRunner,
  type StopTask,
  type SweepPlan,
} from '../core/plan-sweep.ts';
import type { Policy } from '../core/policy.ts';
import type { SweepMemory, SweepPorts } from '../core/ports.ts';
import { endsSoon } from '../core/runner-version.ts';
import { applyEach, attempt, type Gather } from './attempt.ts';

const VERSION_EVERY_MS = 12 * 60 * 60 * 1000;

/** What one sweep saw, did and left alone, and every fault that it met on the way. */
export interface SweepReport {
  readonly seen: {
    readonly tasks: number | undefined;
    /** Of those, what has not stopped; for the dashboard. */
    readonly live: { readonly tasks: number; readonly vcpus: number } | undefined;
    readonly registrations: number | undefined;
  };
  readonly stopped: readonly StopTask[];
  readonly removed: readonly RemoveRunner[];
  readonly left: SweepPlan['leave'];
  readonly doubted: readonly DoubtedRepository[];
  readonly redelivered: readonly string[];
  /** True where GitHub soon refuses the image's runner, or does so already. */
  readonly versionEndsSoon: boolean;
  readonly errors: readonly Error[];
}

/**
 * One scheduled pass. Each step and each item fails on its own; an API that is down is never evidence, so what could
 * not be read is not judged. `memory` is changed for the next pass.
 */
export async function sweep(
  ports: SweepPorts,
  memory: SweepMemory,
  policy: Policy,
  nowMs: number,
): Promise<SweepReport> {
  const errors: Error[] = [];
  const gather: Gather = (error) =>
    void errors.push(error instanceof Error ? error : new Error(String(error)));
  const isLookDue = nowMs - memory.lastLookAtMs >= policy.timeouts.orphanGraceSeconds * 1000;
  // Registrations first, then tasks: a launch between the two reads has its registration before its task.
  const { registrations, isWhole } = isLookDue ? await look(ports, gather) : NO_LOOK;
  const tasks = await attempt(() => ports.listTasks(), gather);
  const earlierLooks = memory.looks;
  const reaped = tasks && (await reap(tasks, registrations, ports, memory, policy, nowMs, gather));
  // What could not be read may still be there: its first look stands.
  if (registrations !== undefined && !isWhole)
    memory.looks = [...memory.looks, ...unseen(earlierLooks, registrations)];
  const redelivered = await redeliver(ports, nowMs, gather);
  const doubted = await doubtInRotation(tasks, ports, memory, nowMs, gather);
  const versionEndsSoon = await lookAtVersion(ports, memory, nowMs, gather);
  return {
    seen: { tasks: tasks?.length, live: tasks && countLive(tasks), registrations: registrations?.length },
    stopped: reaped?.stopped ?? [],
    removed: reaped?.removed ?? [],
    left: reaped?.left ?? [],
    doubted,
    redelivered,
    versionEndsSoon,
    errors,
  };
}

/** GitHub is asked twice a day, and the warning stands until a newer image is deployed. */
async function lookAtVersion(
  ports: SweepPorts,
  memory: SweepMemory,
  nowMs: number,
  gather: Gather,
): Promise<boolean> {
  if (nowMs - memory.version.readAtMs >= VERSION_EVERY_MS)
    await attempt(async () => {
      memory.version = { endsAtMs: await ports.readVersionEnd(), readAtMs: nowMs };
    }, gather);
  return endsSoon(memory.version.endsAtMs, nowMs);
}

/** Stops what is over its limits and removes what is left over (rules 22 and 23). */
async function reap(
  tasks: readonly TaskFact[],
  registrations: readonly Registration[] | undefined,
  ports: SweepPorts,
  memory: SweepMemory,
  policy: Policy,
  nowMs: number,
  gather: Gather,
) {
  const { looks, settledTaskArns } = memory;
  const plan = planSweep({ tasks, registrations, looks, settledTaskArns }, policy, nowMs);
  const stopped = await applyEach(
    plan.stop,
    (item) => ports.stopTask(item.taskArn, `oneshot sweep: ${item.reason}`),
    gather,
  );
  const removed = await applyEach(
    plan.remove,
    (item) => ports.removeRunner(item.account, item.scope, item.runnerId),
    gather,
  );
  memory.looks = plan.looks;
  if (registrations !== undefined) memory.lastLookAtMs = nowMs;
  // Remembered for as long as ECS shows the task.
  const settled = new Set([...settledTaskArns, ...removed.flatMap((item) => item.taskArn ?? [])]);
  memory.settledTaskArns = new Set(tasks.map(({ taskArn }) => taskArn).filter((arn) => settled.has(arn)));
  return { stopped, removed, left: plan.leave };
}

function countLive(tasks: readonly TaskFact[]) {
  const live = tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  return { tasks: live.length, vcpus: live.reduce((sum, { size }) => sum + size.vcpu, 0) };
}

/** What a look at GitHub has seen; not whole where a scope could not be read. */
interface Look {
  readonly registrations: readonly Registration[] | undefined;
  readonly isWhole: boolean;
}
const NO_LOOK: Look = { registrations: undefined, isWhole: false };

/** The registrations of ours that could be read: only what is seen is judged, and absence is no evidence. */
async function look(ports: SweepPorts, gather: Gather): Promise<Look> {
  const scopes = await attempt(() => ports.listScopes(), gather);
  if (scopes === undefined) return NO_LOOK;
  const lists = await Promise.all(
    scopes.map((scope) => attempt(() => ports.listRegistrations(scope), gather)),
  );
  return {
    registrations: lists.flatMap((list) => list ?? []),
    isWhole: lists.every((list) => list !== undefined),
  };
}

const unseen = (looks: readonly OrphanLook[], registrations: readonly Registration[]) =>
  looks.filter(({ runnerId }) => !registrations.some((seen) => seen.runnerId === runnerId));

/** Failed deliveries are sent again, at most three attempts each (rule 22). */
async function redeliver(ports: SweepPorts, nowMs: number, gather: Gather): Promise<readonly string[]> {
  const deliveries = await attempt(() => ports.listDeliveries(nowMs - OLDEST_DELIVERY_MS), gather);
  return applyEach(planRedelivery(deliveries ?? [], nowMs), (id) => ports.redeliver(id), gather);
}

/** Repositories with tasks every three minutes, all allowed ones every fifteen (rule 21). */
async function doubtInRotation(
  tasks: readonly TaskFact[] | undefined,
  ports: SweepPorts,
  memory: SweepMemory,
  nowMs: number,
  gather: Gather,
): Promise<readonly DoubtedRepository[]> {
  const isAllDue = nowMs - memory.lastDoubtOfAllAtMs >= DOUBT_ALL_EVERY_MS;
  const isBusyDue = tasks !== undefined && nowMs - memory.lastDoubtOfBusyAtMs >= DOUBT_BUSY_EVERY_MS;
  const all = isAllDue ? await attempt(() => ports.listRepositories(), gather) : undefined;
  const busy = isBusyDue ? busyRepositories(tasks, nowMs) : [];
  const byId = new Map([...busy, ...(all ?? [])].map((repository) => [repository.id, repository]));
  const doubted = await applyEach([...byId.values()], (repository) => ports.doubt({ repository }), gather);
  if (all !== undefined) memory.lastDoubtOfAllAtMs = nowMs;
  if (isBusyDue) memory.lastDoubtOfBusyAtMs = nowMs;
  return doubted;
}
