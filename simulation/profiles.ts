import { at, faults } from './faults.ts';
import type { Options } from './options.ts';
import { ALONE } from './profiles-alone.ts';
import { NEIGHBOURLY } from './profiles-neighbours.ts';
import { ONE_FAULT } from './profiles-one-fault.ts';
import { ALL_FAULTS, NO_FAULTS, SECOND } from './world.ts';

/** Which faults strike at which rates, and what they may cost beyond that nothing is lost, doubled or left over. */
export interface Profile extends Omit<Options, 'seed' | 'jobs' | 'keepsStory'> {
  readonly name: string;
  /** Where it is of the profile's essence. */
  readonly jobs?: number;
}

/** Many faults at once. */
export const MIXED: readonly Profile[] = [
  // In one seed of a hundred a job loses its runner to another, and then waits out the pause between its launches.
  { name: 'calm', faults: NO_FAULTS, bounds: { longestWait: 6, readsPerJob: 15 } },
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
    bounds: { longestWait: 25 },
  },
  {
    name: 'refusals',
    faults: faults('runTaskFailure', 'throttled', 'secondaryLimit', 'noSpot', 'lateBoot'),
    bounds: { longestWait: 18 },
  },
  {
    // A Spot job's task is launched, taken by another job and gone within the minute that a list of ECS is behind.
    name: 'spot',
    ...at({
      spotComesAndGoes: 0.5,
      swapWithin: 1,
      throttled: 0.2,
      ecsLag: 1,
      messageTwice: 0.8,
      deliveryReordered: 1,
    }),
    workload: { labels: [['fargate/spot']], longestJobMs: 10 * SECOND },
    bounds: { longestWait: 90 },
  },
  {
    name: 'tokens-kept',
    ...at({ noCapacity25: 0.4, noCapacity70: 1, noSpot: 1, runTaskFailure: 0.3, refusedTokenKept: 1 }),
    bounds: { longestWait: 115 },
  },
  {
    name: 'tokens-released',
    ...at({ noCapacity25: 0.4, noCapacity70: 1, noSpot: 1, runTaskFailure: 0.3 }),
    bounds: { longestWait: 115 },
  },
  {
    name: 'unknowns',
    faults: faults('lostAnswer', 'serverError', 'slowCall', 'retriedThrottle', 'lateBoot'),
    bounds: { longestWait: 35 },
  },
  {
    name: 'tasks',
    faults: faults('failsToStart', 'slowBoot', 'neverBoots', 'hostKilled', 'spotInterrupted', 'idleRemoved'),
    bounds: { longestWait: 90 },
  },
  {
    name: 'swaps',
    faults: faults('swapWithin', 'swapAcross', 'foreignTaker', 'cancelled', 'lyingBusy'),
    bounds: { longestWait: 45 },
  },
  {
    name: 'outages',
    faults: faults('githubDown', 'ecsDown', 'queueDown', 'crash', 'ecsLag', 'githubLag'),
    bounds: { longestWait: 120 },
  },
  { name: 'all', faults: ALL_FAULTS },
];

/** By the old policy: what GitHub's choice costs is in the mixtures, and in bursts of their own. */
const byOwnPolicy = (profile: Profile): Profile => ({
  ...profile,
  workload: { assigns: 'own', ...profile.workload },
});

export const ONE_PART_AWAY: readonly Profile[] = ALONE.map(byOwnPolicy);
export const BESIDE_OTHERS: readonly Profile[] = NEIGHBOURLY.map(byOwnPolicy);

export const PROFILES: readonly Profile[] = [...MIXED, ...ONE_PART_AWAY, ...BESIDE_OTHERS, ...ONE_FAULT];

export const profileNamed = (name: string): Profile | undefined =>
  PROFILES.find((profile) => profile.name === name);
