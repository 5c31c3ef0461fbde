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
  if (PROVIDERS[size.provider].isFargate) return firstExcess(size, limits, 'limits');
  // Neither has a limit: the disk is the instance's, and a label with `spot` is refused before.
  const unlimited = { storageGiB: Number.POSITIVE_INFINITY, spot: false };
  const own = firstExcess(size, { ...docker.limits, ...unlimited }, 'docker.limits');
  // A region without arm64 has no such instances either.
  return own ?? closed(size.arch === 'arm64', limits, 'limits', 'arm64')[0];
}

type Where = 'limits' | 'docker.limits';

function firstExcess(size: TaskSize, limits: Limits, where: Where): Excess | undefined {
  const reason = where === 'limits' ? 'size-over-limit' : 'docker-size-over-limit';
  const over = (key: 'cpu' | 'memory' | 'storage', unit: string, value: number, limit: number): Excess[] =>
    value > limit
      ? [{ key: `${where}.${key}`, reason, detail: `${value} ${unit}, the limit is ${limit}` }]
      : [];
  return [
    ...over('cpu', 'vCPU', size.vcpu, limits.vcpu),
    ...over('memory', 'GiB memory', size.memoryGiB, limits.memoryGiB),
    ...over('storage', 'GiB storage', size.storageGiB, limits.storageGiB),
    ...closed(PROVIDERS[size.provider].isInterruptible, limits, where, 'spot'),
    ...closed(size.arch === 'arm64', limits, where, 'arm64'),
  ][0];
}

const closed = <Key extends 'spot' | 'arm64'>(
  isAsked: boolean,
  limits: Readonly<Record<Key, boolean>>,
  where: Where,
  key: Key,
): Excess[] =>
  isAsked && !limits[key]
    ? [{ key: `${where}.${key}`, reason: `${key}-not-allowed`, detail: `${where}.${key} is false` }]
    : [];
