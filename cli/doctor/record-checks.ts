import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { STOP_CAUSES, type StopCause } from '../../functions/core/words/stop-causes.ts';
import { type Check, fail, judged, ok, warn } from './checks.ts';

const MINUTE_MS = 60_000;
const SWEEP_SILENT_MS = 5 * MINUTE_MS;
const LONG_WAIT_MS = 15 * MINUTE_MS;

/** The same fix, whether RunTask says it or the task that it started. */
const ADDRESS_FIX = 'larger subnets, or more of them (docs/configuration.md, network); then deploy again';
const CAPACITY_FIX = 'AWS has none in these zones now; jobs are tried again. More zones, or arm64, help';

/** What a refused launch means, by the kind of refusal (functions/core/words/outcomes.ts), worst first. */
const REFUSALS: ReadonlyArray<readonly [kind: string, passes: boolean, fix: string]> = [
  [
    'not-permitted',
    false,
    'grant what the words name: the App’s permissions at GitHub, or deploy again for the role',
  ],
  [
    'not-found',
    false,
    'the runner group, the cluster or a task definition is gone: look at the words, then deploy again',
  ],
  ['no-address', false, ADDRESS_FIX],
  ['vcpu-quota', false, 'ask for more: Service Quotas, AWS Fargate, on-demand (or Spot) vCPU resource count'],
  ['invalid-request', false, 'look at the words: a label, a size or a subnet that the API does not take'],
  ['no-capacity', true, CAPACITY_FIX],
  [
    'primary-limit',
    true,
    'GitHub’s hour is used up; it passes by itself. Fewer repositories per App, or Enterprise limits',
  ],
  ['secondary-limit', true, 'GitHub’s minute is used up; it passes by itself'],
  ['throttled', true, 'ECS’s rate is used up; it passes by itself'],
];

/** What a task that did not run a job says, by its ending (functions/core/task/exit-codes.ts). */
const ENDINGS: Readonly<Partial<Record<TaskEnding, string>>> = {
  'version-deprecated':
    'GitHub no longer takes this runner version: deploy with a newer image (parameter image)',
  'config-not-unsealed':
    'the task could not decrypt its configuration: is KMS reachable from the subnets, and the task role untouched?',
  'never-connected':
    'the runner did not reach GitHub: do the subnets have a way out (NAT, public address), and the security group egress?',
  'registration-gone': 'somebody removes runners at GitHub that have not started yet',
  'bad-configuration':
    'the task definition and the image do not fit: deploy again, with an image that has /home/runner',
  'listener-failed': 'the listener ended by itself: oneshot logs JOB shows its words',
};

/** What keeps tasks from starting, or kills them, by its cause; worst first. `passes`: it ends by itself. */
const STOPS: ReadonlyArray<readonly [cause: StopCause, passes: boolean, fix: string]> = [
  [
    'image-pull',
    false,
    'is the parameter image right, and do the subnets have a way out (NAT, public address)?',
  ],
  ['container-start', false, 'ECS’s own words say what is missing: a log group, a role, a network'],
  ['no-address', false, ADDRESS_FIX],
  ['no-capacity', true, CAPACITY_FIX],
  ['disk-full', false, 'the image needs a larger disk: fargate/storage=... in runs-on'],
  ['out-of-memory', true, 'the jobs need a larger size: fargate/memory=... in runs-on'],
];

