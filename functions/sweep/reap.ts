import {
  planSweep,
  type Registration,
  type RemoveRunner,
  type StopTask,
  type SweepPlan,
} from '../core/plan/plan-sweep.ts';
import type { TaskFact } from '../core/task/facts.ts';
import { SWEEP_STOP } from '../core/words/stop-causes.ts';
import { applyEach } from './attempt.ts';
import { type Pass, stepOf } from './pass.ts';

export interface Reaped {
  readonly stopped: readonly StopTask[];
  readonly removed: readonly RemoveRunner[];
  readonly left: SweepPlan['leave'];
}

/** Stops what is over its limits and removes what is left over (rules 22 and 23). */
export async function reap(
  tasks: readonly TaskFact[],
  registrations: readonly Registration[] | undefined,
  pass: Pass,
): Promise<Reaped> {
  const { ports, memory, policy, nowMs } = pass;
  const { looks, settledTaskArns } = memory;
  const plan = planSweep({ tasks, registrations, looks, settledTaskArns }, policy, nowMs);
  memory.looks = plan.looks;
  const stop = ({ taskArn, reason }: StopTask) => ports.stopTask(taskArn, `${SWEEP_STOP} ${reason}`);
  const stopped = await applyEach(plan.stop, stop, stepOf(pass, 'stops'));
  const remove = ({ account, scope, runnerId }: RemoveRunner) => ports.removeRunner(account, scope, runnerId);
  const removed = await applyEach(plan.remove, remove, stepOf(pass, 'removals'));
  // Remembered for as long as ECS shows the task.
  const settled = new Set([...settledTaskArns, ...removed.flatMap((item) => item.taskArn ?? [])]);
  memory.settledTaskArns = new Set(tasks.map(({ taskArn }) => taskArn).filter((arn) => settled.has(arn)));
  return { stopped, removed, left: plan.leave };
}
