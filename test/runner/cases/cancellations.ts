import type { Case, Play } from '../play.ts';
import { always, BEGUN, job, run, waiting } from '../steps.ts';

const cancel = ({ github, jobId }: Pick<Play, 'github' | 'jobId'>) => github.cancelJob(jobId);

/** A promise and what resolves it. */
function gate() {
  return Promise.withResolvers<void>();
}

/** Somebody cancels the job at GitHub, in each state that it can be in; and time does. */
export const CANCELLATIONS: readonly Case[] = [
  {
    title: 'a job that is cancelled before a runner is there',
    job: job([run('Never', 'true')]),
    environment: { ONESHOT_IDLE_TIMEOUT_SECONDS: '1' },
    prepare: cancel,
    expects: {
      ending: 'idle',
      listener: 0,
      states: ['stopping'],
      conclusion: 'cancelled',
      keepsConfiguration: true,
    },
  },
  (() => {
    const acquire = gate();
    return {
      title: 'a job that is cancelled between its message and acquirejob',
      job: job([run('Never', 'true')]),
      environment: { ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '3' },
      prepare: ({ wire }) => wire.strike('POST acquirejob', { after: acquire.promise }),
      async act(play) {
        await play.wire.called('POST acquirejob');
        cancel(play);
        acquire.resolve();
      },
      expects: {
        ending: 'assignment-lost',
        listener: 0,
        states: ['assigned', 'stopping'],
        conclusion: 'cancelled',
        keepsConfiguration: true,
      },
    } satisfies Case;
  })(),
  (() => {
    const renewal = gate();
    return {
      title: 'a job that is cancelled before its first renewal',
      job: job([run('Never', 'true')]),
      prepare: ({ wire }) => wire.strike('POST renewjob', { after: renewal.promise }),
      async act(play) {
        await play.wire.called('POST renewjob');
        cancel(play);
        await play.task.ended;
        renewal.resolve();
      },
      expects: {
        ending: 'assignment-lost',
        listener: 103,
        states: ['assigned'],
        conclusion: null,
        says: [/Running job: build/, /Removed \.credentials/],
        keepsConfiguration: false,
      },
    } satisfies Case;
  })(),
  {
    // The worker hears of it when its first step waits: until then it does not listen.
    title: 'a job that is cancelled while it is set up',
    job: job([waiting('Wait'), run('Never', 'true'), always('Tidy')]),
    async act(play) {
      await play.wire.answered('POST renewjob');
      cancel(play);
    },
    expects: {
      ending: 'ran-cancelled',
      listener: 103,
      states: ['assigned', 'busy'],
      conclusion: 'cancelled',
      steps: {
        'Set up job': 'succeeded',
        Wait: 'canceled',
        Never: 'skipped',
        Tidy: 'succeeded',
        'Complete runner': 'succeeded',
      },
      annotations: ['The operation was canceled.'],
    },
  },
  {
    title: 'a step that obeys is cancelled',
    job: job([waiting('Wait'), run('Never', 'true'), always('Tidy')]),
    async act(play) {
      await play.made('begun');
      cancel(play);
    },
    expects: {
      ending: 'ran-cancelled',
      listener: 103,
      states: ['assigned', 'busy'],
      conclusion: 'cancelled',
      steps: { Wait: 'canceled', Never: 'skipped', Tidy: 'succeeded', 'Complete runner': 'succeeded' },
      annotations: ['The operation was canceled.'],
      says: [/completed with result: Canceled/],
      keepsConfiguration: false,
    },
  },
  {
    // bash waits for its program in the foreground: 7.5 s to TERM, and 5 s more for the output that the program holds.
    title: 'a step with a program in the foreground is cancelled',
    job: job([run('Wait', `${BEGUN}; sleep 60`), always('Tidy')]),
    async act(play) {
      await play.made('begun');
      cancel(play);
    },
    expects: {
      ending: 'ran-cancelled',
      listener: 103,
      states: ['assigned', 'busy'],
      conclusion: 'cancelled',
      steps: { Wait: 'canceled', Tidy: 'succeeded' },
      annotations: ['The operation was canceled.'],
    },
  },
  {
    // A step whose condition still holds continues.
    title: 'a job that is cancelled in a step that always runs',
    job: job([run('Break', 'exit 1'), always('Tidy', `${BEGUN}; sleep 5`), always('More')]),
    async act(play) {
      await play.made('begun');
      cancel(play);
    },
    expects: {
      ending: 'ran-cancelled',
      listener: 103,
      states: ['assigned', 'busy'],
      conclusion: 'cancelled',
      steps: { Break: 'failed', Tidy: 'succeeded', More: 'succeeded', 'Complete runner': 'succeeded' },
      annotations: ['Process completed with exit code 1.'],
    },
  },
  {
    title: 'a job that is longer than its timeout-minutes',
    job: job([waiting('Wait', 120), always('Tidy')], { timeoutMinutes: 0.2 }),
    expects: {
      ending: 'ran-cancelled',
      listener: 103,
      states: ['assigned', 'busy'],
      conclusion: 'cancelled',
      steps: { Wait: 'canceled', Tidy: 'succeeded' },
    },
  },
  {
    title: 'a step that is longer than its timeout-minutes',
    job: job([run('Wait', 'sleep 600', { timeoutInMinutes: 1 }), always('Tidy')]),
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      steps: { Wait: 'failed', Tidy: 'succeeded' },
      annotations: ["The action 'Wait' has timed out after 1 minutes."],
    },
  },
];
