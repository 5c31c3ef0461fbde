import type { UnservableReason } from '../words/reasons.ts';
import type { Policy, TaskSize } from './policy.ts';
import { PROVIDERS } from './providers.ts';

/** The first limit of `runners.yml` that a size is over: its key under `limits`, why the job is unservable, and by how much. */
interface Excess {
  readonly key: 'cpu' | 'memory' | 'storage' | 'spot' | 'arm64';
  readonly reason: UnservableReason;
  readonly detail: string;
}

/** `undefined` for a size within all limits. */
export function excessOf(size: TaskSize, limits: Policy['limits']): Excess | undefined {
  const over = (key: Excess['key'], unit: string, value: number, limit: number): Excess[] =>
    value > limit
      ? [{ key, reason: 'size-over-limit', detail: `${value} ${unit}, the limit is ${limit}` }]
      : [];
  const closed = (key: 'spot' | 'arm64', isAsked: boolean): Excess[] =>
    isAsked && !limits[key] ? [{ key, reason: `${key}-not-allowed`, detail: `limits.${key} is false` }] : [];
  return [
    ...over('cpu', 'vCPU', size.vcpu, limits.vcpu),
    ...over('memory', 'GiB memory', size.memoryGiB, limits.memoryGiB),
    ...over('storage', 'GiB storage', size.storageGiB, limits.storageGiB),
    ...closed('spot', PROVIDERS[size.provider].isInterruptible),
    ...closed('arm64', size.arch === 'arm64'),
  ][0];
}
