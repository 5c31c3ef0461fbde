import { FAULT_NAMES, type Fault } from './faults.ts';
import { DOCKER_LABELS } from './options.ts';
import type { Profile } from './profiles.ts';

/** What one strike of a fault may cost: the longest wait of any job, and how long a registration may be without a task, minutes. */
type Cost = readonly [longestWait: number, longestLeftover?: number];

/** A job that nothing hinders starts within this many minutes. */
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
  'lost-webhook': [ONE_DOUBT],
  'unrecorded-webhook': [ALL_ROTATION],
  'reordered-webhook': [ONE_DOUBT],
  'late-webhook': [ALL_ROTATION],
  'webhooks-down': [20 + ONE_DOUBT],
  'function-crash': [ONE_DOUBT, TWO_LOOKS],
  'github-lost-answer': [ONE_DOUBT, TWO_LOOKS],
  'aws-lost-answer': [ONE_DOUBT, TWO_LOOKS],
  'github-5xx': [ONE_DOUBT, TWO_LOOKS],
  'aws-5xx': [ONE_DOUBT, TWO_LOOKS],
  'github-latency': [ONE_DOUBT, TWO_LOOKS],
  'aws-latency': [ONE_DOUBT, TWO_LOOKS],
  'ssm-throttle': [ONE_DOUBT],
  'ecs-failure': [ONE_DOUBT],
  'github-secondary-limit': [ONE_DOUBT],
  'github-primary-limit': [20 + ONE_DOUBT],
  'ecs-no-capacity-25-minutes': [25 + ONE_DOUBT],
  'ecs-no-capacity-70-minutes': [70 + ONE_DOUBT],
  'ecs-no-large': [70 + ONE_DOUBT],
  'task-fails-to-start': [3],
  'task-boots-late': [5.5],
  'task-boots-slowly': [15],
  'task-stuck': [15],
  // GitHub takes ten minutes to see that a runner is gone in the midst of a job; until then it refuses the removal.
  'task-host-killed': [ONE_DOUBT, 12],
  'spot-interrupted': [ONE_DOUBT, 12],
  'swap-across': [ONE_DOUBT],
  'foreign-taker': [ONE_ROUND],
  'dying-runner': [ONE_ROUND],
  'repository-away': [20 + ALL_ROTATION],
  'github-malformed-record': [ONE_DOUBT],
  // One of four jobs that run one after another had idle ends meanwhile, and its pause with them.
  'held-back': [22],
  // Late tasks are supply for twenty minutes.
  'docker-capacity-late': [20],
  'docker-capacity-never': [25],
  'docker-daemon-missing': [6],
  'docker-waiting-full': [ONE_DOUBT],
  'github-down': [10 + BACKED_OFF],
  'ecs-down': [12 + BACKED_OFF, TWO_LOOKS],
};

/** Periods, and lists that are always behind, are there in every seed; all else strikes once, wherever the dice say. */
const ALWAYS = new Set<Fault>([
  'github-lag',
  'ecs-lag',
  'ecs-no-spot',
  'ecs-no-capacity-25-minutes',
  'ecs-no-capacity-70-minutes',
  'ecs-no-large',
  'sweep-down',
  'github-primary-limit',
  'github-down',
  'ecs-down',
  'queue-down',
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
    workload: { assigns: 'own', ...(fault.startsWith('docker-') && { labels: DOCKER_LABELS }) },
    bounds: { longestWait, longestLeftover, longestAfterEnd: LONGEST_AFTER_END },
  };
});
