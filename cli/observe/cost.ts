import { type ProviderName, titleAfter } from '../../functions/core/job/providers.ts';
import type { Architecture } from '../../functions/core/job/sizes.ts';
import { ranNoJob, type TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { secondsOfCost, spotSavedUsd, taskCostUsd } from '../../functions/core/task/prices.ts';
import type { SettledTask } from '../../functions/records/settled.ts';
import type { TaskView } from './snapshot.ts';

/** By what costs can be told apart. A month is one of UTC: `2026-10`. */
export const DIMENSIONS = ['repository', 'workflow', 'label', 'month', 'size'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** US dollars; estimates all. Each is a sum over tasks. */
export interface CostSum {
  readonly tasks: number;
  /** That they ran. */
  readonly minutes: number;
  readonly usd: number;
  /** What the same tasks would have cost more on demand. */
  readonly spotSavedUsd: number;
  /** Part of `usd`: tasks that ran no job. */
  readonly idleUsd: number;
  /** Part of `usd`: of the other tasks the time before their runner started, which is the pull of the image and the start. */
  readonly bootUsd: number;
}

/** What some tasks came to, and what they have in common. */
export type CostShare = Readonly<Partial<Record<Dimension, string>>> & CostSum;

/** What one task is counted under, and with. */
type Costed = Readonly<Partial<Record<Dimension, string>>> & { readonly cost: CostSum };

const UNKNOWN = 'unknown';
const MINUTE_MS = 60_000;

const NOTHING: CostSum = { tasks: 0, minutes: 0, usd: 0, spotSavedUsd: 0, idleUsd: 0, bootUsd: 0 };

/** As people read it: `2 vCPU, 4 GiB, x64, Spot`. */
export const sizeWords = (
  { vcpu, memoryGiB }: Pick<TaskView['size'], 'vcpu' | 'memoryGiB'>,
  arch: Architecture,
  provider: ProviderName,
): string => `${vcpu} vCPU, ${memoryGiB} GiB, ${arch}${titleAfter(provider)}`;

/**
 * Of a task that has ended, at the region's prices of this version: whichever version wrote its line. It is counted for the
 * job that its runner was launched for, though GitHub may have given that runner another job.
 */
export function costOfSettled(task: SettledTask, region: string): Costed {
  const { repository, workflow, labels = [], hardware, ending, phases } = task;
  const billed = task.billedSeconds ?? secondsOfCost(hardware, task.costUsd);
  const usd = taskCostUsd(hardware, billed, region);
  return {
    ...(repository !== undefined && { repository }),
    ...(workflow !== undefined && { workflow }),
    ...(labels.length > 0 && { label: labels.join(' ') }),
    month: monthOf(task.stoppedAtMs ?? task.createdAtMs),
    size: sizeWords(hardware, hardware.arch, hardware.provider),
    cost: {
      tasks: 1,
      minutes: minutesOf(task.startedAtMs, task.stoppedAtMs),
      usd,
      spotSavedUsd: billed === 0 ? 0 : spotSavedUsd(hardware, billed, region),
      ...unusedOf(usd, billed, ending, phases),
    },
  };
}

/** What of a task's cost no job had, as far as its record tells. How long a runner waited for its job, it does not. */
function unusedOf(
  usd: number,
  billed: number,
  ending: TaskEnding,
  { pull = 0, start = 0 }: SettledTask['phases'],
): Pick<CostSum, 'idleUsd' | 'bootUsd'> {
  if (ranNoJob(ending)) return { idleUsd: usd, bootUsd: 0 };
  return { idleUsd: 0, bootUsd: billed === 0 ? 0 : usd * Math.min(1, (pull + start) / billed) };
}

/** When it stopped, epoch milliseconds; `2026-10` of UTC. */
const monthOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 7);

/** Of a task that may still run: what it came to until now, and nothing of what was unused. */
export const costOfTask = (
  { repository, size, arch, provider, costUsd: usd, startedAtMs, stoppedAtMs }: TaskView,
  nowMs: number,
): Costed => ({
  ...(repository !== undefined && { repository }),
  size: sizeWords(size, arch, provider),
  cost: { ...NOTHING, tasks: 1, usd, minutes: minutesOf(startedAtMs, stoppedAtMs ?? nowMs) },
});

const minutesOf = (fromMs: number | undefined, toMs: number | undefined): number =>
  fromMs === undefined || toMs === undefined ? 0 : Math.max(0, toMs - fromMs) / MINUTE_MS;

/** One share for each combination that there is, dearest first: each task is in one of them. */
export function costBy(tasks: readonly Costed[], by: readonly Dimension[]): readonly CostShare[] {
  const groups = new Map<string, { readonly named: Partial<Record<Dimension, string>>; sum: CostSum }>();
  for (const task of tasks) {
    const named = Object.fromEntries(by.map((dimension) => [dimension, task[dimension] ?? UNKNOWN]));
    const key = JSON.stringify(Object.values(named));
    const group = groups.get(key) ?? { named, sum: NOTHING };
    groups.set(key, { named, sum: add(group.sum, task.cost) });
  }
  return [...groups.values()]
    .map(({ named, sum }) => ({ ...named, ...sum }))
    .toSorted((a, b) => b.usd - a.usd);
}

/** Of all of them together. */
export const sumOf = (shares: readonly CostSum[]): CostSum => shares.reduce(add, NOTHING);

const add = (a: CostSum, b: CostSum): CostSum => ({
  tasks: a.tasks + b.tasks,
  minutes: a.minutes + b.minutes,
  usd: a.usd + b.usd,
  spotSavedUsd: a.spotSavedUsd + b.spotSavedUsd,
  idleUsd: a.idleUsd + b.idleUsd,
  bootUsd: a.bootUsd + b.bootUsd,
});
