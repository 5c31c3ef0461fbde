import { ranToNormalEnd } from '../../functions/core/task/exit-codes.ts';
import type { StopCause, TaskStop } from '../../functions/core/words/stop-causes.ts';
import type { TaskView } from './snapshot.ts';

/** What stopped a task before its job's normal end, where it was not its own supervisor; `undefined` for all others. */
export function unusualStop({ ending, stop }: Pick<TaskView, 'ending' | 'stop'>): TaskStop | undefined {
  if (stop === undefined || stop.cause === 'supervisor') return undefined;
  return ending !== undefined && ranToNormalEnd(ending) ? undefined : stop;
}

/** How many tasks something else than their supervisor stopped, by cause. */
export function countStops(
  tasks: ReadonlyArray<Pick<TaskView, 'ending' | 'stop'>>,
): ReadonlyMap<StopCause, number> {
  const counts = new Map<StopCause, number>();
  for (const { cause } of tasks.flatMap((task) => unusualStop(task) ?? []))
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return counts;
}
