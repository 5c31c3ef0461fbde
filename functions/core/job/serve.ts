import type { UnservableReason } from '../words/reasons.ts';
import { excessOf } from './limits.ts';
import type { Policy, SizeRequest, TaskSize } from './policy.ts';
import { PROVIDERS, type ProviderName, providerFor } from './providers.ts';
import {
  type ComputeSize,
  DEFAULT_STORAGE_GIB,
  LARGEST_STORAGE_GIB,
  leastMemoryGiB,
  roundUpInstanceSize,
  roundUpSize,
} from './sizes.ts';

/** What a job's labels say that they ask for, or a named size of `runners.yml`. */
export type Asked = { readonly [Key in keyof SizeRequest]?: SizeRequest[Key] };

/** Ours by its prefix, and cannot be served. */
export interface Unservable {
  readonly kind: 'unservable';
  readonly reason: UnservableReason;
  readonly detail: string;
}

export interface Served {
  readonly kind: 'ours';
  readonly asked: SizeRequest;
  readonly given: TaskSize;
}

export const unservable = (reason: UnservableReason, detail: string): Unservable => ({
  kind: 'unservable',
  reason,
  detail,
});
export const isUnservable = (value: Asked | Unservable): value is Unservable => 'kind' in value;

/** The size that a request comes to, or why it cannot be served. */
export function serve(wanted: Asked, policy: Policy): Served | Unservable {
  const misfit = wanted.docker ? misfitOfDocker(wanted) : undefined;
  if (misfit !== undefined) return misfit;
  const asked = withDefaults(wanted, policy);
  const size = sizeOf(asked);
  if (size === undefined || asked.storageGiB > LARGEST_STORAGE_GIB)
    return unservable(
      'size-not-available',
      `${asked.vcpu} vCPU, ${asked.memoryGiB} GiB, ${asked.storageGiB} GiB storage`,
    );
  const storageGiB = Math.max(asked.storageGiB, DEFAULT_STORAGE_GIB);
  const given = taskSize({ ...asked, storageGiB }, size, providerFor(asked));
  const excess = excessOf(given, policy);
  if (excess !== undefined) return unservable(excess.reason, excess.detail);
  return { kind: 'ours', asked, given };
}

const sizeOf = (asked: SizeRequest): ComputeSize | undefined =>
  PROVIDERS[providerFor(asked)].isFargate ? roundUpSize(asked) : roundUpInstanceSize(asked);

/** What cannot be had together with Docker, each with a reason of its own. */
function misfitOfDocker({ spot, storageGiB }: Asked): Unservable | undefined {
  if (spot) return unservable('docker-has-no-spot', 'docker and spot');
  if (storageGiB !== undefined)
    return unservable('docker-has-its-own-disk', `docker and storage=${storageGiB}`);
  return undefined;
}

/** A request as it is launched: in a size that the provider has. */
export const taskSize = (
  { vcpu, memoryGiB, spot, docker, ...rest }: SizeRequest,
  size: ComputeSize,
  provider: ProviderName,
): TaskSize => ({ ...rest, ...size, provider });

/** GiB for each vCPU that a Docker job gets where its label names vCPUs alone: what Fargate's sizes have at least. */
const DOCKER_GIB_PER_VCPU = 2;

/** Memory that was not asked for follows the vCPUs: the default, or the least that Fargate offers with that many. */
function withDefaults(wanted: Asked, { defaults }: Policy): SizeRequest {
  const vcpu = wanted.vcpu ?? defaults.vcpu;
  const leastGiB = wanted.docker ? vcpu * DOCKER_GIB_PER_VCPU : (leastMemoryGiB(vcpu) ?? 0);
  const memoryGiB = wanted.vcpu === undefined ? defaults.memoryGiB : Math.max(defaults.memoryGiB, leastGiB);
  // The instance has one disk, and no Spot: a default of either is Fargate's.
  const own = wanted.docker && { spot: false, storageGiB: DEFAULT_STORAGE_GIB };
  return { ...defaults, ...own, memoryGiB, ...wanted, vcpu };
}
