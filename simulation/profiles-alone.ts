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
      'deliveryDuplicated',
      'runTaskFailure',
      'throttled',
      'secondaryLimit',
      'retriedThrottle',
      'spotComesAndGoes',
      'failsToStart',
      'lateBoot',
      'slowBoot',
      'hostKilled',
      'spotInterrupted',
      'swapWithin',
      'swapAcross',
      'foreignTaker',
      'dyingRunner',
      'idleRemoved',
      'awaitsApproval',
      'eventTwice',
      'messageTwice',
      'githubDown',
      'sweepDown',
    ),
    lasting: faults('sweepDown'),
    bounds: { longestWait: 85 },
  },
  {
    // On-demand starts in the same invocation, whatever ECS keeps of the call for Spot.
    name: 'no-spot',
    ...at({ noSpot: 1, refusedTokenKept: 0.5 }),
    lasting: faults('noSpot'),
    workload: { labels: [['fargate/spot']] },
    bounds: { longestWait: 1 },
  },
  {
    // A task that never starts is launched 12 times in the time of the faults, not a hundred.
    name: 'hopeless',
    ...at({ failsToStart: 1 }),
    bounds: { launchCallsPerJob: 38 },
  },
  {
    // Two label sets at once, no sweep: a runner with other labels is no supply, or nobody ever looks again.
    name: 'labels',
    ...at({ runTaskFailure: 0.3, lateBoot: 0.7, sweepDown: 1 }),
    lasting: faults('sweepDown'),
    jobs: 12,
    workload: { burstOf: 2 },
    bounds: { longestWait: 20 },
  },
  {
    // The same name asked for twice, and its token kept: the second registration is of no use.
    name: 'conflicts',
    ...at({ deliveryDuplicated: 1, runTaskFailure: 0.5, refusedTokenKept: 1 }),
    bounds: { longestLeftover: 1, longestWait: 30 },
  },
  {
    // Half of what is read is refused: nothing is launched on half of the evidence.
    name: 'unread',
    ...at({ listRefused: 0.5, throttled: 0.3, lateBoot: 1 }),
  },
  {
    // Half a minute lies between the reads of one look, in which others' jobs come and go. Most looks end
    // before their lists do, and two launches of five fail: the longest of 20,000 jobs waited 51 minutes.
    name: 'slow-lists',
    ...at({ slowList: 0.7, runTaskFailure: 0.4, lateBoot: 1, sweepDown: 1 }),
    lasting: faults('sweepDown'),
    workload: { isSingle: true, longestJobMs: SECOND },
    bounds: { longestWait: 60 },
  },
  {
    name: 'stopping',
    ...at({ inProgressLost: 1, runTaskFailure: 0.4, lateBoot: 1, sweepDown: 1 }),
    lasting: faults('sweepDown'),
    workload: { isSingle: true, longestJobMs: SECOND, labels: [['fargate']], endsWithJob: true },
    bounds: { longestWait: 30 },
  },
  {
    // No sweep removes what a stopped task leaves.
    name: 'stops',
    ...at({ failsToStart: 0.3, sweepDown: 1 }),
    lasting: faults('sweepDown'),
    bounds: { longestLeftover: 1 },
  },
  {
    // Jobs that cannot be served are failed by a task with the reason, and only they.
    name: 'unservable',
    ...at({ throttled: 0.1, failsToStart: 0.05, swapAcross: 1, messageTwice: 0.3, lateBoot: 0.3 }),
    jobs: 60,
    workload: { burstOf: 3, labels: [...UNSERVABLE, ['fargate'], ['self-hosted', 'fargate']] },
    bounds: { longestWait: 150 },
  },
  {
    // Where no task lives the rotation is slow: a delivery that failed is asked for again long before.
    name: 'quiet',
    ...at({ deliveryLostRecorded: 0.3 }),
    mostStrikes: 1,
    jobs: 5,
    bounds: { longestWait: 4.2 },
  },
  {
    // No delivery is taken: the sweep finds the jobs, and asks for each delivery three times at most.
    name: 'deaf',
    ...at({ deliveryLostRecorded: 1 }),
    bounds: { longestWait: 25, deliveriesPerJob: 7 },
  },
  {
    // No listener ends by itself when its job is over.
    name: 'deaf-listeners',
    ...at({ listenerStays: 1, deliveryDuplicated: 0.3, cancelled: 0.2, foreignTaker: 0.3 }),
    bounds: { longestAfterEnd: LONGEST_AFTER_END },
  },
  {
    // Nor is each call about it answered.
    name: 'deaf-and-unheard',
    ...at({
      listenerStays: 0.5,
      serverError: 0.05,
      crash: 0.02,
      lostAnswer: 0.04,
      deliveryLostRecorded: 0.2,
    }),
    bounds: { longestAfterEnd: 20 },
  },
  {
    // Long jobs, and deliveries that say that they are over: of other owners, of other runners with their names, of jobs
    // that were cancelled before the runner took them.
    name: 'untrue-ends',
    ...at({
      ...{
        stranger: 1,
        namesake: 1,
        cancelledAsAssigned: 0.3,
        deliveryDuplicated: 0.5,
        deliveryReordered: 0.5,
      },
      ...{ inProgressLost: 0.5, listenerStays: 0.3, slowEnd: 0.3 },
    }),
    workload: { labels: [['fargate']], longestJobMs: 7_200 * SECOND },
    bounds: { longestAfterEnd: LONGEST_AFTER_END },
  },
  {
    // Four runners a repository: what is over that waits.
    name: 'limits',
    ...at({ throttled: 0.1, failsToStart: 0.1, deliveryDuplicated: 0.3, messageTwice: 0.3, hostKilled: 0.1 }),
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
    ...at({ noLarge: 1, throttled: 0.5 }),
    lasting: faults('noLarge'),
    jobs: 80,
    workload: { burstOf: 20, labels: [['fargate/large'], ['fargate/large'], ['fargate/large'], ['fargate']] },
    bounds: { longestWait: 18, patient: 'fargate/large' },
  },
  {
    // GitHub asks to be left alone: a round is over with the first call that hears it, whatever the other jobs ask for.
    name: 'limited',
    ...at({ secondaryLimit: 1 }),
    jobs: 40,
    workload: { burstOf: 1, labels: [2, 3, 4, 5, 6, 7, 8].map((memory) => [`fargate/memory=${memory}`]) },
    bounds: { launchCallsPerJob: 17 },
  },
  {
    // A matrix that comes while there is no concurrency: what is asked for again and again stays small.
    name: 'no-capacity',
    ...at({ noCapacity25: 1 }),
    lasting: faults('noCapacity25'),
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
