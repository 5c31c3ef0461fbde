import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { type Play, play } from './play.ts';
import { job, run } from './steps.ts';

/** Of PID 1, the listener, the worker and the step itself: what /proc shows of them to the step. */
const PROCESSES = `
  worker=$PPID; listener=$(cut -d' ' -f4 /proc/$worker/stat); supervisor=$(cut -d' ' -f4 /proc/$listener/stat)
  for of in supervisor listener worker; do
    tr '\\0' '\\n' </proc/\${!of}/environ >"$seen/$of"
    tr '\\0' '\\n' </proc/\${!of}/cmdline >"$seen/$of.command"
  done
  echo $supervisor >"$seen/pid"
  grep SigIgn /proc/self/status >"$seen/signals"
`;
/** Everything that a job can read, but the key that the listener must keep (LISTENER-3). */
const FILES = `
  cd "$ONESHOT_RUNNER_ROOT"
  find . -maxdepth 1 -printf '%m %P\\n' >"$seen/modes"
  find . "$TMPDIR" "$RUNNER_PERFLOG" -type f -not -path './bin/*' -not -name .credentials_rsaparams -exec cat {} + >"$seen/all"
  for file in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do tr '\\0' '\\n' <"$file" >>"$seen/all"; done 2>/dev/null
`;
const LOOK = `seen=$(realpath ../../../..)/seen; mkdir "$seen"; env -0 >"$seen/env"; umask >"$seen/umask"; ${PROCESSES} ${FILES}`;

const SIZE = { ONESHOT_VCPU: '2', ONESHOT_MEMORY_MIB: '4096', ONESHOT_STORAGE_GIB: '20', ONESHOT_SPOT: '0' };
/** All variables of a step, but GitHub's and the runner's own (GITHUB_*, RUNNER_*). */
const NAMES = [
  'ACTIONS_RUNNER_CONTAINER_HOOKS',
  'ACTIONS_RUNNER_HOOK_JOB_COMPLETED',
  'ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT',
  'ACTIONS_RUNNER_RETURN_JOB_RESULT_FOR_HOSTED',
  'ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE',
  'AGENT_TOOLSDIRECTORY',
  'AWS_REGION',
  'CI',
  'HOME',
  'LANG',
  'OLDPWD',
  'ONESHOT_KMS_URL',
  'ONESHOT_MEMORY_MIB',
  'ONESHOT_RUNNER_ID',
  'ONESHOT_RUNNER_NAME',
  'ONESHOT_RUNNER_ROOT',
  'ONESHOT_SPOT',
  'ONESHOT_STACK',
  'ONESHOT_STOP_TIMEOUT_SECONDS',
  'ONESHOT_STORAGE_GIB',
  'ONESHOT_UNSEAL_TIMEOUT_SECONDS',
  'ONESHOT_VCPU',
  'PATH',
  'PWD',
  'SHLVL',
  'TMPDIR',
  'USER',
  '_',
];

it('should show a step what docs/jobs.md says, and no secret', async () => {
  const looked: Record<string, string> = {};
  let secrets: Play['task']['services']['secrets'] | undefined;
  const seen = await play(
    {
      title: 'the environment of a step',
      job: job([run('Look', LOOK)]),
      options: { isInit: process.getuid?.() === 0 },
      environment: { ...SIZE, HOME: '', USER: '', LANG: '' },
      async act({ task }) {
        await task.ended;
        ({ secrets } = task.services);
        const names = ['env', 'umask', 'supervisor', 'listener', 'worker', 'pid', 'signals', 'modes', 'all'];
        for (const name of names) looked[name] = readFileSync(`${task.base}/seen/${name}`, 'latin1');
      },
      expects: { ending: 'ran-succeeded' },
    },
    process.env['ONESHOT_TEST_RUNNER'],
  );
  expect(seen.ending, seen.log).toBe('ran-succeeded');
  const pairs = (looked['env'] ?? '')
    .split('\0')
    .filter(Boolean)
    .map((pair) => pair.split(/=(.*)/s, 2));
  const variables = Object.fromEntries(pairs) as Record<string, string>;
  const own = Object.keys(variables).filter((name) => !/^(GITHUB|RUNNER)_/.test(name));
  expect(own.sort()).toEqual(NAMES);
  const root = variables['ONESHOT_RUNNER_ROOT'];
  expect(variables).toMatchObject({ ...SIZE, HOME: root, USER: userInfo().username, LANG: 'C.UTF-8' });
  expect(variables['RUNNER_TOOL_CACHE']).toBe(variables['AGENT_TOOLSDIRECTORY']);
  expect(Number.parseInt(looked['umask'] ?? '', 8)).toBe(process.umask());
  // SIGPIPE alone is ignored, by the listener (LISTENER-55): an interrupt reaches a step.
  expect(looked['signals']).toMatch(/^SigIgn:\s+0000000000001000$/m);
  expect(looked['modes']).not.toMatch(/ \.env$/m);
  if (process.getuid?.() === 0) expect(looked['pid']).toBe('1\n');
  for (const process of ['supervisor', 'listener', 'worker'])
    expect(looked[process]).not.toMatch(/^(ACTIONS_RUNNER_INPUT_|AWS_CONTAINER_|ECS_|ONESHOT_SEALED)/m);
  const everything = [...Object.values(looked), seen.output, seen.log].join('\n');
  expect(everything).toContain('RUNNER_PERFLOG=');
  for (const [name, secret] of Object.entries(secrets ?? {}))
    expect(everything.includes(secret), `${name} can be read`).toBe(false);
});
