import type { Case } from '../play.ts';
import { always, BEGUN, job, run, waiting } from '../steps.ts';

const endless = run('Begin', `${BEGUN}; sleep 3000`);

/** What takes the runner minutes: all that it tries again. */
export const SLOW: readonly Case[] = [
  {
    title: 'a session that another runner has',
    prepare: ({ wire }) => wire.strike('POST session', { status: 409 }),
    expects: {
      ending: 'never-connected',
      states: [],
      says: [/A session for this runner already exists/, /Failed to create session/],
      keepsConfiguration: true,
    },
  },
  {
    // The listener falls over what it did not get, and its exit code is that of a success (actions/runner#4635).
    title: 'renewals that fail while a job runs',
    job: job([waiting('Wait', 3000), always('Tidy')]),
    prepare: ({ wire }) => {
      let renewals = 0;
      wire.strike('POST renewjob', { status: 500 }, Number.POSITIVE_INFINITY, () => ++renewals > 1);
    },
    expects: {
      ending: 'ran-result-unknown',
      states: ['assigned', 'busy'],
      says: [/completed with result: Abandoned/],
    },
  },
  {
    title: 'a success that GitHub cannot be told of',
    job: job([run('Greet', 'true')]),
    prepare: ({ wire }) => wire.strike('POST completejob', { status: 500 }),
    expects: { ending: 'ran-failed', states: ['assigned', 'busy'], conclusion: null },
  },
  {
    title: 'a network that is lost for good during a job',
    job: job([run('Begin', `${BEGUN}; sleep 5`)]),
    async act({ made, wire }) {
      await made('begun');
      await wire.cut();
    },
    expects: { ending: ['ran-failed', 'ran-result-unknown', 'ran-abandoned'], states: ['assigned', 'busy'] },
  },
  {
    title: 'polls that fail for as long as a job runs',
    job: job([endless, always('Tidy')]),
    async act({ made, wire }) {
      await made('begun');
      wire.strike('GET message', { status: 500 });
    },
    expects: { ending: 'ran-result-unknown', states: ['assigned', 'busy'] },
  },
  {
    // Tried again as a registration that may come back, not as one that is gone.
    title: 'a token that GitHub refuses in a poll',
    async act({ task, wire }) {
      await task.reaches('idle');
      wire.strike('POST token', {
        status: 400,
        body: { error: 'invalid_client', error_description: 'gone' },
      });
      wire.strike('GET message', { status: 401 });
    },
    environment: { ONESHOT_IDLE_TIMEOUT_SECONDS: '3000' },
    expects: { ending: ['listener-failed', 'registration-gone'], states: [] },
  },
  {
    // The worker is killed 15 s before the time is over that GitHub gives a cancellation.
    title: 'a job that is cancelled and does not end',
    job: job([endless, always('Tidy', 'sleep 3000')]),
    async act({ made, github, jobId }) {
      await made('begun');
      github.cancelJob(jobId);
    },
    expects: {
      ending: 'ran-cancelled',
      states: ['assigned', 'busy'],
      says: [/completed with result: Canceled/],
    },
  },
  {
    // Empty answers between them change nothing: only a message begins the count again.
    title: 'polls that fail now and then while a job runs',
    job: job([endless, always('Tidy')]),
    async act({ made, wire }) {
      await made('begun');
      let polls = 0;
      // Five tries are one poll.
      wire.strike(
        'GET message',
        { status: 202, body: null },
        Number.POSITIVE_INFINITY,
        () => ++polls % 6 === 0,
      );
      wire.strike('GET message', { status: 500 });
    },
    expects: { ending: 'ran-result-unknown', listener: 2, states: ['assigned', 'busy'] },
  },
];
