import { setTimeout as pause } from 'node:timers/promises';
import type { Case } from '../play.ts';
import { always, BEGUN, job, run, waiting } from '../steps.ts';

const SHUTDOWN = /^The runner has received a shutdown signal/;
const CANCELLED = 'The operation was canceled.';
const begun = run('Begin', BEGUN);

/** Of ECS's 120 s a job gets the first 3 to end by itself, not 75; what comes then has its own 40. */
const hasty = {
  edit: (script: string) =>
    script.replace('STOP_PATIENCE=$((STOP * 75 / 120))', 'STOP_PATIENCE=$((STOP * 3 / 120))'),
};

/** SIGTERM in each state, and what interrupts a job by itself. */
export const SIGNALS: readonly Case[] = [
  {
    title: 'SIGTERM while idle',
    async act({ task }) {
      await task.reaches('idle');
      task.signal('SIGTERM');
    },
    expects: {
      ending: 'interrupted-before-job',
      listener: 0,
      states: ['stopping'],
      says: [/Exiting\.\.\./],
      calls: ['POST session', 'DELETE session'],
      keepsConfiguration: true,
    },
  },
  {
    title: 'SIGTERM while it connects',
    prepare: ({ wire }) => wire.strike('POST session', 'silent'),
    async act({ task, wire }) {
      await wire.called('POST session');
      task.signal('SIGTERM');
    },
    expects: {
      ending: 'interrupted-before-job',
      listener: 0,
      states: ['stopping'],
      keepsConfiguration: true,
    },
  },
  {
    title: 'SIGTERM between a job’s message and its worker',
    job: job([run('Never', 'true')]),
    options: hasty,
    prepare: ({ wire }) => wire.strike('POST acquirejob', 'silent'),
    async act({ task, wire }) {
      await wire.called('POST acquirejob');
      task.signal('SIGTERM');
    },
    expects: {
      ending: ['interrupted-before-job', 'assignment-lost'],
      listener: 0,
      states: ['assigned', 'stopping'],
      keepsConfiguration: true,
    },
  },
  {
    title: 'SIGTERM during a job that ends in time',
    job: job([begun, run('Wait', 'sleep 3')]),
    async act({ task, made }) {
      await made('begun');
      task.signal('SIGTERM');
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
    title: 'SIGTERM during a job that does not end in time',
    job: job([begun, run('Wait', 'sleep 60'), always('Tidy')]),
    options: hasty,
    async act({ task, made }) {
      await made('begun');
      task.signal('SIGTERM');
    },
    expects: {
      ending: 'interrupted-during-job',
      listener: 0,
      states: ['assigned', 'busy', 'stopping'],
      conclusion: 'failure',
      steps: { Begin: 'succeeded', Wait: 'canceled', Tidy: 'skipped', 'Complete runner': 'skipped' },
      annotations: [CANCELLED, SHUTDOWN],
      says: [/Exiting\.\.\./, /completed with result: Canceled/],
      keepsConfiguration: true,
    },
  },
  {
    title: 'SIGTERM during a job that obeys no signal',
    options: hasty,
    job: job([begun, run('Wait', "trap '' INT TERM; for i in {1..60}; do sleep 1; done"), always('Tidy')]),
    async act({ task, made }) {
      await made('begun');
      task.signal('SIGTERM');
    },
    expects: {
      ending: 'interrupted-during-job',
      listener: 0,
      states: ['assigned', 'busy', 'stopping'],
      conclusion: 'failure',
      steps: { Wait: 'canceled', Tidy: 'skipped' },
    },
  },
  {
    title: 'a job over the maximum age',
    job: job([begun, waiting('Wait')]),
    environment: { ONESHOT_MAXIMUM_AGE_SECONDS: '12' },
    expects: {
      ending: 'over-maximum-age',
      listener: 0,
      states: ['assigned', 'busy', 'stopping'],
      conclusion: 'failure',
      annotations: [CANCELLED, SHUTDOWN],
    },
  },
  {
    title: 'a job that is rejected',
    job: job([run('Ordinary', 'true'), always('Tidy')]),
    environment: { ONESHOT_REJECTION: 'Size 100% over the `policy` of $HOME' },
    expects: {
      ending: 'ran-rejected',
      listener: 0,
      states: ['assigned', 'busy', 'stopping'],
      conclusion: 'failure',
      steps: {
        'Set up runner': 'canceled',
        Ordinary: 'skipped',
        Tidy: 'skipped',
        'Complete runner': 'skipped',
      },
      annotations: ['oneshot: Size 100% over the `policy` of $HOME', CANCELLED, SHUTDOWN],
      keepsConfiguration: true,
    },
  },
  {
    title: 'a job that is rejected, where GitHub wants no annotations of jobs',
    job: job([run('Ordinary', 'true')]),
    environment: { ONESHOT_REJECTION: 'no' },
    prepare: ({ wire }) =>
      wire.strike('POST acquirejob', {
        change: (answer) =>
          answer.replace(/("actions_send_job_level_annotations":\{"value":")true/, '$1false'),
      }),
    expects: { ending: 'ran-rejected', listener: 0, annotations: ['oneshot: no', CANCELLED] },
  },
  {
    title: 'the listener gets SIGTERM from its job',
    job: job([run('Stop', 'kill -TERM $(cut -d" " -f4 /proc/$PPID/stat); sleep 60'), always('Tidy')]),
    expects: {
      ending: 'ran-result-unknown',
      listener: 143,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
    },
  },
  ...[0, 100, 200, 400].map(
    (ms): Case => ({
      // Whatever the listener saw of the message in this instant, nothing may be told of the job that is not so.
      title: `a job that comes ${ms} ms after the interrupt of an idle listener`,
      environment: { ONESHOT_IDLE_TIMEOUT_SECONDS: '2', ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '10' },
      async act({ task, github }) {
        await task.reaches('stopping');
        await pause(ms);
        github.queueRun({
          repository: 'acme/shop',
          jobs: [
            {
              name: 'late',
              labels: ['oneshot-case'],
              durationSeconds: 1,
              definition: job([run('Greet', 'true')]),
            },
          ],
        });
      },
      expects: { ending: ['idle', 'assignment-lost', 'ran-succeeded'] },
    }),
  ),
];
