import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { startTask, type Task, type TaskOptions } from '../../local/task/task.ts';

const job = { jobAfterSeconds: 0, jobSeconds: 0, jobScript: 'env >../env' };

type OnFinished = (cleanUp: () => void) => void;
async function ran(options: TaskOptions, onTestFinished: OnFinished): Promise<Task> {
  const task = await startTask({ listener: job, ...options });
  onTestFinished(task.cleanUp);
  expect((await task.ended).ending, task.output()).toBe('ran-succeeded');
  return task;
}

/** A step's variables. */
function variablesOf(task: Task): Record<string, string | undefined> {
  const lines = readFileSync(`${task.base}/env`, 'utf8').split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));
}

const exists = (task: Task, name: string) => existsSync(`${task.base}/${name}`);
const callsOf = (task: Task) =>
  exists(task, 'calls') ? readFileSync(`${task.base}/calls`, 'utf8').trim().split('\n') : [];

/** Programs that note how they were called. */
const programs = (scripts: Readonly<Record<string, string>>) => (root: string) => {
  mkdirSync(`${root}/stand-ins`);
  for (const [name, script] of Object.entries(scripts)) {
    const file = `${root}/stand-ins/${name}`;
    writeFileSync(file, `#!/bin/bash\necho ${name} "$@" >>"${root}/../calls"\n${script}\n`);
    chmodSync(file, 0o755);
  }
};
/** sudo's part, of which one option is known. */
const SUDO = '[[ $1 == -n ]] && shift; exec "$@"';

/** An ordinary user, and a tool cache of the test's own: what the script does to a machine it does below `base`. */
const asUser = (
  scripts: Readonly<Record<string, string>>,
  environment: TaskOptions['environment'] = {},
): TaskOptions => ({
  onLaidOut: programs(scripts),
  edit: (script) =>
    script
      .replaceAll('/opt/hostedtoolcache', '$ONESHOT_RUNNER_ROOT/../tools')
      .replaceAll('((UID == 0))', 'false')
      .replace(/^set -euo pipefail$/m, '$&\nPATH=$ONESHOT_RUNNER_ROOT/stand-ins:$PATH'),
  environment: { RUNNER_TOOL_CACHE: undefined, ...environment },
});

describe.concurrent('the environment of a step', () => {
  it('should be that of a login', async ({ onTestFinished }) => {
    const environment = { HOME: undefined, USER: undefined, LANG: undefined };
    const task = await ran({ environment }, onTestFinished);
    const login = { USER: userInfo().username, LANG: 'C.UTF-8', HOME: task.root };
    expect(variablesOf(task)).toMatchObject(login);
  });

  it('should keep what the image or a parameter says', async ({ onTestFinished }) => {
    const given = { HOME: '/home/me', USER: 'me', LANG: 'de_DE.UTF-8', RUNNER_TOOL_CACHE: '/tools' };
    const task = await ran({ environment: { ...given, ONESHOT_VCPU: '0.25' } }, onTestFinished);
    expect(variablesOf(task)).toMatchObject({
      ...given,
      AGENT_TOOLSDIRECTORY: '/tools',
      ONESHOT_VCPU: '0.25',
    });
  });
});

describe.concurrent('the tool cache', () => {
  it('should be made where the image has none, which is all that sudo is used for', async ({
    onTestFinished,
  }) => {
    const task = await ran(asUser({ sudo: SUDO }), onTestFinished);
    const tools = `${task.base}/runner/../tools`;
    expect(callsOf(task)).toEqual([`sudo -n install -d -o ${process.getuid?.()} ${tools}`]);
    expect(exists(task, 'tools')).toBe(true);
    expect(variablesOf(task)).toMatchObject({ RUNNER_TOOL_CACHE: tools, AGENT_TOOLSDIRECTORY: tools });
  });

  it('should be taken as it is where the image has one', async ({ onTestFinished }) => {
    const options = asUser({ sudo: SUDO });
    const onLaidOut = (root: string) => {
      options.onLaidOut?.(root);
      mkdirSync(`${root}/../tools`);
    };
    const task = await ran({ ...options, onLaidOut }, onTestFinished);
    expect(callsOf(task)).toEqual([]);
    expect(variablesOf(task)['RUNNER_TOOL_CACHE']).toMatch(/tools$/);
  });

  it('should be left to the worker, in its own folder, where nobody can make one', async ({
    onTestFinished,
  }) => {
    const task = await ran(
      asUser({ sudo: 'echo "sudo: a password is required" >&2; exit 1' }),
      onTestFinished,
    );
    expect(variablesOf(task)).not.toHaveProperty('RUNNER_TOOL_CACHE');
    expect(variablesOf(task)).not.toHaveProperty('AGENT_TOOLSDIRECTORY');
  });

  it('should hold up no job where sudo hangs', async ({ onTestFinished }) => {
    const task = await ran(asUser({ sudo: 'exec sleep 600' }), onTestFinished);
    expect(variablesOf(task)).not.toHaveProperty('RUNNER_TOOL_CACHE');
  });

  it('should be left alone where the image names another', async ({ onTestFinished }) => {
    const task = await ran(asUser({ sudo: SUDO }, { AGENT_TOOLSDIRECTORY: '/tools' }), onTestFinished);
    expect(callsOf(task)).toEqual([]);
    expect(variablesOf(task)).toMatchObject({ RUNNER_TOOL_CACHE: '/tools', AGENT_TOOLSDIRECTORY: '/tools' });
  });
});

describe.concurrent('RUNNER_UPDATE_CA_CERTS', () => {
  const tools = { sudo: SUDO, 'update-ca-certificates': 'umask >&2' };
  const cache = { RUNNER_TOOL_CACHE: '/tools' };

  it('should have the certificates updated before anything connects, as run.sh does', async ({
    onTestFinished,
  }) => {
    const options = asUser(
      { ...tools, curl: 'PATH=/usr/local/bin:/usr/bin:/bin exec curl "$@"' },
      { ...cache, RUNNER_UPDATE_CA_CERTS: '1' },
    );
    const task = await ran(options, onTestFinished);
    const calls = callsOf(task).map((call) => call.split(' ')[0]);
    // Everybody reads the store: it is not made with the umask of what is secret.
    expect(task.output().split('\n')).toContain(`0${process.umask().toString(8).padStart(3, '0')}`);
    expect(calls).toEqual(['sudo', 'update-ca-certificates', 'curl', 'curl']);
  });

  it('should cost no job where they cannot be', async ({ onTestFinished }) => {
    const failing = { ...tools, 'update-ca-certificates': 'exit 1' };
    const task = await ran(asUser(failing, { ...cache, RUNNER_UPDATE_CA_CERTS: '1' }), onTestFinished);
    expect(task.output()).toContain('the certificate store could not be updated');
  });

  it('should change nothing where it is empty or not there', async ({ onTestFinished }) => {
    const task = await ran(asUser(tools, { ...cache, RUNNER_UPDATE_CA_CERTS: '' }), onTestFinished);
    expect(callsOf(task)).toEqual([]);
  });
});
