import type { Fault } from './faults.ts';
import { ALL_FAULTS, type Bounds, NO_FAULTS } from './world.ts';

export interface Profile {
  readonly name: string;
  readonly faults: ReadonlySet<Fault>;
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
