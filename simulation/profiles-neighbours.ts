import { at, faults } from './faults.ts';
import type { Profile } from './profiles.ts';
import { NO_FAULTS, SECOND } from './world.ts';

/** Launches that fail and deliveries that are lost: what has to be repaired beside all that is below. */
const TO_REPAIR = {
  'ecs-failure': 0.2,
  'unrecorded-webhook': 0.1,
  'task-fails-to-start': 0.05,
  'task-boots-late': 0.3,
};

/** Repositories, owners and strangers beside those that are watched: what they may cost these. */
export const NEIGHBOURLY: readonly Profile[] = [
  {
    // A repository whose runner another's job took has nobody but the mark to tell of it.
    name: 'displaced',
    ...at({ 'swap-across': 1, 'sweep-down': 1 }),
    lasting: faults('sweep-down'),
    workload: { labels: [['fargate']], assigns: 'own', isSingle: true, longestJobMs: 1_200 * SECOND },
    bounds: { longestWait: 12 },
  },
  {
    // 250 runs of foreign labels in the repository itself: a look sees a part of them.
    name: 'crowded',
    ...at(TO_REPAIR),
    workload: { crowdedRuns: 250 },
    bounds: { longestWait: 27, callsAnHour: 4_950 },
  },
  {
    name: 'neighbours',
    ...at(TO_REPAIR),
    workload: { neighbours: { heavy: 5, slow: 5, unreadable: 5, gone: 5 } },
    bounds: { longestWait: 25, callsAnHour: 4_950 },
  },
  {
    // All of the twenty have more active runs than any hour of calls could read.
    name: 'all-heavy',
    ...at({ 'ecs-failure': 0.2, 'task-fails-to-start': 0.05 }),
    workload: { neighbours: { heavy: 20 } },
    bounds: { longestWait: 25, callsAnHour: 4_950 },
  },
  {
    name: 'strangers',
    ...at({ 'stranger-webhook': 1 }),
    workload: { strangersAtOnce: 10 },
    bounds: { longestWait: 1, readsPerJob: 18 },
  },
  {
    name: 'idle-1000',
    ...at({ 'unrecorded-webhook': 0.3 }),
    jobs: 3,
    workload: { neighbours: { idle: 1_000 } },
    // The jobs' own looks are added to those of npm run measure:idle.
    bounds: { longestWait: 30, callsAnHour: 1_400 },
  },
  {
    // An hour of calls that is far too short for what is to be read: nothing is asked for beyond it.
    name: 'short-hour',
    ...at(TO_REPAIR),
    workload: { callsPerHour: 1_000, crowdedRuns: 200, neighbours: { heavy: 8 } },
    bounds: { longestWait: 75, callsAnHour: 1_000 },
  },
  {
    // Runs of which one job at a time may run: the others have runners in vain, and then their turn.
    name: 'held-back',
    ...at({ 'held-back': 1 }),
    jobs: 40,
    workload: { longestJobMs: 300 * SECOND, burstOf: 4, isAcross: true },
    bounds: { longestWait: 10, launchCallsPerJob: 14 },
  },
  { name: 'never-given', ...at({ 'never-given': 0.3 }), bounds: { longestWait: 1, launchesInVain: 18 } },
  {
    name: 'approved',
    ...at({ 'awaits-approval': 1, 'approved-after-days': 0.5 }),
    bounds: { longestWait: 3.5 },
  },
  {
    // Two hundred deliveries that failed, and slow answers: a sweep has a limited number of them sent again.
    name: 'after-an-outage',
    ...at({ 'webhooks-down': 1, 'github-latency': 0.3, 'aws-latency': 0.3 }),
    jobs: 250,
    bounds: { longestWait: 45 },
  },
  { name: 'alone', faults: NO_FAULTS, workload: { neighbours: { slow: 4 } }, bounds: { longestWait: 1 } },
];