/** What the last hour shows: launches, tasks, and the machinery that repairs. */
export const RECORD_CHECKS: readonly Check[] = [
  {
    id: 'launches',
    title: 'launches are not refused',
    tries: 'the functions’ logs of the last hour',
    needs: ['cluster', 'app'],
    judge: ({ refusals }) => {
      const worst = REFUSALS.find(([kind]) => refusals.has(kind));
      if (worst === undefined)
        return refusals.size === 0
          ? ok('none in the last hour')
          : warn([...refusals.values()].join('; '), 'unanswered calls; reconcile sees what became of them');
      const [kind, passes, fix] = worst;
      return (passes ? warn : fail)(`${kind}: ${refusals.get(kind)}`, fix);
    },
  },
  {
    id: 'tasks',
    title: 'tasks start',
    tries: 'ecs:DescribeTasks, for what stopped in the last hour',
    needs: ['cluster', 'image', 'network'],
    judge: ({ stops }) => {
      const worst = STOPS.find(([cause]) => stops.some((stop) => stop.cause === cause));
      if (worst === undefined) return ok('no task failed to start in the last hour');
      const [cause, passes, fix] = worst;
      const words = stops.find((stop) => stop.cause === cause)?.reason ?? STOP_CAUSES[cause];
      return (passes ? warn : fail)(`${cause}: ${words}`, fix);
    },
  },
  {
    id: 'runners',
    title: 'runners come up',
    tries: 'the exit codes of tasks of the last hour',
    needs: ['tasks', 'runner-version'],
    judge: ({ endings }) => {
      const bad = (Object.keys(ENDINGS) as TaskEnding[]).find((ending) => endings.has(ending));
      return bad === undefined
        ? ok(
            [...endings].map(([ending, count]) => `${count} ${ending}`).join(', ') ||
              'none ended in the last hour',
          )
        : fail(`${endings.get(bad)} ended as ${bad}`, ENDINGS[bad] ?? '');
    },
  },
  {
    id: 'event-source',
    title: 'the queue feeds reconcile',
    tries: 'lambda:ListEventSourceMappings',
    needs: ['functions'],
    judge: ({ eventSource }) =>
      judged(eventSource, 'deploy again', (state) => {
        if (state === 'Enabled' || state === 'Creating' || state === 'Updating') return ok(state);
        return fail(
          state === undefined ? 'it has no event source' : `its event source is ${state}`,
          'enable it (Lambda, reconcile, Triggers), or deploy again: until then nothing is repaired',
        );
      }),
  },
  {
    id: 'sweep',
    title: 'the sweep runs',
    tries: 'its log of the last hour',
    needs: ['functions', 'app'],
    judge: ({ sweep, nowMs }) =>
      judged(sweep, 'may this identity read the functions’ logs (logs:FilterLogEvents)?', (seen) => {
        if (seen === undefined || nowMs - seen.lastAtMs > SWEEP_SILENT_MS)
          return fail(
            seen === undefined
              ? 'not in the last hour'
              : `not for ${Math.round((nowMs - seen.lastAtMs) / MINUTE_MS)} minutes`,
            'is its schedule enabled (EventBridge, Rules), and has the account concurrency left (Lambda)?',
          );
        return seen.lastErrors.length === 0
          ? ok(`${Math.round((nowMs - seen.lastAtMs) / 1000)} s ago`)
          : fail(seen.lastErrors.join('; '), 'mend what it names; the next sweep is the retry');
      }),
  },
  {
    id: 'queue',
    title: 'doubts are worked off',
    tries: 'sqs:GetQueueAttributes of both queues',
    needs: ['event-source'],
    judge: ({ doubts }) =>
      judged(doubts, 'may this identity read the queues (sqs:GetQueueAttributes)?', ({ waiting, dead }) =>
        dead === 0
          ? ok(`${waiting} wait, none dead`)
          : warn(`${dead} dead letters`, 'oneshot dlq list tells why; then oneshot dlq retry'),
      ),
  },
  {
    id: 'errors',
    title: 'the functions write no errors',
    tries: 'their logs of the last hour',
    needs: [],
    judge: ({ errors }) =>
      errors.length === 0
        ? ok('none in the last hour')
        : warn(
            `${errors.length} in the last hour; the newest: ${errors[0]}`,
            'the saved query “errors and warnings” shows all',
          ),
  },
  {
    id: 'jobs',
    title: 'no job waits long',
    tries: 'the jobs of the last hour',
    needs: [],
    judge: ({ waitingJobs, nowMs }) => {
      const [oldest] = waitingJobs.toSorted((a, b) => a.queuedAtMs - b.queuedAtMs);
      return oldest === undefined || nowMs - oldest.queuedAtMs < LONG_WAIT_MS
        ? ok(`${waitingJobs.length} wait`)
        : fail(
            `job ${oldest.jobId} for ${Math.round((nowMs - oldest.queuedAtMs) / MINUTE_MS)} minutes`,
            `oneshot doctor --job ${oldest.jobId} tells its story`,
          );
    },
  },
];
