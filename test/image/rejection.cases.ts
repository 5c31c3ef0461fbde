import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StandInScript } from '../../local/runner/script.ts';
import { startTask, type Task, type TaskOptions } from '../../local/task/task.ts';

const steps: StandInScript = {
  jobAfterSeconds: 0,
  jobSeconds: 0,
  jobScript: 'echo >../ordinary',
  alwaysScript: 'echo >../always',
};
const refusing = (message: string, options: TaskOptions = {}): TaskOptions => ({
  listener: steps,
  ...options,
  environment: { ONESHOT_REJECTION: message, ...options.environment },
});
const annotations = (task: Task) =>
  task.journal().flatMap((fact) => ('annotations' in fact ? fact.annotations : []));
const hasRun = (task: Task) =>
  ['ordinary', 'always', 'pwned'].filter((name) => existsSync(`${task.base}/${name}`));

/** Messages that try to be more than data. */
const MESSAGES: readonly string[] = [
  'Size 16 vCPU is over the policy of 8: ask for fargate/cpu=8.',
  '100% of $HOME `touch ../pwned` $(touch ../pwned) "quoted" \'single\' ; & | > \\n \\',
  '::error title=x::y ::stop-commands::z %0A%0D%25 ##[error]x',
  'Größe → zu groß',
  'x'.repeat(500),
];

describe.concurrent('a refusal', () => {
  it.for(MESSAGES)('should reach the person as it was written: %s', async (message, { onTestFinished }) => {
    const task = await startTask(refusing(message));
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({
      code: 14,
      ending: 'ran-rejected',
      leftover: [],
      files: [],
    });
    expect(annotations(task)[0]).toEqual({ title: 'oneshot', message });
    expect(hasRun(task)).toEqual([]);
  });

  it('should reach the person without GitHub’s word of a shutdown, where its flag for that is off', async ({
    onTestFinished,
  }) => {
    const tasks = await Promise.all(
      [false, true].map((hidesJobAnnotations) =>
        startTask(refusing('no', { listener: { ...steps, hidesJobAnnotations } })),
      ),
    );
    for (const task of tasks) onTestFinished(task.cleanUp);
    await Promise.all(tasks.map((task) => task.ended));
    const told = tasks.map((task) =>
      annotations(task).map(({ message }) => message.split(' ').slice(0, 2).join(' ')),
    );
    expect(told).toEqual([
      ['no', 'The operation', 'The runner'],
      ['no', 'The operation'],
    ]);
  });

  it('should be one line of text, whatever is in it', async ({ onTestFinished }) => {
    const task = await startTask(refusing('one\n::error::two\r\u001B[31mthree'));
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(annotations(task)[0]).toEqual({ title: 'oneshot', message: 'one ::error::two  [31mthree' });
  });

  it('should win over a hook that the image has in its .env', async ({ onTestFinished }) => {
    const task = await startTask(refusing('no', { dotEnv: 'ACTIONS_RUNNER_HOOK_JOB_STARTED=/nowhere.sh\n' }));
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending, task.output()).toBe('ran-rejected');
    expect(annotations(task)[0]?.message).toBe('no');
  });

  it('should leave a task idle to which no job comes', async ({ onTestFinished }) => {
    const environment = { ONESHOT_IDLE_TIMEOUT_SECONDS: '1' };
    const task = await startTask(refusing('no', { listener: {}, environment }));
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending).toBe('idle');
  });

  it('should not be made by a job of a task that refuses nothing', async ({ onTestFinished }) => {
    const jobScript = 'echo >"$RUNNER_PERFLOG/refused"; sleep 1';
    const task = await startTask({ listener: { ...steps, jobScript } });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending, task.output()).toBe('ran-succeeded');
  });
});

describe.concurrent('a job that wants Docker', () => {
  // In a job's container each step would run, one that always runs too: it is refused as well.
  it.for([
    ['job', 2, []],
    ['services', 1, ['always']],
    ['action', 1, ['ordinary', 'always']],
  ] as const)('should fail with a way out: %s', async ([container, times, ran], { onTestFinished }) => {
    const task = await startTask({ listener: { ...steps, container } });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 10, leftover: [], files: [] });
    const told = annotations(task).filter(({ title }) => title === 'oneshot');
    const message = expect.stringMatching(/no Docker.*fargate\/docker.*docs\/labels\.md/);
    expect(told).toEqual(Array(times).fill({ title: 'oneshot', message }));
    expect(hasRun(task)).toEqual(ran);
  });

  it('should fail without our message where the server’s flag for hooks is off', async ({
    onTestFinished,
  }) => {
    const task = await startTask({ listener: { ...steps, container: 'job', refusesContainerHooks: true } });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 10, leftover: [], files: [] });
    expect(annotations(task)).toEqual([
      { message: 'Object reference not set to an instance of an object.' },
      { message: "Value cannot be null. (Parameter 'ContainerId')" },
      { message: "Value cannot be null. (Parameter 'network')" },
    ]);
  });

  it.for([
    ['nothing', ''],
    ['a hook of theirs', '/nowhere/hook.sh'],
  ])('should be left to the hook’s owner: %s', async ([, hook], { onTestFinished }) => {
    const environment = { ACTIONS_RUNNER_CONTAINER_HOOKS: hook };
    const task = await startTask({ listener: { ...steps, container: 'job' }, environment });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending).toBe('ran-failed');
    expect(annotations(task).filter(({ title }) => title === 'oneshot')).toEqual([]);
  });
});
