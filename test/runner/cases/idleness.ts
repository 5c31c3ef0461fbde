import type { Case, Play } from '../play.ts';
import { job, run } from '../steps.ts';

const SHORT = { ONESHOT_IDLE_TIMEOUT_SECONDS: '1' };
/** An error of the broker that the listener understands (WIRE-19). */
const brokerError = (errorKind: string, statusCode: number) => ({
  status: statusCode,
  body: { source: 'actions-broker-listener', errorKind, statusCode, errorMessage: `said: ${errorKind}` },
});
const atPoll =
  (kind: string, status: number) =>
  ({ wire }: Pick<Play, 'wire'>) =>
    wire.strike('GET message', brokerError(kind, status));

/** A listener without a job. */
export const IDLENESS: readonly Case[] = [
  {
    title: 'nothing to do',
    environment: SHORT,
    expects: {
      ending: 'idle',
      listener: 0,
      states: ['stopping'],
      says: [/Listening for Jobs/, /Exiting\.\.\./],
      calls: ['POST token', 'POST session', 'GET message', 'DELETE session'],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a registration that is removed while its runner is idle',
    async act({ task, github, runnerId }) {
      await task.reaches('idle');
      github.removeRunner(runnerId);
    },
    expects: {
      ending: 'registration-gone',
      listener: 0,
      states: [],
      says: [/The runner no longer exists on the server/, /Removed \.credentials/],
      keepsConfiguration: false,
    },
  },
  {
    title: 'a registration that is removed before its runner starts',
    prepare: ({ github, runnerId }) => github.removeRunner(runnerId),
    expects: {
      ending: 'registration-gone',
      listener: 1,
      states: [],
      says: [/The runner registration has been deleted from the server/],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a version that GitHub refuses at the poll',
    prepare: ({ github }) => github.deprecateListener(true),
    expects: {
      ending: 'version-deprecated',
      listener: 7,
      states: [],
      calls: ['POST session', 'GET message', 'DELETE session'],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a version that GitHub refuses at the session',
    prepare: ({ wire }) => wire.strike('POST session', brokerError('RunnerVersionTooOld', 403)),
    expects: {
      ending: 'never-connected',
      listener: 1,
      states: [],
      says: [/Failed to create session\. /],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a session that GitHub denies',
    prepare: ({ wire }) => wire.strike('POST session', { status: 401 }),
    expects: {
      ending: 'never-connected',
      listener: 1,
      states: [],
      says: [/Failed to create session\. /],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a session that another runner has, for longer than the supervisor waits',
    environment: { ONESHOT_CONNECT_TIMEOUT_SECONDS: '8' },
    prepare: ({ wire }) => wire.strike('POST session', { status: 409 }),
    expects: {
      ending: 'never-connected',
      listener: 0,
      states: ['stopping'],
      says: [/A session for this runner already exists/],
      keepsConfiguration: true,
    },
  },
  {
    title: 'polls that are denied',
    prepare: ({ wire }) => wire.strike('GET message', { status: 401 }),
    expects: {
      ending: 'listener-failed',
      listener: 1,
      states: [],
      says: [/Get next message failed with non-retryable error/],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a runner that GitHub has deprovisioned',
    prepare: atPoll('HostedRunnerDeprovisioned', 404),
    expects: { ending: 'listener-failed', listener: 0, states: [], keepsConfiguration: true },
  },
  {
    title: 'a runner that GitHub shuts down',
    prepare: ({ wire }) =>
      wire.strike('GET message', {
        status: 200,
        body: { messageId: 1, messageType: 'RunnerShutdown', body: '{}' },
      }),
    expects: { ending: 'listener-failed', listener: 0, states: [], keepsConfiguration: true },
  },
  {
    title: 'a session that GitHub has forgotten',
    environment: SHORT,
    prepare: ({ wire }) => wire.strike('GET message', brokerError('RunnerSessionInvalid', 400), 1),
    expects: { ending: ['idle', 'never-connected', 'listener-failed'], listener: 0 },
  },
  {
    title: 'a config that is none',
    options: { jitConfig: Buffer.from('{"no": config').toString('base64') },
    expects: { ending: 'never-connected', listener: 1, states: [], keepsConfiguration: false },
  },
  {
    title: 'an assignment that GitHub has given to another',
    job: job([run('Never', 'true')]),
    environment: { ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '3' },
    prepare: ({ wire }) =>
      wire.strike('POST acquirejob', {
        status: 404,
        body: { source: 'actions-run-service', statusCode: 404, errorMessage: 'not found' },
      }),
    expects: {
      ending: 'assignment-lost',
      listener: 0,
      states: ['assigned', 'stopping'],
      calls: ['POST acquirejob', 'GET message', 'DELETE session'],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a message of which GitHub knows nothing when it is acknowledged',
    job: job([run('Never', 'true')]),
    prepare: ({ wire }) => wire.strike('POST acknowledge', brokerError('AcknowledgeJobNotFound', 404)),
    expects: { ending: 'assignment-lost', listener: 0, states: ['assigned'], keepsConfiguration: false },
  },
  {
    title: 'an acquired job that GitHub takes back before its worker',
    job: job([run('Never', 'true')]),
    prepare: ({ wire }) =>
      wire.strike('POST renewjob', {
        status: 404,
        body: { source: 'actions-run-service', statusCode: 404, errorMessage: 'not found' },
      }),
    expects: {
      ending: 'assignment-lost',
      listener: 105,
      states: ['assigned'],
      says: [/Running job: build/, /Removed \.credentials/],
      keepsConfiguration: false,
    },
  },
];
