import { at, faults } from './faults.ts';
import { BURST_LABELS } from './options.ts';
import type { Profile } from './profiles.ts';
import { LONGEST_AFTER_END } from './profiles-one-fault.ts';
import { UNSERVABLE } from './workload.ts';
import { NO_FAULTS, SECOND } from './world.ts';

/** What each part does by itself, with its safety nets away. */
export const ALONE: readonly Profile[] = [
  {
    // No sweep: whatever doubts, marks and stopped tasks do not repair stays as it is. Left out is what they cannot: a delivery
    // that fails, and a swap across repositories that is told of after its task has stopped.
    name: 'edges',
    faults: faults(
      'duplicate-webhook',
      'ecs-failure',
      'ecs-throttle',
      'github-secondary-limit',
      'ecs-retried-throttle',
      'ecs-spot-flickers',
      'task-fails-to-start',
      'task-boots-late',
      'task-boots-slowly',
      'task-host-killed',
      'spot-interrupted',
      'swap-within',
      'swap-across',
      'foreign-taker',
      'dying-runner',
      'idle-removed',
      'awaits-approval',
      'eventbridge-twice',
      'queue-twice',
      'github-down',
      'sweep-down',
    ),
    lasting: faults('sweep-down'),
    bounds: { longestWait: 85 },
  },
  {
    // On-demand starts in the same invocation, whatever ECS keeps of the call for Spot.
    name: 'no-spot',
    ...at({ 'ecs-no-spot': 1, 'ecs-refused-token-kept': 0.5 }),
    lasting: faults('ecs-no-spot'),
    workload: { labels: [['fargate/spot']] },
    bounds: { longestWait: 1 },
  },
  {
    // A task that never starts is launched 12 times in the time of the faults, not a hundred.
    name: 'hopeless',
    ...at({ 'task-fails-to-start': 1 }),
    bounds: { launchCallsPerJob: 38 },
  },
  {
    // Two label sets at once, no sweep: a runner with other labels is not supply, or nobody ever looks again.
    name: 'labels',
    ...at({ 'ecs-failure': 0.3, 'task-boots-late': 0.7, 'sweep-down': 1 }),
    lasting: faults('sweep-down'),
    jobs: 12,
    workload: { burstOf: 2 },
    bounds: { longestWait: 20 },
  },
  {
    // The same name asked for twice, and its token kept: the second registration is of no use.
    name: 'conflicts',
    ...at({ 'duplicate-webhook': 1, 'ecs-failure': 0.5, 'ecs-refused-token-kept': 1 }),
    bounds: { longestLeftover: 1, longestWait: 30 },
  },
  {
    // Half of what is read is refused: nothing is launched on half of the evidence.
    name: 'unread',
    ...at({ 'list-5xx': 0.5, 'ecs-throttle': 0.3, 'task-boots-late': 1 }),
  },
  {
    // Half a minute lies between the reads of one look, in which others' jobs come and go. Most looks end
    // before their lists do, and two launches of five fail: the longest of 20,000 jobs waited 51 minutes.
    name: 'slow-lists',
    ...at({ 'slow-list': 0.7, 'ecs-failure': 0.4, 'task-boots-late': 1, 'sweep-down': 1 }),
    lasting: faults('sweep-down'),
    workload: { isSingle: true, longestJobMs: SECOND },
    bounds: { longestWait: 60 },
  },
  {
    name: 'stopping',
    ...at({ 'lost-start-webhook': 1, 'ecs-failure': 0.4, 'task-boots-late': 1, 'sweep-down': 1 }),
    lasting: faults('sweep-down'),
    workload: { isSingle: true, longestJobMs: SECOND, labels: [['fargate']], endsWithJob: true },
    bounds: { longestWait: 30 },
  },
  {
    // No sweep removes what a stopped task leaves.
    name: 'stops',
    ...at({ 'task-fails-to-start': 0.3, 'sweep-down': 1 }),
    lasting: faults('sweep-down'),
    bounds: { longestLeftover: 1 },
  },
  {
    // Jobs that cannot be served are failed by a task with the reason, and only they.
    name: 'unservable',
    ...at({
      'ecs-throttle': 0.1,
      'task-fails-to-start': 0.05,
      'swap-across': 1,
      'queue-twice': 0.3,
      'task-boots-late': 0.3,
    }),
    jobs: 60,
    workload: { burstOf: 3, labels: [...UNSERVABLE, ['fargate'], ['self-hosted', 'fargate']] },
    bounds: { longestWait: 150 },
  },
  {
    // Where no task lives the rotation is slow: a delivery that failed is asked for again long before.
    name: 'quiet',
    ...at({ 'lost-webhook': 0.3 }),
    mostStrikes: 1,
    jobs: 5,
    bounds: { longestWait: 4.2 },
  },
  {
    // No delivery is taken: the sweep finds the jobs, and asks for each delivery three times at most.
    name: 'deaf',
    ...at({ 'lost-webhook': 1 }),
    bounds: { longestWait: 25, deliveriesPerJob: 7 },
  },
  {
    // No listener ends by itself when its job is over.
    name: 'deaf-listeners',
    ...at({ 'listener-stays': 1, 'duplicate-webhook': 0.3, 'job-cancelled': 0.2, 'foreign-taker': 0.3 }),
    bounds: { longestAfterEnd: LONGEST_AFTER_END },
  },
  {
    // Nor is each call about it answered.
    name: 'deaf-and-unheard',
    ...at({
      'listener-stays': 0.5,
      'github-5xx': 0.05,
      'aws-5xx': 0.05,
      'function-crash': 0.02,
      'github-lost-answer': 0.04,
      'aws-lost-answer': 0.04,
      'lost-webhook': 0.2,
    }),
    bounds: { longestAfterEnd: 20 },
  },
  {
    // Long jobs, and deliveries that say that they are over: of other owners, of other runners with their names, of jobs
    // that were cancelled before the runner took them.
    name: 'untrue-ends',
    ...at({
      ...{
        'stranger-webhook': 1,
        'namesake-webhook': 1,
        'cancelled-as-assigned': 0.3,
        'duplicate-webhook': 0.5,
        'reordered-webhook': 0.5,
      },
      ...{ 'lost-start-webhook': 0.5, 'listener-stays': 0.3, 'listener-ends-slowly': 0.3 },
    }),
    workload: { labels: [['fargate']], longestJobMs: 7_200 * SECOND },
    bounds: { longestAfterEnd: LONGEST_AFTER_END },
  },
  {
    // Four runners a repository: what is over that waits.
    name: 'limits',
    ...at({
      'ecs-throttle': 0.1,
      'task-fails-to-start': 0.1,
      'duplicate-webhook': 0.3,
      'queue-twice': 0.3,
      'task-host-killed': 0.1,
    }),
    concurrency: { runnersPerRepository: 4 },
    bounds: { longestWait: 150 },
  },
  {
    // One runner a repository, and more jobs than it can take at once: first come, first served.
    name: 'queue',
    faults: NO_FAULTS,
    concurrency: { runnersPerRepository: 1 },
    jobs: 36,
    workload: { longestJobMs: 30 * SECOND, labels: [['fargate']], assigns: 'own' },
    bounds: { longestWait: 46 },
  },
  {
    // No capacity for one size keeps jobs of another waiting no longer than their own refusals do.
    name: 'no-large',
    ...at({ 'ecs-no-large': 1, 'ecs-throttle': 0.5 }),
    lasting: faults('ecs-no-large'),
    jobs: 80,
    workload: { burstOf: 20, labels: [['fargate/large'], ['fargate/large'], ['fargate/large'], ['fargate']] },
    bounds: { longestWait: 18, patient: 'fargate/large' },
  },
  {
    // GitHub asks to be left alone: a round is over with the first call that hears it, whatever the other jobs ask for.
    name: 'limited',
    ...at({ 'github-secondary-limit': 1 }),
    jobs: 40,
    workload: { burstOf: 1, labels: [2, 3, 4, 5, 6, 7, 8].map((memory) => [`fargate/memory=${memory}`]) },
    bounds: { launchCallsPerJob: 17 },
  },
  {
    // A matrix that comes while there is no concurrency: what is asked for again and again stays small.
    name: 'no-capacity',
    ...at({ 'ecs-no-capacity-25-minutes': 1 }),
    lasting: faults('ecs-no-capacity-25-minutes'),
    jobs: 100,
    workload: { burstOf: 100, spreadMs: 5 * SECOND },
    bounds: { launchCallsPerJob: 25 },
  },
  {
    // Deliveries that GitHub's minute refused are sent again while reconcile launches for their jobs.
    name: 'burst',
    faults: NO_FAULTS,
    jobs: 300,
    workload: { burstOf: 300, spreadMs: 2 * SECOND, labels: BURST_LABELS, assigns: 'own' },
    bounds: { longestWait: 3 },
  },
  {
    // The jobs whose webhooks were refused take the runners of those that came later.
    name: 'burst-oldest',
    faults: NO_FAULTS,
    jobs: 300,
    workload: { burstOf: 300, spreadMs: 2 * SECOND, labels: BURST_LABELS, assigns: 'oldest' },
    bounds: { longestWait: 6 },
  },
  {
    name: 'matrix',
    faults: NO_FAULTS,
    jobs: 256,
    workload: { burstOf: 256, spreadMs: 5 * SECOND },
    bounds: { longestWait: 10, readsUntilLaunched: 90, readsPerJob: 2 },
  },
];
