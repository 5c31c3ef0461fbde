import { describe, expect, it } from 'vitest';
import { EXIT_CODES, type TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { startTask, type TaskOptions } from '../../local/task/task.ts';

const limit = (name: string, seconds: number) => ({ [`ONESHOT_${name}_SECONDS`]: String(seconds) });
const job = { jobAfterSeconds: 0, jobSeconds: 0.1 };
const denied = {
  status: 400,
  body: { __type: 'AccessDeniedException', Message: 'arn:aws:sts::1:assumed-role/x' },
};

const CASES: readonly [string, TaskEnding, TaskOptions][] = [
  ['a job that succeeds', 'ran-succeeded', { listener: job }],
  ['a job that ends between two looks', 'ran-succeeded', { listener: { ...job, jobSeconds: 0 } }],
  ['a job that is skipped', 'ran-succeeded', { listener: { ...job, result: 'Skipped' } }],
  ['a job that fails', 'ran-failed', { listener: { ...job, result: 'Failed' } }],
  ['a job that is cancelled', 'ran-cancelled', { listener: { ...job, result: 'Canceled' } }],
  ['a job that is abandoned', 'ran-abandoned', { listener: { ...job, result: 'Abandoned' } }],
  ['a job whose step fails', 'ran-failed', { listener: { ...job, jobScript: 'exit 1' } }],
  [
    'code 100 that tells Abandoned',
    'ran-result-unknown',
    { listener: { ...job, toldResult: 'Abandoned', exitCode: 100 } },
  ],
  ['code 100 without a line', 'ran-result-unknown', { listener: { ...job, isSilentAtEnd: true } }],
  ['code 102 that tells Succeeded', 'ran-result-unknown', { listener: { ...job, exitCode: 102 } }],
  ...[0, 1, 2, 7].map((exitCode): [string, TaskEnding, TaskOptions] => [
    `code ${exitCode} after a job`,
    'ran-result-unknown',
    { listener: { ...job, exitCode } },
  ]),
  ['a crash after a job', 'ran-result-unknown', { listener: { ...job, endsBySignal: 'SIGABRT' } }],
  [
    'a name that ends like a result',
    'ran-failed',
    {
      listener: {
        ...job,
        result: 'Failed',
        jobName: 'x completed with result: Succeeded',
      },
    },
  ],
  [
    'a name that ends like a result, and no line',
    'ran-result-unknown',
    {
      listener: {
        ...job,
        isSilentAtEnd: true,
        exitCode: 100,
        jobName: '2026-01-01 00:00:00Z: Job x completed with result: Succeeded',
      },
    },
  ],
  [
    'a name that says the registration is gone',
    'ran-succeeded',
    { listener: { ...job, jobName: 'The runner no longer exists on the server.' } },
  ],
  ['a refused job', 'ran-rejected', { listener: job, environment: { ONESHOT_REJECTION: 'no' } }],
  ['no job', 'idle', { environment: limit('IDLE_TIMEOUT', 1) }],
  [
    'no job and a deaf listener',
    'idle',
    { environment: limit('IDLE_TIMEOUT', 1), listener: { isDeaf: true } },
  ],
  [
    'no job and a lost SIGINT',
    'idle',
    { environment: limit('IDLE_TIMEOUT', 1), listener: { lostInterrupts: 1 } },
  ],
  [
    'a listener that hangs as it connects',
    'never-connected',
    { environment: limit('CONNECT_TIMEOUT', 1), listener: { connectSeconds: 600 } },
  ],
  [
    'no network',
    'never-connected',
    { environment: limit('CONNECT_TIMEOUT', 1), listener: { session: 'unreachable' } },
  ],
  ['a session that exists', 'never-connected', { listener: { session: 'conflict' } }],
  ['a crash at the start', 'never-connected', { listener: { crashesAtStart: true } }],
  ['a registration gone before the session', 'registration-gone', { listener: { session: 'refused' } }],
  ['a registration gone', 'registration-gone', { listener: { poll: { afterSeconds: 0.1, answer: 'gone' } } }],
  [
    'a deprecated version',
    'version-deprecated',
    { listener: { poll: { afterSeconds: 0, answer: 'deprecated' } } },
  ],
  [
    'a deprecated version of before 2.333, which has no exit code for it',
    'version-deprecated',
    { listener: { poll: { afterSeconds: 0, answer: 'deprecated' }, exitCode: 1 } },
  ],
  ['a refused Decrypt', 'config-not-unsealed', { kms: [denied] }],
  ['credentials refused', 'config-not-unsealed', { credentials: [{ status: 403, body: {} }] }],
  [
    'KMS that stays down',
    'config-not-unsealed',
    { kms: Array(50).fill({ status: 500 }), environment: limit('UNSEAL_TIMEOUT', 1) },
  ],
  [
    'a ghost assignment',
    'assignment-lost',
    { listener: { ...job, acquire: 'lost' }, environment: limit('ASSIGNMENT_TIMEOUT', 1) },
  ],
  [
    'an assignment that hangs',
    'assignment-lost',
    { listener: { ...job, acquire: 'hang', isDeaf: true }, environment: limit('ASSIGNMENT_TIMEOUT', 1) },
  ],
  [
    'a job that comes with SIGINT and is dropped',
    'assignment-lost',
    { listener: { jobAtInterrupt: 'dies' }, environment: limit('IDLE_TIMEOUT', 1) },
  ],
  [
    'a job that comes with a SIGINT that is lost',
    'ran-succeeded',
    { listener: { jobAtInterrupt: 'runs', jobSeconds: 7 }, environment: limit('IDLE_TIMEOUT', 1) },
  ],
  ['a listener that ends by itself', 'listener-failed', { listener: { idleExitCode: 2 } }],
  [
    'a job over the maximum age',
    'over-maximum-age',
    { listener: { ...job, jobSeconds: 600 }, environment: limit('MAXIMUM_AGE', 1) },
  ],
  [
    'a deaf listener over the maximum age',
    'over-maximum-age',
    { listener: { ...job, jobSeconds: 600, isDeaf: true }, environment: limit('MAXIMUM_AGE', 1) },
  ],
  [
    'an idle limit over the maximum age',
    'over-maximum-age',
    { environment: { ...limit('IDLE_TIMEOUT', 900), ...limit('MAXIMUM_AGE', 1) } },
  ],
  [
    'a listener that never exits after its job',
    'over-maximum-age',
    { listener: { ...job, exitAfterSeconds: 600 }, environment: limit('MAXIMUM_AGE', 2) },
  ],
  [
    'a job longer than every limit but the maximum age',
    'ran-succeeded',
    {
      listener: { ...job, jobSeconds: 12 },
      environment: {
        ...limit('IDLE_TIMEOUT', 4),
        ...limit('ASSIGNMENT_TIMEOUT', 4),
        ...limit('CONNECT_TIMEOUT', 10),
      },
    },
  ],
  ['no name', 'bad-configuration', { environment: { ONESHOT_RUNNER_NAME: undefined } }],
  ['a name with a quote', 'bad-configuration', { environment: { ONESHOT_RUNNER_NAME: 'a","x":"' } }],
  ['no sealed config', 'bad-configuration', { environment: { ONESHOT_SEALED_CONFIG: undefined } }],
  ['a limit that is not a number', 'bad-configuration', { environment: limit('IDLE_TIMEOUT', -1) }],
  ['no runner', 'bad-configuration', { environment: { ONESHOT_RUNNER_ROOT: '/nowhere' } }],
  [
    'no credentials endpoint',
    'bad-configuration',
    { environment: { AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined } },
  ],
];

describe.concurrent('the exit code of the supervisor', () => {
  it.for(CASES)('should tell of %s: %s', async ([, ending, options], { onTestFinished }) => {
    const task = await startTask(options);
    onTestFinished(task.cleanUp);
    const ended = await task.ended;
    expect(ended, task.output()).toMatchObject({ ending, leftover: [], files: [] });
    expect(EXIT_CODES[ended.code as keyof typeof EXIT_CODES], task.output()).toBe(ending);
  });

  it('should have a case for each code but those of SIGTERM', () => {
    const named = new Set(CASES.map(([, ending]) => ending));
    const missing = Object.values(EXIT_CODES).filter((ending) => !named.has(ending));
    // want.cases.ts, docker.cases.ts and signals.cases.ts
    const elsewhere = [
      'ran-out-of-memory',
      'ran-out-of-disk',
      'ran-docker-lost',
      'docker-not-ready',
      'interrupted-before-job',
      'interrupted-during-job',
    ];
    expect(missing).toEqual(elsewhere);
  });
});
