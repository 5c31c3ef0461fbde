import { type ProviderName, titleAfter } from '../../functions/core/job/providers.ts';
import type { Architecture } from '../../functions/core/job/sizes.ts';
import type { SettledTask } from '../../functions/records/settled.ts';
import type { TaskView } from './snapshot.ts';

/** What tasks of one size cost one repository: an estimate at the prices of us-east-1. */
export interface CostShare {
  readonly repository: string;
  readonly size: string;
  readonly tasks: number;
  readonly minutes: number;
  readonly usd: number;
}

interface Costed {
  readonly repository: string | undefined;
  readonly size: string;
  readonly usd: number;
  readonly ranMs: number;
}

const MINUTE_MS = 60_000;

/** As people read it: `2 vCPU, 4 GiB, x64, Spot`. */
export const sizeWords = (
  { vcpu, memoryGiB }: Pick<TaskView['size'], 'vcpu' | 'memoryGiB'>,
  arch: Architecture,
  provider: ProviderName,
): string => `${vcpu} vCPU, ${memoryGiB} GiB, ${arch}${titleAfter(provider)}`;

/** Of a task that has ended. */
export const costOfSettled = ({
  repository,
  hardware,
  costUsd,
  startedAtMs,
  stoppedAtMs,
}: SettledTask): Costed => ({
  repository,
  size: sizeWords(hardware, hardware.arch, hardware.provider),
  usd: costUsd,
  ranMs: startedAtMs === undefined || stoppedAtMs === undefined ? 0 : stoppedAtMs - startedAtMs,
});

/** Of a task that may still run. */
export const costOfTask = (
  { repository, size, arch, provider, costUsd, startedAtMs, stoppedAtMs }: TaskView,
  nowMs: number,
): Costed => ({
  repository,
  size: sizeWords(size, arch, provider),
  usd: costUsd,
  ranMs: startedAtMs === undefined ? 0 : (stoppedAtMs ?? nowMs) - startedAtMs,
});

/** By repository and size, dearest first. */
export function costByRepository(tasks: readonly Costed[]): readonly CostShare[] {
  const shares = new Map<string, CostShare>();
  for (const { repository = 'unknown', size, usd, ranMs } of tasks) {
    const key = `${repository} ${size}`;
    const sum = shares.get(key) ?? { repository, size, tasks: 0, minutes: 0, usd: 0 };
    const minutes = sum.minutes + ranMs / MINUTE_MS;
    shares.set(key, { ...sum, tasks: sum.tasks + 1, minutes, usd: sum.usd + usd });
  }
  return [...shares.values()].toSorted((a, b) => b.usd - a.usd);
}
