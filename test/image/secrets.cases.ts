import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryOf } from '../../local/task/processes.ts';
import { startTask, type Task, type TaskOptions } from '../../local/task/task.ts';

/** What a job can read: itself and its like in /proc, its environment, every file of the root and of the supervisor. */
const HUNT = `
  env; set
  for f in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do tr '\\0' '\\n' <"$f"; done
  find . "$RUNNER_PERFLOG" "$TMPDIR" -type f -exec cat {} +
  umask
`;
const huntingJob = {
  jobAfterSeconds: 1,
  jobSeconds: 1,
  jobScript: `{ ${HUNT} } >../hunt 2>/dev/null; env >../env; umask >../umask`,
};

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** What the task's files hold, by their names. */
const contents = (task: Task): Record<string, string> =>
  Object.fromEntries(
    [...filesUnder(task.root), ...filesUnder(path.join(task.base, 'tmp'))].map((file) => [
      file,
      readFileSync(file, 'latin1'),
    ]),
  );

/** Everything of a task that anybody could read, by where it was found. */
function readable(task: Task, isEnvIncluded = true): Record<string, string> {
  const files = Object.entries(contents(task)).filter(
    ([file]) => isEnvIncluded || path.basename(file) !== '.env',
  );
  const processes = task
    .processes()
    .map(({ pid, command, environment }) => [`process ${pid}`, `${command}\n${environment}`]);
  expect(processes.length).toBeGreaterThan(0);
  return Object.fromEntries([...files, ...processes, ['output', task.output()]]);
}

/** What a job is granted it must find: where the task's credentials are, and nothing but that. */
const GRANT = { ONESHOT_JOB_CREDENTIALS: '1' };
const GRANTS: readonly [string, { readonly ONESHOT_JOB_CREDENTIALS?: string }][] = [
  ['without a grant', {}],
  ['with a grant', GRANT],
];

function exposed(task: Task, places: Record<string, string>, grant: object = {}): string[] {
  const secrets = Object.entries(task.services.secrets).filter(
    ([name]) => grant !== GRANT || name !== 'credentialsPath',
  );
  return Object.entries(places).flatMap(([place, content]) =>
    secrets.filter(([, secret]) => content.includes(secret)).map(([name]) => `${name} in ${place}`),
  );
}

const deafJob = { jobAfterSeconds: 0, jobSeconds: 600, isDeaf: true };
const limit = (name: string, seconds: number) => ({ [`ONESHOT_${name}_SECONDS`]: String(seconds) });

/** States that the huntingJob does not come through, and what leads there. */
const STATES: readonly [string, string, TaskOptions][] = [
  ['assigned', 'assigned', { listener: { ...deafJob, acquire: 'hang' } }],
  [
    'stopping, without a job',
    'stopping',
    { listener: { isDeaf: true }, environment: limit('IDLE_TIMEOUT', 1) },
  ],
  ['refused', 'stopping', { listener: deafJob, environment: { ONESHOT_REJECTION: 'no' } }],
  ['with a worker whose listener died', 'busy', { listener: { ...deafJob, diesAtJob: 'SIGKILL' } }],
];

