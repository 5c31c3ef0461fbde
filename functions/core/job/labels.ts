import type { Reason, UnservableReason } from '../words/reasons.ts';
import { excessOf } from './limits.ts';
import type { Policy, SizeRequest, TaskSize } from './policy.ts';
import { type ProviderName, providerFor } from './providers.ts';
import {
  DEFAULT_STORAGE_GIB,
  type FargateSize,
  LARGEST_STORAGE_GIB,
  leastMemoryGiB,
  roundUpSize,
} from './sizes.ts';

/** What a job's labels come to. `foreign`: not ours. `unservable`: ours by its prefix, and cannot be served. */
export type LabelReading =
  | { readonly kind: 'ours'; readonly asked: SizeRequest; readonly given: TaskSize }
  | { readonly kind: 'foreign'; readonly reason: Reason; readonly detail?: string }
  | Unservable;

type Asked = { -readonly [Key in keyof SizeRequest]?: SizeRequest[Key] };
export interface Unservable {
  readonly kind: 'unservable';
  readonly reason: UnservableReason;
  readonly detail: string;
}

/** Labels that GitHub's own documentation gives to self-hosted Linux runners, and what they ask for. */
const COMMON_LABELS: Readonly<Record<string, Asked>> = {
  'self-hosted': {},
  linux: {},
  x64: { arch: 'x64' },
  arm64: { arch: 'arm64' },
};

const unservable = (reason: UnservableReason, detail: string): Unservable => ({
  kind: 'unservable',
  reason,
  detail,
});
const isUnservable = (value: Asked | Unservable): value is Unservable => 'kind' in value;

/**
 * Reads a job's labels by the grammar of `docs/labels.md`: `fargate`, `fargate/cpu=4/memory=16/arch=arm64/storage=100/spot`,
 * `fargate/{named size}`, besides `self-hosted`, `linux`, `x64`, `arm64`. Case does not matter. All labels must be
 * ours: a runner that lacks one of them would never get the job.
 */
export function readLabels(labels: readonly string[], policy: Policy): LabelReading {
  const lower = labels.map((label) => label.toLowerCase());
  const isPrefixed = (label: string) =>
    label === policy.labelPrefix || label.startsWith(`${policy.labelPrefix}/`);
  const foreign = lower.find((label) => !isPrefixed(label) && !Object.hasOwn(COMMON_LABELS, label));
  if (foreign !== undefined) return { kind: 'foreign', reason: 'label-not-ours', detail: foreign };
  if (!lower.some(isPrefixed)) return { kind: 'foreign', reason: 'label-missing' };
  const asked = lower
    .map((label) => (isPrefixed(label) ? readPrefixed(label, policy) : (COMMON_LABELS[label] ?? {})))
    .reduce(merge, {});
  return isUnservable(asked) ? asked : serve(asked, policy);
}

/** Two labels of one job may add to each other but not ask for different things. */
function merge(left: Asked | Unservable, right: Asked | Unservable): Asked | Unservable {
  if (isUnservable(left)) return left;
  if (isUnservable(right)) return right;
  const keys = Object.keys(right) as (keyof Asked)[];
  const contradiction = keys.find((key) => left[key] !== undefined && left[key] !== right[key]);
  if (contradiction === undefined) return { ...left, ...right };
  return unservable(
    'labels-contradict',
    `${NAMES[contradiction]} ${left[contradiction]} and ${right[contradiction]}`,
  );
}

const NAMES = {
  vcpu: 'cpu',
  memoryGiB: 'memory',
  storageGiB: 'storage',
  arch: 'arch',
  spot: 'spot',
} as const;

/** `fargate/large/spot`: a named size first, if any, which the segments after it change. */
function readPrefixed(label: string, policy: Policy): Asked | Unservable {
  const [first, ...rest] = label.split('/').slice(1);
  if (first === undefined) return {};
  const named = isNamedSize(first) ? namedSize(first, policy) : readSegment(first, label);
  const changes = rest.map((segment) => readSegment(segment, label)).reduce(merge, {});
  if (isUnservable(named)) return named;
  if (isUnservable(changes)) return changes;
  return isNamedSize(first) ? { ...named, ...changes } : merge(named, changes);
}

const isNamedSize = (segment: string): boolean => segment !== 'spot' && !segment.includes('=');

function namedSize(name: string, policy: Policy): Asked | Unservable {
  const size = Object.hasOwn(policy.sizes, name) ? policy.sizes[name] : undefined;
  const known = Object.keys(policy.sizes).join(', ') || 'none';
  return size ?? unservable('size-unknown', `${policy.labelPrefix}/${name}; known: ${known}`);
}

function readSegment(segment: string, label: string): Asked | Unservable {
  if (segment === 'spot') return { spot: true };
  const [key = '', value = '', ...more] = segment.split('=');
  const number = /^(\d{1,4}(\.\d{1,4})?|\.\d{1,4})$/.test(value) && more.length === 0 ? Number(value) : 0;
  if (key === 'arch' && (value === 'x64' || value === 'arm64')) return { arch: value };
  if (key === 'cpu' && number > 0) return { vcpu: number };
  if (key === 'memory' && number > 0) return { memoryGiB: number };
  if (key === 'storage' && number > 0 && Number.isInteger(number)) return { storageGiB: number };
  return unservable('label-not-understood', `${segment || 'an empty segment'} in ${label}`);
}

function serve(wanted: Asked, policy: Policy): LabelReading {
  const asked = withDefaults(wanted, policy);
  const size = roundUpSize(asked);
  const says = `${asked.vcpu} vCPU, ${asked.memoryGiB} GiB, ${asked.storageGiB} GiB storage`;
  if (size === undefined || asked.storageGiB > LARGEST_STORAGE_GIB)
    return unservable('size-not-available', says);
  const storageGiB = Math.max(asked.storageGiB, DEFAULT_STORAGE_GIB);
  const given = taskSize({ ...asked, storageGiB }, size, providerFor(asked));
  const excess = excessOf(given, policy.limits);
  if (excess !== undefined) return unservable(excess.reason, excess.detail);
  return { kind: 'ours', asked, given };
}

/** A request as it is launched: in a size that Fargate has, on a provider. */
export const taskSize = (
  { vcpu, memoryGiB, spot, ...rest }: SizeRequest,
  size: FargateSize,
  provider: ProviderName,
): TaskSize => ({ ...rest, ...size, provider });

/** Memory that was not asked for follows the vCPUs: the default, or the least that Fargate offers with that many. */
function withDefaults(wanted: Asked, policy: Policy): SizeRequest {
  const vcpu = wanted.vcpu ?? policy.defaults.vcpu;
  const least = Math.max(policy.defaults.memoryGiB, leastMemoryGiB(vcpu) ?? 0);
  const memoryGiB = wanted.vcpu === undefined ? policy.defaults.memoryGiB : least;
  return { ...policy.defaults, memoryGiB, ...wanted, vcpu };
}
