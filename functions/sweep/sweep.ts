import {
  planSweep,
  type Registration,
  type RemoveRunner,
  type StopTask,
  type SweepPlan,
} from '../core/plan-sweep.ts';
import type { Policy } from '../core/policy.ts';
import type { RegistrationScope, SweepMemory, SweepPorts } from '../core/ports.ts';

/** What one sweep saw, did and left alone, and every fault that it met on the way. */
export interface SweepReport {
  readonly seen: { readonly tasks: number; readonly registrations: number | undefined };
  readonly stopped: readonly StopTask[];
  readonly removed: readonly RemoveRunner[];
  readonly left: SweepPlan['leave'];
  readonly errors: readonly Error[];
}

/**
 * One scheduled pass: observe, plan, apply. Each step and each item fails on its own; an API that is down is never
 * evidence, so what could not be read is not judged. `memory` is changed for the next pass.
 */
export async function sweep(
  ports: SweepPorts,
  memory: SweepMemory,
  policy: Policy,
  nowMs: number,
): Promise<SweepReport> {
  const errors: Error[] = [];
  const gather = (error: unknown) =>
    void errors.push(error instanceof Error ? error : new Error(String(error)));
  const isLookDue = nowMs - memory.lastLookAtMs >= policy.timeouts.orphanGraceSeconds * 1000;
  // Registrations first, then tasks: a launch between the two reads has its registration before its task.
  const registrations = isLookDue ? await look(ports, gather) : undefined;
  const tasks = await attempt(() => ports.listTasks(), gather);
  if (tasks === undefined)
    return { seen: { tasks: 0, registrations: undefined }, stopped: [], removed: [], left: [], errors };

  const plan = planSweep(
    { tasks, registrations, looks: memory.looks, settledTaskArns: memory.settledTaskArns },
    policy,
    nowMs,
  );
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
  memory.settledTaskArns = settled(
    memory,
    removed,
    tasks.map((task) => task.taskArn),
  );
  return {
    seen: { tasks: tasks.length, registrations: registrations?.length },
    stopped,
    removed,
    left: plan.leave,
    errors,
  };
}

/**
 * The registrations of ours that could be read; `undefined` when none was looked for. A scope that failed is left
 * out: only what is seen is judged, and absence is no evidence.
 */
async function look(
  ports: SweepPorts,
  gather: (error: unknown) => void,
): Promise<readonly Registration[] | undefined> {
  const scopes = await attempt(() => ports.listScopes(), gather);
  if (scopes === undefined) return undefined;
  const lists = await Promise.all(scopes.map((scope) => lookAt(scope, ports, gather)));
  return lists.flatMap((list) => list ?? []);
}

const lookAt = (scope: RegistrationScope, ports: SweepPorts, gather: (error: unknown) => void) =>
  attempt(() => ports.listRegistrations(scope), gather);

async function attempt<T>(
  action: () => Promise<T>,
  gather: (error: unknown) => void,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    gather(error);
    return undefined;
  }
}

/** Applies each item on its own; returns those that succeeded. */
async function applyEach<Item>(
  items: readonly Item[],
  apply: (item: Item) => Promise<void>,
  gather: (error: unknown) => void,
): Promise<Item[]> {
  const done: Item[] = [];
  for (const item of items) {
    const isDone = await attempt(() => apply(item).then(() => true), gather);
    if (isDone) done.push(item);
  }
  return done;
}

/** Remembered for as long as ECS shows the task. */
function settled(
  memory: SweepMemory,
  removed: readonly RemoveRunner[],
  visible: readonly string[],
): ReadonlySet<string> {
  const all = new Set([...memory.settledTaskArns, ...removed.flatMap((item) => item.taskArn ?? [])]);
  return new Set(visible.filter((taskArn) => all.has(taskArn)));
}
