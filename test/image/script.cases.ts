import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../functions/core/task/exit-codes.ts';
import { ENTRYPOINT, startTask } from '../../local/task/task.ts';

const script = readFileSync(ENTRYPOINT, 'utf8');
const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const SHELLCHECK = 'shellcheck';
const hasShellcheck = works(SHELLCHECK, '--version');
const hasNamespaces = works('unshare', '--pid', '--fork', '--mount-proc', 'true');

describe.concurrent('image/entrypoint.sh', () => {
  it('should have the exit codes of functions/core, and so has docs/operations.md', () => {
    const table = script.slice(script.indexOf('EXIT_CODES=('), script.indexOf('\n)'));
    const given = [...table.matchAll(/\[([a-z-]+)\]=(\d+)/g)].map(([, name, code]) => [code, name]);
    expect(Object.fromEntries(given)).toEqual(EXIT_CODES);
    const docs = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const rows = [...docs.matchAll(/^\| (\d+) +\| `([a-z-]+)` +\|/gm)].map(([, code, name]) => [code, name]);
    expect(Object.fromEntries(rows)).toEqual(EXIT_CODES);
  });

  it('should end by all of these endings and by no other', () => {
    const code = script.replaceAll(/(^|\s)#.*/g, '');
    const used = [...code.matchAll(/\b(?:finish|end|end_job) ([a-z]+(?:-[a-z]+)*)\b/g)].map(
      ([, name]) => name,
    );
    expect(new Set(used)).toEqual(new Set(Object.values(EXIT_CODES)));
  });

  it('should know no clock that can be set', () => {
    expect(script.replaceAll(/#.*|ONESHOT_[A-Z_]+/g, '')).not.toMatch(/\b(SECONDS|EPOCH[A-Z]+|date)\b|%\(/);
  });

  it('should leave the task definition room to spare (30 KB of 64)', () => {
    expect(Buffer.byteLength(script)).toBeLessThan(30 * 1024);
  });

  it('should be clean to shellcheck', ({ skip }) => {
    skip(!hasShellcheck, 'shellcheck is not installed');
    const ours = ['runner/worker.sh', 'task/world-time.sh', 'docker/container.sh'];
    const files = ours.map((name) => new URL(`../../local/${name}`, import.meta.url).pathname);
    expect(execFileSync(SHELLCHECK, [ENTRYPOINT, ...files], { encoding: 'utf8' })).toBe('');
  });

  it('should work as the text of bash -c exactly as it does as a file', async ({ onTestFinished }) => {
    const listener = { jobAfterSeconds: 1, jobSeconds: 1, result: 'Failed' } as const;
    const tasks = await Promise.all([startTask({ listener }), startTask({ listener, isText: true })]);
    for (const task of tasks) onTestFinished(task.cleanUp);
    const ends = await Promise.all(tasks.map((task) => task.ended));
    // The instant between message and worker is seen or not.
    const [asFile, asText] = ends.map((end) => ({
      ...end,
      states: end.states.filter((state) => state !== 'assigned'),
    }));
    expect(asText).toEqual(asFile);
    expect(asText).toMatchObject({
      code: 10,
      states: ['starting', 'connecting', 'idle', 'busy', 'ended'],
      leftover: [],
      files: [],
    });
  });

  it('should pass on what the listener says, once, to the last byte', async ({ onTestFinished }) => {
    const task = await startTask({
      listener: { jobAfterSeconds: 0, jobSeconds: 0, hasOpenEnd: true },
      environment: { ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT: '1' },
    });
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(task.output().match(/Listening for Jobs/g)).toHaveLength(1);
    expect(task.output()).toContain('the end');
  });

  it.for([
    ['0', false],
    ['1', true],
  ] as const)(
    'should pass on what the runner notes for itself only where that is wanted: %s',
    async ([value, isTold], { onTestFinished }) => {
      const task = await startTask({
        listener: { jobAfterSeconds: 0, jobSeconds: 0 },
        environment: { ONESHOT_DIAGNOSTICS: value },
      });
      onTestFinished(task.cleanUp);
      await task.ended;
      expect(/^\| \[RUNNER /m.test(task.output())).toBe(isTold);
    },
  );

  it('should name itself in each line of state, and no quote breaks one', async ({ onTestFinished }) => {
    const task = await startTask({ environment: { ONESHOT_STACK: 'a"b', ONESHOT_RUNNER_NAME: 'x","y":"' } });
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(task.states()).toMatchObject([{ runner: 'xy' }, { runner: 'xy', ending: 'bad-configuration' }]);
    expect(task.output()).toContain('missing or malformed: ONESHOT_RUNNER_NAME ONESHOT_STACK\n');
  });

  it.each(['', 'kms.us-east-1.amazonaws.com', 'https://kms" --output "/x'])(
    'should guess no address of KMS, as its suffix differs between partitions: "%s"',
    async (ONESHOT_KMS_URL) => {
      const task = await startTask({ environment: { ONESHOT_KMS_URL } });
      await task.ended;
      await task.cleanUp();
      expect(task.output()).toContain('missing or malformed: ONESHOT_KMS_URL\n');
    },
  );

  it('should reap orphans and obey SIGTERM as PID 1', async ({ skip, onTestFinished }) => {
    skip(!hasNamespaces, 'PID namespaces cannot be made here');
    const orphans =
      'for i in 1 2 3 4 5; do (sleep 0.2 &) ; done; sleep 1.5; ps -eo stat >../ps || true; sleep 600';
    const task = await startTask({
      isInit: true,
      isText: true,
      listener: { jobAfterSeconds: 0, jobSeconds: 600, jobScript: orphans },
    });
    onTestFinished(task.cleanUp);
    await task.reaches('busy');
    const states = () => {
      try {
        return readFileSync(`${task.base}/ps`, 'utf8').trim().split('\n');
      } catch {
        return [];
      }
    };
    while (states().length < 5) await new Promise((r) => setTimeout(r, 50));
    expect(states().filter((state) => state.startsWith('Z'))).toEqual([]);
    task.signal('SIGTERM');
    expect(await task.ended, task.output()).toMatchObject({ code: 31, leftover: [], files: [] });
  });
});
