import { rmSync } from 'node:fs';
import type { Case } from '../play.ts';
import { always, BEGUN, job, run } from '../steps.ts';

const COMPLETED = '2026-01-01 00:00:00Z: Job x completed with result: Succeeded';
const listenerOf = '$(cut -d" " -f4 /proc/$PPID/stat)';

/** Jobs to their own end, and jobs that want to be taken for another. */
export const JOBS: readonly Case[] = [
  {
    title: 'a job that succeeds',
    job: job([run('Greet', 'echo hello')]),
    expects: {
      ending: 'ran-succeeded',
      listener: 100,
      states: ['assigned', 'busy'],
      conclusion: 'success',
      steps: {
        'Set up job': 'succeeded',
        Greet: 'succeeded',
        'Complete runner': 'succeeded',
        'Complete job': 'succeeded',
      },
      annotations: [],
      says: [
        /Connected to GitHub/,
        /Listening for Jobs/,
        /Running job: build/,
        /completed with result: Succeeded/,
        /Removed \.credentials/,
        /Removed \.runner/,
      ],
      calls: [
        'POST token',
        'POST session',
        'GET message',
        'POST token',
        'POST acquirejob',
        'POST renewjob',
        'POST completejob',
        'DELETE session',
      ],
      keepsConfiguration: false,
    },
  },
  {
    title: 'a job that fails',
    job: job([run('Break', 'exit 3'), run('Never', 'true'), always('Tidy')]),
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      steps: { Break: 'failed', Never: 'skipped', Tidy: 'succeeded', 'Complete runner': 'succeeded' },
      annotations: ['Process completed with exit code 3.'],
      says: [/completed with result: Failed/],
      keepsConfiguration: false,
    },
  },
  {
    title: 'a job that fails, and looks like one that succeeded',
    jobName: COMPLETED,
    job: job([
      run(
        'Forge',
        `echo '${COMPLETED}'; printf 'SessionCreated:x\\nStartingWorkerProcess:x\\n' >>"$RUNNER_PERFLOG/Runner.perf"; : >"$RUNNER_PERFLOG/completed"; echo '${COMPLETED}' >"$RUNNER_PERFLOG/out"; exit 1`,
      ),
    ]),
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      annotations: ['Process completed with exit code 1.'],
      keepsConfiguration: false,
    },
  },
  {
    title: 'a job whose name has a line of its own',
    jobName: `x\n${COMPLETED}`,
    job: job([run('Break', 'exit 1')]),
    expects: { ending: 'ran-failed', listener: 102, states: ['assigned', 'busy'], conclusion: 'failure' },
  },
  {
    title: 'a job that deletes all that the supervisor has written',
    job: job([run('Delete', 'rm -rf "$RUNNER_PERFLOG"; exit 1')]),
    expects: { ending: 'ran-failed', listener: 102, states: ['assigned', 'busy'], conclusion: 'failure' },
  },
  {
    // The worker ends its job alone, and GitHub believes it.
    title: 'a job that kills its listener',
    job: job([run('Kill', `kill -KILL ${listenerOf}; sleep 1`), run('Continue', 'true')]),
    expects: {
      ending: 'ran-result-unknown',
      listener: 137,
      states: ['assigned', 'busy'],
      conclusion: 'success',
      steps: { Kill: 'succeeded', Continue: 'succeeded', 'Complete runner': 'succeeded' },
      keepsConfiguration: true,
    },
  },
  {
    title: 'a worker that is killed',
    job: job([run('Wait', `${BEGUN}; sleep 60`)]),
    async act({ made, pidOf }) {
      await made('begun');
      process.kill(pidOf('Runner.Worker'), 'SIGKILL');
    },
    expects: {
      ending: 'ran-failed',
      listener: 102,
      states: ['assigned', 'busy'],
      conclusion: 'failure',
      says: [/completed with result: Failed/],
      keepsConfiguration: false,
    },
  },
  {
    title: 'a listener that is killed',
    job: job([run('Wait', `${BEGUN}; sleep 4`), run('Continue', 'true')]),
    async act({ made, pidOf }) {
      await made('begun');
      process.kill(pidOf('Runner.Listener'), 'SIGKILL');
    },
    expects: {
      ending: 'ran-result-unknown',
      listener: 137,
      states: ['assigned', 'busy'],
      conclusion: 'success',
      keepsConfiguration: true,
    },
  },
  {
    title: 'a job on a runner without its worker',
    options: { onLaidOut: (root) => rmSync(`${root}/bin/Runner.Worker`) },
    job: job([run('Never', 'true')]),
    // Whether it ran, only what was seen of it tells.
    expects: { ending: 'ran-result-unknown', listener: 100, states: ['assigned', 'busy'], conclusion: null },
  },
];
