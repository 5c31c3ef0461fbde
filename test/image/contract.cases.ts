/**
 * What the official listener does (docs/facts/listener.md), and where each of it is played. `random` plays most of them
 * with one another.
 *
 * 1. lines, streams, doubles, `.env`, three files   script (passes on), secrets (.env), below (the three files)
 * 2. delays: connect                                secrets, limits: hang; below: slow
 *            message                                exit-codes (no job), script
 *            acquire, worker                        exit-codes, limits: hang; below: slow
 *            job, exit                              exit-codes (longer than every limit; never exits), limits
 * 3. a real child that runs the hooks               refusal, secrets; outlives: limits, signals; ignores: limits
 * 4. exits: 0 idle                                  exit-codes (no job); 4: below
 *           0, 1, 2, 7 with a job running           below; after it: exit-codes
 *           1, 5, 7 without                         exit-codes (refused, conflict, deprecated)
 *           100-105, 100 with Abandoned or no line  exit-codes
 *           134                                     exit-codes; 137, 143: below
 * 5. message, then ghost, hang                      exit-codes, limits; in the instant of SIGINT: exit-codes
 * 6. SIGINT idle, busy                              signals; assigned: signals; lost: exit-codes; inherited: below
 *    SIGTERM of 30 s, never exits                   below, exit-codes (deaf)
 * 7. set-up failure, failed hook, no completed hook below, refusal (shut down: no always())
 *    cancel at GitHub                               below
 * 8. forged marks, names, /proc, a killed listener  hostile-job, exit-codes, secrets
 *
 * Its second reading: polls that are refused, for good (removed, deprecated, 401, shut down) or for now; a refusal that is
 * tried once more; a session made again; "Running job" without a worker (first renewal lost, hanging, cancelled); a
 * `completejob` that is lost; a conclusion other than the listener's; a set-up cancelled: below. What the real one did
 * (test/runner): removed while its job runs, no worker, a killed worker, a name of two lines, a step that always runs in a
 * cancelled job: below; that both do the same: test/runner/long/stand-in.test.ts. The server's flags for
 * container hooks and for annotations of a job: refusal. An acquired job's lease, to the second: limits.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { StandInScript } from '../../local/runner/script.ts';
import { startTask, type TaskOptions } from '../../local/task/task.ts';

const job: StandInScript = { jobAfterSeconds: 0, jobSeconds: 0.1 };
const longJob: StandInScript = { jobAfterSeconds: 0, jobSeconds: 600 };
const shortLimits = {
  ONESHOT_CONNECT_TIMEOUT_SECONDS: '15',
  ONESHOT_IDLE_TIMEOUT_SECONDS: '15',
  ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '15',
};
const FILES = ['.runner', '.credentials', '.credentials_rsaparams'];
const always = { alwaysScript: 'echo >../always', jobScript: 'echo >../ordinary' };

const CASES: readonly [string, TaskEnding, TaskOptions][] = [
  ...(['connectSeconds', 'acquireSeconds', 'workerAfterSeconds', 'exitAfterSeconds'] as const).map(
    (delay): [string, TaskEnding, TaskOptions] => [
      `a listener that is slow within its limit (${delay})`,
      'ran-succeeded',
      { listener: { ...job, [delay]: 2 }, environment: shortLimits },
    ],
  ),
  ['an update that is ready (exit 4)', 'listener-failed', { listener: { idleExitCode: 4 } }],
  ...[0, 1, 2, 7].map((exitCode): [string, TaskEnding, TaskOptions] => [
    `exit ${exitCode} with a job running`,
    'ran-result-unknown',
    { listener: { ...job, jobSeconds: 2, quitsDuringJob: { afterSeconds: 0.5, exitCode } } },
  ]),
  ['exit 137 after a job', 'ran-result-unknown', { listener: { ...job, endsBySignal: 'SIGKILL' } }],
  ['exit 143 after a job', 'ran-result-unknown', { listener: { ...job, endsBySignal: 'SIGTERM' } }],
  ['exit 137 without a job', 'listener-failed', { listener: { idleExitCode: 0, endsBySignal: 'SIGKILL' } }],
  ['a job cancelled at GitHub', 'ran-cancelled', { listener: { ...longJob, cancelAfterSeconds: 0.5 } }],
  ['a set-up that fails', 'ran-failed', { listener: { ...job, failsAtSetUp: true } }],
  [
    // No hook runs, so nothing refuses: nothing of the job runs either.
    'a set-up that fails where the job is refused',
    'ran-failed',
    { listener: { ...job, failsAtSetUp: true }, environment: { ONESHOT_REJECTION: 'no' } },
  ],
  // "Running job" comes before the first renewal: it proves no worker.
  [
    'a job that GitHub took back before its worker',
    'assignment-lost',
    { listener: { ...job, renewal: 'lost' } },
  ],
  [
    'a job cancelled before its worker',
    'assignment-lost',
    { listener: { ...job, renewal: 'hang', cancelAfterSeconds: 0.5 } },
  ],
  [
    'a first renewal that hangs, for as long as the job is leased',
    'assignment-lost',
    {
      listener: { ...job, renewal: 'hang' },
      environment: { ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '60', ONESHOT_LEASE_SECONDS: '2' },
    },
  ],
  [
    'a first renewal that takes longer than an assignment may',
    'ran-succeeded',
    {
      listener: { ...job, renewalSeconds: 3 },
      environment: { ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '1' },
    },
  ],
  // The worker fails when it cannot end its job at GitHub, and the listener then says "failed" of any job.
  ['a success that GitHub was not told', 'ran-failed', { listener: { ...job, losesCompletion: true } }],
  // The line and 103 are the listener's, whatever the worker told GitHub.
  [
    'a cancellation that came too late for the job',
    'ran-cancelled',
    { listener: { ...longJob, cancelAfterSeconds: 0.5, concludesAfterCancel: 'Succeeded' } },
  ],
  [
    'a set-up that is cancelled',
    'ran-cancelled',
    { listener: { ...longJob, setUpSeconds: 30, cancelAfterSeconds: 1 } },
  ],
  [
    'a token that is refused twice',
    'listener-failed',
    { listener: { poll: { afterSeconds: 0, answer: 'unauthorized' } } },
  ],
  [
    'ten refused polls',
    'listener-failed',
    { listener: { poll: { afterSeconds: 0, answer: 'refused-for-now' } } },
  ],
  [
    'a shutdown by GitHub, in silence',
    'listener-failed',
    { listener: { poll: { afterSeconds: 0, answer: 'shutdown' } } },
  ],
  ['a session that is denied', 'never-connected', { listener: { session: 'denied' } }],
  [
    'a session that was made again, without a mark',
    'idle',
    {
      listener: { poll: { afterSeconds: 0.5, answer: 'session-invalid' } },
      environment: { ONESHOT_IDLE_TIMEOUT_SECONDS: '3' },
    },
  ],
  [
    'a registration gone, after a connect error',
    'registration-gone',
    { listener: { poll: { afterSeconds: 0, answer: 'gone' }, triesAgainAfterSeconds: 1 } },
  ],
  [
    'a deprecated version, after a connect error',
    'version-deprecated',
    { listener: { poll: { afterSeconds: 0, answer: 'deprecated' }, triesAgainAfterSeconds: 1 } },
  ],
  [
    'a registration gone before the session, after a connect error',
    'registration-gone',
    { listener: { session: 'refused', triesAgainAfterSeconds: 1 } },
  ],
  [
    'a registration that is removed while its job runs',
    'ran-result-unknown',
    { listener: { ...longJob, goneAfterSeconds: 0.5 } },
  ],
  ['a worker that cannot be started', 'ran-result-unknown', { listener: { ...job, lacksWorker: true } }],
  [
    'a job whose name has a line of its own',
    'ran-failed',
    {
      listener: {
        ...job,
        jobName: 'x\n2026-01-01 00:00:00Z: Job x completed with result: Succeeded',
        result: 'Failed',
      },
    },
  ],
  ['a worker that is killed', 'ran-failed', { listener: { ...longJob, jobScript: 'kill -KILL $PPID' } }],
  [
    'a job that terminates its listener',
    'ran-result-unknown',
    { listener: { ...longJob, jobScript: 'kill -TERM $(cut -d" " -f4 /proc/$PPID/stat)' } },
  ],
  [
    'a listener that is over 30 s after SIGTERM, and leaves its worker',
    'ran-result-unknown',
    {
      listener: {
        ...job,
        jobSeconds: 2,
        isWorkerDeaf: true,
        terminateSeconds: 0.3,
        jobScript: 'kill -TERM $(cut -d" " -f4 /proc/$PPID/stat)',
      },
    },
  ],
];

describe.concurrent("the listener's contract", () => {
  it.for(CASES)('should be met by %s: %s', async ([, ending, options], { onTestFinished }) => {
    const task = await startTask(options);
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ ending, leftover: [], files: [] });
  });

  it('should be patient with an acquired job at SIGTERM, and tell that it had no worker', async ({
    onTestFinished,
  }) => {
    const task = await startTask({ listener: { ...job, renewal: 'hang' } });
    onTestFinished(task.cleanUp);
    while (!task.output().includes('Running job')) await new Promise((r) => setTimeout(r, 20));
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ ending: 'interrupted-before-job', leftover: [] });
    expect(task.states().map(({ state }) => state)).not.toContain('busy');
  });

  it('should have GitHub told of the worker’s conclusion, whatever the listener says of a cancelled job', async ({
    onTestFinished,
  }) => {
    const listener = { ...longJob, cancelAfterSeconds: 0.5, concludesAfterCancel: 'Succeeded' } as const;
    const task = await startTask({ listener });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending).toBe('ran-cancelled');
    expect(task.journal()).toContainEqual(
      expect.objectContaining({ result: 'Canceled', conclusion: 'Succeeded' }),
    );
  });

  it('should run no hook in a set-up that is cancelled', async ({ onTestFinished }) => {
    const listener = { ...longJob, setUpSeconds: 30, cancelAfterSeconds: 1, alwaysScript: 'echo >../always' };
    const task = await startTask({ listener, environment: { ONESHOT_REJECTION: 'no' } });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending, task.output()).toBe('ran-cancelled');
    expect(task.journal().some((fact) => 'hook' in fact || 'steps' in fact)).toBe(false);
  });

  it('should have steps with always() run for a cancellation, and none for a shutdown', async ({
    onTestFinished,
  }) => {
    const cancelled = await startTask({ listener: { ...longJob, ...always, cancelAfterSeconds: 1 } });
    const stopped = await startTask({ listener: { ...longJob, ...always } });
    for (const task of [cancelled, stopped]) onTestFinished(task.cleanUp);
    await stopped.reaches('busy');
    while (!existsSync(`${stopped.base}/ordinary`)) await new Promise((r) => setTimeout(r, 20));
    stopped.signal('SIGTERM');
    expect((await cancelled.ended).ending, cancelled.output()).toBe('ran-cancelled');
    expect((await stopped.ended).ending, stopped.output()).toBe('interrupted-during-job');
    expect([cancelled, stopped].map(({ base }) => existsSync(`${base}/always`))).toEqual([true, false]);
  });

  it('should have a step that always runs continue when its job is cancelled', async ({ onTestFinished }) => {
    const alwaysScript = 'echo >../begun; sleep 2; echo >../done';
    const task = await startTask({
      listener: { ...job, jobSeconds: 0, alwaysScript, cancelAfterSeconds: 1.5 },
    });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending, task.output()).toBe('ran-cancelled');
    expect(existsSync(`${task.base}/done`)).toBe(true);
  });

  it('should have steps with always() run when a hook of the image fails', async ({ onTestFinished }) => {
    const task = await startTask({
      listener: { ...job, ...always },
      onLaidOut: (root) => writeFileSync(`${root}/hook.sh`, 'exit 3\n'),
      environment: { ACTIONS_RUNNER_HOOK_JOB_STARTED: '../hook.sh' },
    });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending, task.output()).toBe('ran-failed');
    expect(existsSync(`${task.base}/always`)).toBe(true);
    expect(existsSync(`${task.base}/ordinary`)).toBe(false);
  });

  it('should leave three files for the job, and none after its normal end', async ({ onTestFinished }) => {
    const task = await startTask({ listener: { ...job, jobScript: 'ls -A >../files' } });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending).toBe('ran-succeeded');
    const seen = readFileSync(`${task.base}/files`, 'utf8').split('\n');
    expect(seen).toEqual(expect.arrayContaining(FILES));
    expect(FILES.filter((file) => existsSync(`${task.root}/${file}`))).toEqual([]);
  });

  it('should be deaf to SIGINT where that was ignored at its start', async ({ onTestFinished }) => {
    const task = await startTask({ listener: {}, environment: shortLimits });
    onTestFinished(task.cleanUp);
    await task.reaches('idle');
    // As a background command of a shell without job control, which is what the supervisor must not do.
    writeFileSync(`${task.base}/journal`, '');
    const shell = spawn(
      'bash',
      ['-c', `'${task.root}/bin/Runner.Listener' run >/dev/null & echo $!; wait $!`],
      {
        env: { ...process.env, ACTIONS_RUNNER_INPUT_JITCONFIG: 'x' },
        detached: true,
      },
    );
    onTestFinished(() => void process.kill(-(shell.pid ?? 0), 'SIGKILL'));
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(String(line).trim());
    while (!task.journal().some((fact) => 'session' in fact)) await new Promise((r) => setTimeout(r, 20));
    process.kill(pid, 'SIGINT');
    while (!task.journal().some((fact) => 'signal' in fact)) await new Promise((r) => setTimeout(r, 20));
    await new Promise((r) => setTimeout(r, 300));
    expect(task.journal().some((fact) => 'exit' in fact)).toBe(false);
  });
});