describe.concurrent('the secrets of a task', () => {
  it.for(
    GRANTS.flatMap(([how, grant]) => STATES.map(([what, ...rest]) => [how, what, grant, ...rest] as const)),
  )(
    'should be out of sight %s while it is %s, and after',
    async ([, , grant, state, options], { onTestFinished }) => {
      const environment = { ONESHOT_STOP_TIMEOUT_SECONDS: '8', ...options.environment, ...grant };
      const task = await startTask({ ...options, environment });
      onTestFinished(task.cleanUp);
      await task.reaches(state);
      expect(exposed(task, readable(task), grant)).toEqual([]);
      task.signal('SIGTERM');
      await task.ended;
      expect(exposed(task, { ...contents(task), output: task.output() })).toEqual([]);
    },
  );

  it.for(GRANTS)(
    'should be out of sight %s while it is stopping, with a job, and after',
    async ([, grant], { onTestFinished }) => {
      const task = await startTask({ listener: deafJob, environment: grant, hasClock: true });
      onTestFinished(task.cleanUp);
      await task.reaches('busy');
      task.setClock(21_600);
      await task.reaches('stopping');
      expect(exposed(task, readable(task), grant)).toEqual([]);
      task.setClock(21_700);
      await task.ended;
      expect(exposed(task, { ...contents(task), output: task.output() })).toEqual([]);
    },
  );

  it.for(GRANTS.flatMap(([how, grant]) => [false, true].map((isText) => [how, isText, grant] as const)))(
    'should be out of sight in every state %s (as text: %s)',
    async ([how, isText, grant], { onTestFinished }) => {
      const task = await startTask({
        ...(isText && { isText }),
        listener: { ...huntingJob, connectSeconds: 1 },
        environment: { AWS_CONTAINER_AUTHORIZATION_TOKEN: `token ${how}`, ...grant },
      });
      onTestFinished(task.cleanUp);
      await task.reaches('connecting');
      expect(exposed(task, readable(task, false), grant)).toEqual([]);
      expect(statSync(`${task.root}/.env`).mode & 0o777).toBe(0o600);
      await task.reaches('idle');
      expect(exposed(task, readable(task), grant)).toEqual([]);
      await task.reaches('busy');
      expect(exposed(task, readable(task), grant)).toEqual([]);
      expect((await task.ended).ending, task.output()).toBe('ran-succeeded');
      const hunted = readFileSync(`${task.base}/hunt`, 'latin1');
      expect(hunted).toContain('RUNNER_PERFLOG=');
      expect(exposed(task, { hunt: hunted, output: task.output() }, grant)).toEqual([]);
      if (grant !== GRANT) expect(hunted).not.toContain(`token ${how}`);
      // What the hunt finds of other tasks on this machine is theirs.
      const own = readFileSync(`${task.base}/env`, 'utf8');
      expect(own).not.toMatch(/^ECS_|^ONESHOT_SEALED/m);
      expect(/^AWS_CONTAINER_/m.test(own)).toBe(grant === GRANT);
      expect(existsSync(`${task.root}/.env`)).toBe(false);
    },
  );

  it('should be out of sight while they are unsealed', async ({ onTestFinished }) => {
    const task = await startTask({ kms: [{ isSilent: true }] });
    onTestFinished(task.cleanUp);
    while (task.services.requests.kms.length === 0) await new Promise((r) => setTimeout(r, 20));
    expect(exposed(task, readable(task))).toEqual([]);
    task.signal('SIGTERM');
    await task.ended;
  });

  it('should never have been in the memory of the supervisor, which a job may be able to read', async ({
    onTestFinished,
  }) => {
    const task = await startTask({ listener: deafJob });
    onTestFinished(task.cleanUp);
    await task.reaches('busy');
    const supervisor = task.processes().find(({ command }) => command.endsWith('\nsupervise\n'));
    const memory = memoryOf(supervisor?.pid ?? 0);
    expect(memory).toContain(task.name);
    expect(exposed(task, { memory })).toEqual([]);
    task.signal('SIGTERM');
    await task.ended;
  });

  it.for([
    ['before the session', { crashesAtStart: true }],
    ['while connecting', { connectSeconds: 600 }],
  ] as const)('should leave no file when the listener ends %s', async ([, listener], { onTestFinished }) => {
    const task = await startTask({ listener, environment: { ONESHOT_CONNECT_TIMEOUT_SECONDS: '1' } });
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(existsSync(`${task.root}/.env`)).toBe(false);
  });

  it('should not cost the .env that was there before', async ({ onTestFinished }) => {
    const before = 'GREETING=hello=world\n\n# no newline at the end';
    const task = await startTask({
      dotEnv: before,
      listener: { jobAfterSeconds: 0, jobSeconds: 0, jobScript: 'printf %s "$GREETING" >../greeting' },
    });
    onTestFinished(task.cleanUp);
    expect((await task.ended).ending, task.output()).toBe('ran-succeeded');
    expect(readFileSync(`${task.root}/.env`, 'utf8')).toBe(before);
    expect(statSync(`${task.root}/.env`).mode & 0o777).toBe(0o644);
    expect(readFileSync(`${task.base}/greeting`, 'utf8')).toBe('hello=world');
  });

  it("should leave the job the task's own umask", async ({ onTestFinished }) => {
    const task = await startTask({ listener: huntingJob });
    onTestFinished(task.cleanUp);
    await task.ended;
    expect(Number.parseInt(readFileSync(`${task.base}/umask`, 'utf8'), 8)).toBe(process.umask());
  });
});
