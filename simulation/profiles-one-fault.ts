import { FAULT_NAMES, type Fault } from './faults.ts';
import type { Profile } from './profiles.ts';

/** What one strike of a fault may cost: the longest wait of any job, and how long a registration may be without a task, minutes. */
type Cost = readonly [longestWait: number, longestLeftover?: number];

/** A job that nothing hinders starts within so many minutes. */
const UNHINDERED = 1;
/** Repaired by the first doubt: the queue's delay, and a look of reconcile. */
const ONE_DOUBT = 3;
/** By the sweep's rotation, or after the pause that follows a launch. */
const ONE_ROUND = 4.3;
/** A look that fails is made again after one, one, two, four and eight minutes. */
const BACKED_OFF = 8;
/** By the rotation over all repositories, which is every fifteen minutes where no task lives. */
const ALL_ROTATION = 17.5;
/** An orphan is removed at its second look, which comes fifteen minutes after the first. */
const TWO_LOOKS = 31;

/** Ten minutes after a delivery has said that its job is over, at the next sweep. */
export const LONGEST_AFTER_END = 13;

const COSTS: Partial<Record<Fault, Cost>> = {
  deliveryLostRecorded: [ONE_DOUBT],
  deliveryLostSilently: [ALL_ROTATION],
  deliveryReordered: [ONE_DOUBT],
  deliveryLate: [ALL_ROTATION],
  deliveriesDown: [20 + ONE_DOUBT],
  crash: [ONE_DOUBT, TWO_LOOKS],
  lostAnswer: [ONE_DOUBT, TWO_LOOKS],
  serverError: [ONE_DOUBT, TWO_LOOKS],
  slowCall: [ONE_DOUBT, TWO_LOOKS],
  ssmThrottled: [ONE_DOUBT],
  runTaskFailure: [ONE_DOUBT],
  secondaryLimit: [ONE_DOUBT],
  primaryLimit: [20 + ONE_DOUBT],
  noCapacity25: [25 + ONE_DOUBT],
  noCapacity70: [70 + ONE_DOUBT],
  noLarge: [70 + ONE_DOUBT],
  failsToStart: [3],
  lateBoot: [5.5],
  slowBoot: [15],
  neverBoots: [15],
  // GitHub takes ten minutes to see that a runner is gone in the midst of a job; until then it refuses the removal.
  hostKilled: [ONE_DOUBT, 12],
  spotInterrupted: [ONE_DOUBT, 12],
  swapAcross: [ONE_DOUBT],
  foreignTaker: [ONE_ROUND],
  dyingRunner: [ONE_ROUND],
  repositoryAway: [20 + ALL_ROTATION],
  malformedRecord: [ONE_DOUBT],
  // One of four jobs that run one after another had idle ends meanwhile, and its pause with them.
  heldBack: [22],
  githubDown: [10 + BACKED_OFF],
  ecsDown: [12 + BACKED_OFF, TWO_LOOKS],
};

/** Periods, and lists that are always behind, are there in every seed; all else strikes once, wherever the dice say. */
const ALWAYS = new Set<Fault>([
  'githubLag',
  'ecsLag',
  'noSpot',
  'noCapacity25',
  'noCapacity70',
  'noLarge',
  'sweepDown',
  'primaryLimit',
  'githubDown',
  'ecsDown',
  'queueDown',
]);

/** A profile for each fault, in which it strikes once and nothing else does. */
export const ONE_FAULT: readonly Profile[] = FAULT_NAMES.map((fault) => {
  const [longestWait = UNHINDERED, longestLeftover = 1] = COSTS[fault] ?? [];
  return {
    name: `one-${fault}`,
    faults: new Set([fault]),
    rates: { [fault]: ALWAYS.has(fault) ? 1 : 0.03 },
    mostStrikes: 1,
    // What other policies cost, bursts show (bursts.test.ts).
    workload: { assigns: 'own' },
    bounds: { longestWait, longestLeftover, longestAfterEnd: LONGEST_AFTER_END },
  };
});
