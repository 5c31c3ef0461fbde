import { hasOurPrefix } from '../job/labels.ts';
import type { Policy, TaskSize } from '../job/policy.ts';
import { taskSize, type Unservable } from '../job/serve.ts';
import { DEFAULT_STORAGE_GIB, FARGATE_SIZES } from '../job/sizes.ts';
import type { TaskFact } from '../task/facts.ts';
import { REASONS, type UnservableReason } from './reasons.ts';

/**
 * Why one of our jobs cannot be served: a runner fails it with this message, so that it does not wait for a day
 * (ADR 32).
 */
export interface Rejection {
  readonly reason: UnservableReason;
  /** One line of printable ASCII for the author of the label: what is wrong, the limit, the fix. No secret. */
  readonly message: string;
}

/** What the supervisor takes (`ONESHOT_REJECTION`). */
const LONGEST_MESSAGE = 500;
/** Printable and without a space, as a task's environment lists labels; longer ones are no typing error. */
const TELLABLE = /^[\x21-\x7e]{1,100}$/;

/** What is launched for such a job. */
interface RejectionTask {
  readonly asked: undefined;
  readonly given: TaskSize;
  readonly rejection: Rejection;
}

/**
 * `undefined` where rejection tasks are switched off, and where the runner could take a job that is no such mistake: it takes
 * every job whose labels it has, so that one with `self-hosted` or `fargate` among its labels would fail a job that
 * asks for that alone. Hence one label, and no more.
 */
export function reject(
  labels: readonly string[],
  unservable: Unservable,
  policy: Policy,
): RejectionTask | undefined {
  const [label, ...others] = labels;
  if (policy.rejections.maximumPerHour === 0 || label === undefined || others.length > 0) return undefined;
  // Others' runners may have an alias, and others' jobs ask for it.
  if (!TELLABLE.test(label) || !hasOurPrefix(label, policy)) return undefined;
  const message = messageOf(label, unservable, policy);
  return { asked: undefined, given: smallestSize(policy), rejection: { reason: unservable.reason, message } };
}

/** Never Spot; no limit of a policy is below it. */
function smallestSize({ defaults }: Policy): TaskSize {
  const [smallest] = FARGATE_SIZES;
  if (smallest === undefined) throw new Error('Fargate has no size');
  return taskSize({ ...defaults, storageGiB: DEFAULT_STORAGE_GIB }, smallest, 'fargate');
}

function messageOf(label: string, { reason, detail }: Unservable, policy: Policy): string {
  const start = `The label ${label} cannot be served: ${REASONS[reason]}`;
  const fix = FIXES[reason](policy);
  // A long detail is cut, so that the fix never is.
  const details = detail.slice(0, Math.max(0, LONGEST_MESSAGE - start.length - fix.length - 5));
  return `${start} (${details}). ${fix}`.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_MESSAGE);
}

const askForLess = ({ limits }: Policy) =>
  `Ask for at most ${limits.vcpu} vCPU, ${limits.memoryGiB} GiB of memory and ` +
  `${limits.storageGiB} GiB of storage, or have the limits in runners.yml raised.`;

const FIXES: Readonly<Record<UnservableReason, (policy: Policy) => string>> = {
  'label-not-understood': ({ labelPrefix }) =>
    `Write ${labelPrefix}/cpu=2/memory=8, with /storage=50, /arch=arm64 or /spot where wanted, or ${labelPrefix}/NAME for a size of runners.yml.`,
  'size-unknown': ({ labelPrefix }) =>
    `Use one that is known, write ${labelPrefix}/cpu=2/memory=8, or have the size added to runners.yml.`,
  'labels-contradict': () => 'Keep one of the two.',
  'size-not-available': askForLess,
  'size-over-limit': askForLess,
  'spot-not-allowed': () => 'Leave Spot out, or have limits.spot in runners.yml set to true.',
  'arm64-not-allowed': () =>
    'Ask for x64, or have that limit of runners.yml set to true and deploy where AWS has it.',
  'docker-not-allowed': () =>
    'Leave docker out, or have the repository named under docker.repositories and the parameter docker enabled.',
  'refused-by-rule': () => 'Ask for other runners, or have that rule of runners.yml changed.',
  'docker-size-over-limit': ({ docker: { limits } }) =>
    `Ask for at most ${limits.vcpu} vCPU and ${limits.memoryGiB} GiB of memory, or have docker.limits in runners.yml raised.`,
  'docker-has-no-spot': () => 'Leave out spot, or docker.',
  'docker-has-its-own-disk': () => 'Leave out storage, or have the parameter dockerStorageGiB raised.',
};

const HOUR_MS = 3_600_000;

/**
 * How many rejection tasks of the repository may still be started. Those of the last hour are counted as ECS shows them, as it
 * shows stopped tasks for an hour at least: no other memory is needed.
 */
export function rejectionsLeft(
  tasks: readonly TaskFact[],
  repositoryId: number,
  { rejections }: Policy,
  nowMs: number,
): number {
  const recent = tasks.filter(
    ({ isRejection, repository, createdAtMs }) =>
      isRejection && repository?.id === repositoryId && nowMs - createdAtMs < HOUR_MS,
  );
  return Math.max(0, rejections.maximumPerHour - recent.length);
}
