import type { Policy, TaskSize } from '../job/policy.ts';
import type { TaskFact } from '../task/facts.ts';

/** Whether any limit on what runs at once is set. */
export const isConcurrencyLimited = ({ concurrency }: Policy): boolean =>
  Object.values(concurrency).some((limit) => limit !== undefined);

type Room = (size: Pick<TaskSize, 'vcpu'>) => boolean;

/**
 * Counts live tasks, in all and of one repository, against the limits. The returned function says whether a task of
 * a size still fits, and counts it where it does.
 */
export function countConcurrency(
  tasks: readonly TaskFact[],
  repositoryId: number,
  { concurrency }: Policy,
): Room {
  const live = tasks.filter((task) => task.lastStatus !== 'STOPPED');
  const all = usage(live);
  const own = usage(live.filter((task) => task.repository?.id === repositoryId));
  const fits = (used: number, more: number, limit: number | undefined) =>
    limit === undefined || used + more <= limit;
  return ({ vcpu }) => {
    const hasRoom =
      fits(all.runners, 1, concurrency.runners) &&
      fits(own.runners, 1, concurrency.runnersPerRepository) &&
      fits(all.vcpu, vcpu, concurrency.vcpu) &&
      fits(own.vcpu, vcpu, concurrency.vcpuPerRepository);
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

/** Below this a limit is only a few launches wide: reconcile alone keeps it. */
const LEAST_LIMIT = 20;

/**
 * Whether a launch leaves each limit half unused. Webhooks do not see each other: what they launch within the second or so
 * that ECS takes to list a task can pass a limit by as much, and half of it is room for that. Without limits: true.
 */
export function isClearlyUnder(
  tasks: readonly TaskFact[],
  repositoryId: number,
  policy: Policy,
  size: Pick<TaskSize, 'vcpu'>,
): boolean {
  const halved = Object.entries(policy.concurrency).map(([name, limit]) => [
    name,
    limit === undefined ? undefined : limit < LEAST_LIMIT ? 0 : limit / 2,
  ]);
  const concurrency = Object.fromEntries(halved) as Policy['concurrency'];
  return countConcurrency(tasks, repositoryId, { ...policy, concurrency })(size);
}
