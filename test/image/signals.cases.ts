import { describe, expect, it } from 'vitest';
import { startTask } from '../../local/task/task.ts';

const NOTHING_LEFT = { leftover: [], files: [] };
const longJob = { jobAfterSeconds: 0, jobSeconds: 600 };

const insertBefore = (line: string, text: string) => (script: string) =>
  script.replace(`\n${line}`, () => `\n${text}\n${line}`);

/** A supervisor that sends itself SIGTERM, before and after it starts itself again. */
const BEGINNINGS: readonly [string, (script: string) => string][] = [
  ['in the first command after the trap', insertBefore('# How a task ended', 'kill -TERM $$')],
  ['before it starts again', insertBefore('restart_scrubbed() {', '[[ $* == supervise ]] || kill -TERM $$')],
  ['as it has started again', insertBefore('# How a task ended', '[[ $* != supervise ]] || kill -TERM $$')],
  ['before it reads what it was handed', insertBefore('main() {', 'kill -TERM $$')],
];

describe.concurrent('SIGTERM', () => {
  it.for(BEGINNINGS)('should not be lost that comes %s', async ([, edit], { onTestFinished }) => {
    const task = await startTask({ edit });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 30, ...NOTHING_LEFT });
    expect(task.journal()).toEqual([]);
  });

  it.for([
    ['idle', 20, { listener: { isDeaf: true }, environment: { ONESHOT_IDLE_TIMEOUT_SECONDS: '1' } }],
    [
      'assigned',
      25,
      {
        listener: { jobAfterSeconds: 0, acquire: 'hang', isDeaf: true },
        environment: { ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '1' },
      },
    ],
    ['refused', 14, { listener: { ...longJob, isDeaf: true }, environment: { ONESHOT_REJECTION: 'no' } }],
  ] as const)(
    'should not change the reason of an end that has begun: %s',
    async ([, code, options], { onTestFinished }) => {
      const task = await startTask(options);
      onTestFinished(task.cleanUp);
      await task.reaches('stopping');
      task.signal('SIGTERM');
      expect(await task.ended, task.output()).toMatchObject({ code, ...NOTHING_LEFT });
    },
  );

  it('should not change the reason of an end that has begun: over age', async ({ onTestFinished }) => {
    const task = await startTask({ listener: { ...longJob, isDeaf: true }, hasClock: true });
    onTestFinished(task.cleanUp);
    await task.reaches('busy');
    task.setClock(21_600);
    await task.reaches('stopping');
    task.signal('SIGTERM');
    task.setClock(21_700);
    expect(await task.ended, task.output()).toMatchObject({ code: 32, ...NOTHING_LEFT });
  });

  it.for([
    ['credentials that never come', { credentials: [{ isSilent: true }] }],
    ['a Decrypt that never ends', { kms: [{ isSilent: true }] }],
    ['a pause between two tries', { kms: Array(50).fill({ status: 500 }) }],
  ] as const)('should end %s before a job', async ([, answers], { onTestFinished }) => {
    const task = await startTask({ ...answers, environment: { ONESHOT_UNSEAL_TIMEOUT_SECONDS: '600' } });
    onTestFinished(task.cleanUp);
    const [service] = Object.keys(answers) as ['credentials' | 'kms'];
    while (task.services.requests[service].length === 0) await new Promise((r) => setTimeout(r, 20));
    const calls = task.services.requests[service].length;
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 30, ...NOTHING_LEFT });
    // An upper bound for safety: curl itself would wait for 8 s.
    expect(task.states().at(-1)?.seconds).toBeLessThan(7);
    // One more may have been on its way; a supervisor that still tries makes many.
    expect(task.services.requests[service].length).toBeLessThanOrEqual(calls + 1);
  });

  it.for([
    ['connecting', { connectSeconds: 600 }],
    ['connecting', { connectSeconds: 600, isDeaf: true }],
    ['idle', {}],
    ['idle', { lostInterrupts: 1 }],
  ] as const)('should end a listener that is %s (%o)', async ([state, listener], { onTestFinished }) => {
    const task = await startTask({ listener });
    onTestFinished(task.cleanUp);
    await task.reaches(state);
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 30, ...NOTHING_LEFT });
  });

  it('should end a listener that waits for an assignment', async ({ onTestFinished }) => {
    const task = await startTask({ listener: { jobAfterSeconds: 0, acquire: 'hang' } });
    onTestFinished(task.cleanUp);
    await task.reaches('assigned');
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 30, ...NOTHING_LEFT });
  });

  it('should let a job end by itself that soon does', async ({ onTestFinished }) => {
    const task = await startTask({
      listener: { jobAfterSeconds: 0, jobSeconds: 3 },
      environment: { ONESHOT_STOP_TIMEOUT_SECONDS: '60' },
    });
    onTestFinished(task.cleanUp);
    await task.reaches('busy');
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 0, ...NOTHING_LEFT });
    expect(task.output()).not.toContain('Exiting...');
  });

  it('should interrupt a job that does not end', async ({ onTestFinished }) => {
    const task = await startTask({ listener: longJob });
    onTestFinished(task.cleanUp);
    await task.reaches('busy');
    task.signal('SIGTERM');
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 31, ...NOTHING_LEFT });
    expect(task.output().match(/Exiting\.\.\./g)).toHaveLength(1);
    expect(task.output()).toContain('completed with result: Canceled');
  });

  it('should kill a deaf listener and its worker before ECS would', async ({ onTestFinished }) => {
    const task = await startTask({ listener: { ...longJob, isDeaf: true } });
    onTestFinished(task.cleanUp);
    await task.reaches('busy');
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 31, ...NOTHING_LEFT });
  });

  it('should end a worker whose listener has died', async ({ onTestFinished }) => {
    const task = await startTask({ listener: { ...longJob, diesAtJob: 'SIGKILL' } });
    onTestFinished(task.cleanUp);
    await task.reaches('busy');
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 31, ...NOTHING_LEFT });
  });
});

describe.concurrent('a listener that dies and leaves its worker', () => {
  it('should be followed by its worker to the end', async ({ onTestFinished }) => {
    const task = await startTask({
      listener: {
        jobAfterSeconds: 0,
        jobSeconds: 2,
        diesAtJob: 'SIGKILL',
        jobScript: 'sleep 1; echo >../done',
      },
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 13, ...NOTHING_LEFT });
    expect((await import('node:fs')).existsSync(`${task.base}/done`)).toBe(true);
  });

  it("should be given no more than the job's lease", async ({ onTestFinished }) => {
    const task = await startTask({
      listener: { ...longJob, diesAtJob: 'SIGKILL' },
      environment: { ONESHOT_LEASE_SECONDS: '1' },
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 13, ...NOTHING_LEFT });
  });

  it('should not outlive the maximum age', async ({ onTestFinished }) => {
    const task = await startTask({
      listener: { ...longJob, diesAtJob: 'SIGKILL' },
      environment: { ONESHOT_MAXIMUM_AGE_SECONDS: '2' },
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 32, ...NOTHING_LEFT });
  });
});
