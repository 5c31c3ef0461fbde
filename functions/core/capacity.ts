import type { TaskFact } from './facts.ts';
import type { Policy, TaskSize } from './policy.ts';

/** Whether any limit on what runs at once is set. Only reconcile, which reads the tasks, can keep one. */
export const isCapacityLimited = ({ capacity }: Policy): boolean =>
  Object.values(capacity).some((limit) => limit !== undefined);

type Room = (size: Pick<TaskSize, 'vcpu'>) => boolean;

/**
 * Counts live tasks, in all and of one repository, against the limits. The returned function says whether a task of
 * a size still fits, and counts it where it does.
 */
export function countCapacity(tasks: readonly TaskFact[], repositoryId: number, { capacity }: Policy): Room {
  const live = tasks.filter((task) => task.lastStatus !== 'STOPPED');
  const all = usage(live);
  const own = usage(live.filter((task) => task.repository?.id === repositoryId));
  const fits = (used: number, more: number, limit: number | undefined) =>
    limit === undefined || used + more <= limit;
  return ({ vcpu }) => {
    const hasRoom =
      fits(all.runners, 1, capacity.maximumRunners) &&
      fits(own.runners, 1, capacity.maximumRunnersPerRepository) &&
      fits(all.vcpu, vcpu, capacity.maximumRunningVcpu) &&
      fits(own.vcpu, vcpu, capacity.maximumRunningVcpuPerRepository);
    for (const used of hasRoom ? [all, own] : []) {
      used.runners += 1;
      used.vcpu += vcpu;
    }
    return hasRoom;
  };
}

const usage = (tasks: readonly TaskFact[]) => ({
  runners: tasks.length,
  vcpu: tasks.reduce((sum, { size }) => sum + size.vcpu, 0),
});
