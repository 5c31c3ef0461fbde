import type { Reason } from '../words/reasons.ts';
import type { Policy, SizeRequest, TaskSize } from './policy.ts';
import { type Asked, isUnservable, serve, type Unservable, unservable } from './serve.ts';

/** What a job's labels come to. `foreign`: not ours. `unservable`: ours by its prefix, and cannot be served. */
export type LabelReading =
  | { readonly kind: 'ours'; readonly asked: SizeRequest; readonly given: TaskSize }
  | { readonly kind: 'foreign'; readonly reason: Reason; readonly detail?: string }
  | Unservable;

/** Labels that GitHub's own documentation gives to self-hosted Linux runners, and what they ask for. */
export const COMMON_LABELS: Readonly<Record<string, Asked>> = {
  'self-hosted': {},
  linux: {},
  x64: { arch: 'x64' },
  arm64: { arch: 'arm64' },
};

/** Whether a label, in lower case, is of our making: nobody else's runners have it. */
export const hasOurPrefix = (label: string, { labelPrefix }: Pick<Policy, 'labelPrefix'>): boolean =>
  label === labelPrefix || label.startsWith(`${labelPrefix}/`);

/** `aliases` of runners.yml. The runner still gets the label that the job asks for. */
const meantBy = (label: string, { aliases }: Policy): string =>
  Object.hasOwn(aliases, label) ? (aliases[label] ?? label) : label;

/**
 * Reads a job's labels by the grammar of `docs/labels.md`: `fargate`, `fargate/cpu=4/memory=16/arch=arm64/storage=100/spot`,
 * `fargate/cpu=4/docker`, `fargate/{named size}`, each with `run=` and `id=` where wanted, besides `self-hosted`, `linux`, `x64`, `arm64`. Case does not matter. All labels must be
 * ours: a runner that lacks one of them would never get the job.
 */
export function readLabels(labels: readonly string[], policy: Policy): LabelReading {
  const lower = labels.map((label) => meantBy(label.toLowerCase(), policy));
  const isPrefixed = (label: string) => hasOurPrefix(label, policy);
  const foreign = lower.find((label) => !isPrefixed(label) && !Object.hasOwn(COMMON_LABELS, label));
  if (foreign !== undefined) return { kind: 'foreign', reason: 'label-not-ours', detail: foreign };
  if (!lower.some(isPrefixed)) return { kind: 'foreign', reason: 'label-missing' };
  const each = lower.map((label) =>
    isPrefixed(label) ? readPrefixed(label, policy) : (COMMON_LABELS[label] ?? {}),
  );
  const asked = each.reduce(merge, {});
  if (isUnservable(asked)) return asked;
  const isMixed = asked.docker && lower.some((label, at) => isPrefixed(label) && !Object(each[at]).docker);
  // Its runner would have a label without `docker` too, and take jobs of that label (rule 24, GH-18).
  if (isMixed) return unservable('labels-contradict', 'one label with docker and one without');
  return serve(asked, policy);
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
  docker: 'docker',
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

/** Options without a value: no size can have such a name. */
const FLAGS: Readonly<Record<string, Asked>> = { spot: { spot: true }, docker: { docker: true } };
export const isFlag = (segment: string): boolean => Object.hasOwn(FLAGS, segment);
const isNamedSize = (segment: string): boolean => !isFlag(segment) && !segment.includes('=');

function namedSize(name: string, policy: Policy): Asked | Unservable {
  const size = Object.hasOwn(policy.sizes, name) ? policy.sizes[name] : undefined;
  const known = Object.keys(policy.sizes).join(', ') || 'none';
  return size ?? unservable('size-unknown', `${policy.labelPrefix}/${name}; known: ${known}`);
}

/** What makes a label one that no other run or job has (`run=${{ github.run_id }}`): part of the runner's labels, and no size. */
const MARKS: ReadonlySet<string> = new Set(['run', 'id']);
const MARK_VALUE = /^[a-z0-9._-]{1,64}$/;

/** The label without its marks: what tells kinds of jobs apart, where marks would tell jobs apart. */
export const withoutMarks = (label: string): string =>
  label
    .split('/')
    .filter((segment) => !MARKS.has(segment.split('=')[0] ?? ''))
    .join('/');

function readSegment(segment: string, label: string): Asked | Unservable {
  if (isFlag(segment)) return FLAGS[segment] ?? {};
  const [key = '', value = '', ...more] = segment.split('=');
  const number = /^(\d{1,4}(\.\d{1,4})?|\.\d{1,4})$/.test(value) && more.length === 0 ? Number(value) : 0;
  if (key === 'arch' && (value === 'x64' || value === 'arm64')) return { arch: value };
  if (key === 'cpu' && number > 0) return { vcpu: number };
  if (key === 'memory' && number > 0) return { memoryGiB: number };
  if (key === 'storage' && number > 0 && Number.isInteger(number)) return { storageGiB: number };
  if (MARKS.has(key) && MARK_VALUE.test(value) && more.length === 0) return {};
  return unservable('label-not-understood', `${segment || 'an empty segment'} in ${label}`);
}
