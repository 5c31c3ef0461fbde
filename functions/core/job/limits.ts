import type { UnservableReason } from '../words/reasons.ts';
import type { Policy, TaskSize } from './policy.ts';
import { PROVIDERS } from './providers.ts';

/** The first limit of `runners.yml` that a size is over: its key, why the job is unservable, and by how much. */
interface Excess {
  readonly key: `${'' | 'docker.'}limits.${'cpu' | 'memory' | 'storage' | 'spot' | 'arm64'}`;
  readonly reason: UnservableReason;
  readonly detail: string;
}

type Limits = Policy['limits'];

/** `undefined` for a size within all limits of its kind. */
export function excessOf(
  size: TaskSize,
  { limits, docker }: Pick<Policy, 'limits' | 'docker'>,
): Excess | undefined {
  return PROVIDERS[size.provider].isFargate
    ? firstExcess(size, limits, 'limits')
    : // Neither has a limit: the disk is the instance's, and a label with `spot` is refused before.
      firstExcess(
        size,
        { ...docker.limits, storageGiB: Number.POSITIVE_INFINITY, spot: false },
        'docker.limits',
      );
}

function firstExcess(size: TaskSize, limits: Limits, where: 'limits' | 'docker.limits'): Excess | undefined {
  const sizeReason = where === 'limits' ? 'size-over-limit' : 'docker-size-over-limit';
  const over = (key: 'cpu' | 'memory' | 'storage', unit: string, value: number, limit: number): Excess[] =>
    value > limit
      ? [{ key: `${where}.${key}`, reason: sizeReason, detail: `${value} ${unit}, the limit is ${limit}` }]
      : [];
  const closed = (key: 'spot' | 'arm64', isAsked: boolean): Excess[] =>
    isAsked && !limits[key]
      ? [{ key: `${where}.${key}`, reason: `${key}-not-allowed`, detail: `${where}.${key} is false` }]
      : [];
  return [
    ...over('cpu', 'vCPU', size.vcpu, limits.vcpu),
    ...over('memory', 'GiB memory', size.memoryGiB, limits.memoryGiB),
    ...over('storage', 'GiB storage', size.storageGiB, limits.storageGiB),
    ...closed('spot', PROVIDERS[size.provider].isInterruptible),
    ...closed('arm64', size.arch === 'arm64'),
  ][0];
}
