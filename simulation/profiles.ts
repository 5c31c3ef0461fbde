import { at, faults } from './faults.ts';
import { DOCKER_LABELS, type Options, RERUN_ONCE, SPOT_LABELS } from './options.ts';
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
      'duplicate-webhook',
      'lost-webhook',
      'unrecorded-webhook',
      'reordered-webhook',
      'late-webhook',
      'lost-start-webhook',
      'eventbridge-twice',
      'eventbridge-lost',
      'queue-twice',
      'task-boots-late',
    ),
    bounds: { longestWait: 25 },
  },
  {
    name: 'refusals',
    faults: faults('ecs-failure', 'ecs-throttle', 'github-secondary-limit', 'ecs-no-spot', 'task-boots-late'),
    bounds: { longestWait: 20 },
  },
  {
    // A Spot job's task is launched, taken by another job and gone within the minute that a list of ECS is behind.
    name: 'spot',
    ...at({
      'ecs-spot-flickers': 0.5,
      'swap-within': 1,
      'ecs-throttle': 0.2,
      'ecs-lag': 1,
      'queue-twice': 0.8,
      'reordered-webhook': 1,
    }),
    workload: { labels: [['fargate/spot']], longestJobMs: 10 * SECOND },
    bounds: { longestWait: 90 },
  },
  {
    name: 'tokens-kept',
    ...at({
      'ecs-no-capacity-25-minutes': 0.4,
      'ecs-no-capacity-70-minutes': 1,
      'ecs-no-spot': 1,
      'ecs-failure': 0.3,
      'ecs-refused-token-kept': 1,
    }),
    bounds: { longestWait: 115 },
  },
  {
    name: 'tokens-released',
    ...at({
      'ecs-no-capacity-25-minutes': 0.4,
      'ecs-no-capacity-70-minutes': 1,
      'ecs-no-spot': 1,
      'ecs-failure': 0.3,
    }),
    bounds: { longestWait: 115 },
  },
  {
    name: 'unknowns',
    faults: faults(
      'github-lost-answer',
      'aws-lost-answer',
      'github-5xx',
      'aws-5xx',
      'github-latency',
      'aws-latency',
      'ecs-retried-throttle',
      'task-boots-late',
    ),
    bounds: { longestWait: 35 },
  },
  {
    name: 'tasks',
    faults: faults(
      'task-fails-to-start',
      'task-boots-slowly',
      'task-stuck',
      'task-host-killed',
      'spot-interrupted',
      'idle-removed',
    ),
    bounds: { longestWait: 90 },
  },
  {
    name: 'swaps',
    faults: faults('swap-within', 'swap-across', 'foreign-taker', 'job-cancelled', 'lying-busy'),
    bounds: { longestWait: 45 },
  },
  {
    name: 'outages',
    faults: faults('github-down', 'ecs-down', 'queue-down', 'function-crash', 'ecs-lag', 'github-lag'),
    bounds: { longestWait: 120 },
  },
  { name: 'all', faults: ALL_FAULTS },
  {
    name: 'docker',
    faults: faults(
      'docker-capacity-late',
      'docker-daemon-missing',
      'docker-waiting-full',
      'task-host-killed',
      'swap-across',
    ),
    workload: { labels: DOCKER_LABELS },
    bounds: { longestWait: 60 },
  },
  // A label of one run: no runner of one run takes a job of another.
  {
    name: 'marked',
    faults: new Set([...ALL_FAULTS].filter((fault) => fault !== 'foreign-taker')),
    workload: { isMarked: true },
  },
  // An alias, beside the label that it means.
  {
    name: 'aliases',
    faults: ALL_FAULTS,
    workload: { labels: [['dependabot'], ['fargate/large'], ['fargate']] },
  },
  // Groups, scopes and sizes by rule, with aliases and Spot; a repository that is refused; lost runs are started again.
  { name: 'rules', faults: ALL_FAULTS, workload: { isRuled: true }, spot: RERUN_ONCE },
  // Runs that lose jobs to Spot are started again once, whatever other faults strike.
  {
    name: 'reruns',
    ...at({
      'spot-interrupted': 0.3,
      'swap-within': 0.3,
      'swap-across': 0.1,
      'github-lag': 0.5,
      'ecs-lag': 0.5,
      'aws-lost-answer': 0.05,
      'github-lost-answer': 0.05,
      'duplicate-webhook': 0.2,
      'eventbridge-twice': 0.3,
    }),
    workload: { labels: SPOT_LABELS },
    spot: RERUN_ONCE,
    bounds: { notRunAgain: 0 },
  },
  // A later attempt may be taken back too, and is not started a third time; other jobs of a run end otherwise.
  {
    name: 'reruns-on-spot',
    ...at({ 'spot-interrupted': 0.6, 'task-host-killed': 0.3, 'job-cancelled': 0.1, 'swap-within': 0.3 }),
    workload: { labels: SPOT_LABELS },
    spot: { ...RERUN_ONCE, fallback: 'without-capacity' },
  },
  { name: 'reruns-all', faults: ALL_FAULTS, workload: { labels: SPOT_LABELS }, spot: RERUN_ONCE },
  { name: 'docker-all', faults: ALL_FAULTS, workload: { labels: DOCKER_LABELS } },
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
