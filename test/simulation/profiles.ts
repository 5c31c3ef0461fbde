import type { Fault, Rates } from './faults.ts';
import { ALL_FAULTS, type Bounds, NO_FAULTS, SECOND, type Workload } from './world.ts';

export interface Profile {
  readonly name: string;
  readonly faults: ReadonlySet<Fault>;
  readonly rates?: Partial<Rates>;
  readonly workload?: Workload;
  readonly bounds: Bounds;
}

const faults = (...names: Fault[]): ReadonlySet<Fault> => new Set(names);

/**
 * What is asked of a run beyond that nothing is lost, doubled or left over: the fewer faults, the tighter. A rule that
 * only buys latency shows here, as the levels would make good its absence in the end.
 */
export const PROFILES: readonly Profile[] = [
  { name: 'calm', faults: NO_FAULTS, bounds: { longestWait: 1, surplusPerFault: 0, readsPerJob: 12 } },
  {
    name: 'notices',
    faults: faults(
      'deliveryDuplicated',
      'deliveryLostRecorded',
      'deliveryLostSilently',
      'deliveryReordered',
      'deliveryLate',
      'inProgressLost',
      'eventTwice',
      'eventLost',
      'messageTwice',
      'lateBoot',
    ),
    bounds: { longestWait: 25, surplusPerFault: 0.05 },
  },
  {
    name: 'refusals',
    faults: faults('runTaskFailure', 'throttled', 'secondaryLimit', 'noSpot', 'lateBoot'),
    bounds: { longestWait: 18, surplusPerFault: 0 },
  },
  {
    // A Spot job's task is launched, taken by another job and gone within the minute that a list of ECS is behind.
    name: 'spot',
    faults: faults(
      'spotComesAndGoes',
      'swapWithin',
      'throttled',
      'ecsLag',
      'messageTwice',
      'deliveryReordered',
    ),
    rates: {
      spotComesAndGoes: 0.5,
      swapWithin: 1,
      throttled: 0.2,
      ecsLag: 1,
      messageTwice: 0.8,
      deliveryReordered: 1,
    },
    workload: { labels: [['fargate/spot']], longestJobMs: 10 * SECOND },
    bounds: { longestWait: 90, surplusPerFault: 1 },
  },
  {
    name: 'tokens-kept',
    faults: faults('noCapacity25', 'noCapacity70', 'noSpot', 'runTaskFailure', 'refusedTokenKept'),
    rates: { noCapacity70: 1, noSpot: 1, runTaskFailure: 0.3, refusedTokenKept: 1 },
    bounds: { longestWait: 115, surplusPerFault: 0 },
  },
  {
    name: 'unknowns',
    faults: faults('lostAnswer', 'serverError', 'slowCall', 'retriedThrottle', 'lateBoot'),
    bounds: { longestWait: 25, surplusPerFault: 0.05 },
  },
  {
    name: 'tasks',
    faults: faults('failsToStart', 'slowBoot', 'neverBoots', 'hostKilled', 'spotInterrupted', 'idleRemoved'),
    bounds: { longestWait: 90, surplusPerFault: 1 },
  },
  {
    name: 'swaps',
    faults: faults('swapWithin', 'swapAcross', 'foreignTaker', 'cancelled', 'lyingBusy'),
    bounds: { longestWait: 30, surplusPerFault: 1 },
  },
  {
    name: 'outages',
    faults: faults('githubDown', 'ecsDown', 'queueDown', 'crash', 'ecsLag', 'githubLag'),
    bounds: { longestWait: 120, surplusPerFault: 10 },
  },
  { name: 'all', faults: ALL_FAULTS, bounds: { surplusPerFault: 1 } },
];

export const profileNamed = (name: string): Profile | undefined =>
  PROFILES.find((profile) => profile.name === name);
