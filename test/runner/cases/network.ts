import { setTimeout as pause } from 'node:timers/promises';
import type { Case } from '../play.ts';
import { always, BEGUN, job, run, waiting } from '../steps.ts';

const begun = run('Begin', BEGUN);
const runError = (statusCode: number) => ({
  status: statusCode,
  body: { source: 'actions-run-service', statusCode, errorMessage: 'said: no' },
});

/** GitHub cannot be reached, does not answer, or refuses. */
export const NETWORK: readonly Case[] = [
  {
    title: 'no network at the start',
    environment: { ONESHOT_CONNECT_TIMEOUT_SECONDS: '6' },
    prepare: ({ wire }) => wire.cut(),
    expects: {
      ending: 'never-connected',
      listener: 0,
      states: ['stopping'],
      says: [/Runner connect error: .* Retrying until reconnected/],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a GitHub that never answers at the start',
    environment: { ONESHOT_CONNECT_TIMEOUT_SECONDS: '6' },
    prepare: ({ wire }) => wire.strike('POST token', 'silent'),
    expects: { ending: 'never-connected', listener: 0, states: ['stopping'], keepsConfiguration: true },
  },
  {
    title: 'a network that is lost while idle',
    environment: { ONESHOT_IDLE_TIMEOUT_SECONDS: '5' },
    async act({ task, wire }) {
      await task.reaches('idle');
      await wire.cut();
    },
    expects: {
      ending: 'idle',
      listener: 0,
      states: ['stopping'],
      says: [/Exiting\.\.\./],
      keepsConfiguration: true,
    },
  },
  {
    // The farewell to its session takes 30 s; the supervisor gives it five.
    title: 'a GitHub that answers nothing while idle',
    environment: { ONESHOT_IDLE_TIMEOUT_SECONDS: '2' },
    prepare: ({ wire }) => wire.strike('DELETE session', 'silent'),
    expects: {
      ending: 'idle',
      listener: 137,
      states: ['stopping'],
      says: [/Exiting\.\.\./],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a network that is lost for a while during a job',
    job: job([begun, run('Wait', 'sleep 15')]),
    async act({ made, wire }) {
      await made('begun');
      await wire.cut();
      await pause(8_000);
      await wire.repair();
    },
    expects: {
      ending: 'ran-succeeded',
      listener: 100,
      states: ['assigned', 'busy'],
      conclusion: 'success',
      keepsConfiguration: false,
    },
  },
  {
    title: 'an acquirejob that GitHub cannot answer',
    job: job([run('Never', 'true')]),
    environment: { ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '90' },
    prepare: ({ wire }) => wire.strike('POST acquirejob', { status: 500 }),
    expects: {
      ending: 'assignment-lost',
      listener: 0,
      states: ['assigned', 'stopping'],
      keepsConfiguration: true,
    },
  },
  {
    // Once its headers are there, the listener waits for the rest forever (actions/runner#4668).
    title: 'an acquirejob whose answer does not end',
    job: job([run('Never', 'true')]),
    environment: { ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '4' },
    prepare: ({ wire }) => wire.strike('POST acquirejob', 'stalled'),
    expects: {
      ending: 'assignment-lost',
      listener: 0,
      states: ['assigned', 'stopping'],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a success that GitHub refuses to hear of',
    job: job([run('Greet', 'true')]),
    prepare: ({ wire }) => wire.strike('POST completejob', runError(404)),
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: null,
      says: [/completed with result: Failed/],
      calls: ['POST completejob', 'DELETE session'],
      keepsConfiguration: false,
    },
  },
  {
    title: 'a job that GitHub takes back at its second renewal',
    job: job([waiting('Wait', 120), always('Tidy')]),
    prepare: ({ wire }) => {
      let renewals = 0;
      wire.strike('POST renewjob', runError(404), 9, () => ++renewals > 1);
    },
    expects: {
      ending: 'ran-abandoned',
      listener: 105,
      states: ['assigned', 'busy'],
      says: [/completed with result: Abandoned/],
    },
  },
  {
    title: 'a registration that is removed during its job',
    job: job([begun, waiting('Wait', 120), always('Tidy')]),
    async act({ made, github, runnerId }) {
      await made('begun');
      github.removeRunner(runnerId);
    },
    expects: {
      ending: 'ran-result-unknown',
      listener: 0,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
    },
  },
];
