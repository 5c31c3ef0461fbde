import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const IMAGE = path.join(import.meta.dirname, '../../image');
const STAND_INS = path.join(import.meta.dirname, 'stand-ins');

const scratch = mkdtempSync(path.join(tmpdir(), 'oneshot-publish-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const REPOSITORY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/oneshot-dev-runner';
const DIGEST = `${REPOSITORY}@sha256:${'a'.repeat(64)}`;
const ENDED =
  'echo \'{"oneshot":"state","state":"ended","ending":"bad-configuration","exitCode":64}\'; exit 64';

const GREEN =
  'echo \'{"oneshot":"state","state":"ended","runner":"x","seconds":9.10,"ending":"ran-succeeded","exitCode":0}\'';

interface Run {
  readonly environment?: Record<string, string>;
  /** What the image's listener says that it is. */
  readonly listener?: string;
  readonly hasNoToolCache?: boolean;
  /** Those that the real program stands in for. */
  readonly real?: readonly string[];
  /** Tools that the image does not have. */
  readonly without?: readonly string[];
  /** Where the script is, if not in image/. */
  readonly folder?: string;
}

const PROOFS = [
  ...readFileSync(path.join(IMAGE, 'smoke-test.sh'), 'utf8').matchAll(/^ {2}\[([\w-]+)\]='([\w+-]+) /gm),
];

/** Runs a script of image/ with stand-ins for all that it calls; tells what was called, in order. */
function run(
  script: string,
  args: readonly string[],
  {
    environment = {},
    listener = '2.340.1',
    hasNoToolCache = false,
    real = [],
    without = [],
    folder = IMAGE,
  }: Run,
) {
  const home = mkdtempSync(path.join(scratch, 'x-'));
  const calls = path.join(home, 'calls');
  const programs = path.join(home, 'programs');
  cpSync(STAND_INS, programs, { recursive: true });
  for (const program of real) rmSync(path.join(programs, program));
  for (const tool of [
    'make',
    'nc',
    ...PROOFS.map(([, , tool = '']) => tool).filter((it) => it !== 'command'),
  ])
    writeFileSync(path.join(programs, tool), `#!/bin/bash\nexit ${without.includes(tool) ? 127 : 0}\n`, {
      mode: 0o755,
    });
  mkdirSync(path.join(home, 'bin'));
  if (!hasNoToolCache) mkdirSync(path.join(home, 'tools'));
  writeFileSync(path.join(home, 'bin/Runner.Listener'), `#!/bin/bash\necho ${listener}\n`);
  chmodSync(path.join(home, 'bin/Runner.Listener'), 0o755);
  writeFileSync(calls, '');
  const temporary = path.join(home, 'temporary');
  mkdirSync(temporary);
  const { status, stdout, stderr } = spawnSync('bash', [path.join(folder, script), ...args], {
    encoding: 'utf8',
    env: {
      PATH: `${programs}:${process.env['PATH']}`,
      CALLS: calls,
      HOME_OF_IMAGE: home,
      SUPERVISOR: ENDED,
      TASK: GREEN,
      SMOKE_FUNCTION: 'oneshot-dev-sweep',
      TMPDIR: temporary,
      NEWEST: 'https://github.com/actions/runner/releases/tag/v2.340.1',
      REPOSITORY,
      ARCHITECTURE: 'x64',
      LAYERS: 'lazy',
      VERSION_PARAMETER: '/oneshot/dev/image/x64',
      CODEBUILD_BUILD_NUMBER: '17',
      ...environment,
    },
  });
  return {
    ...{ status, stdout, stderr, calls: readFileSync(calls, 'utf8').trim().split('\n') },
    /** What is left of temporary files. */
    left: readdirSync(temporary),
    /** What a stand-in has noted. */
    noted: (name: string) => readFileSync(path.join(home, name), 'utf8').trim().split('\n'),
  };
}

it('should be clean to shellcheck', ({ skip }) => {
  skip(spawnSync('shellcheck', ['--version']).status !== 0, 'shellcheck is not installed');
  const scripts = ['publish.sh', 'smoke-job.sh', 'smoke-test.sh'].map((name) => path.join(IMAGE, name));
  expect(spawnSync('shellcheck', scripts, { encoding: 'utf8' }).stdout).toBe('');
});

describe('publishing an image', () => {
  const publish = (of: Run = {}) => run('publish.sh', [], of);
  const tags = (calls: readonly string[]) => calls.filter((call) => call.startsWith('crane tag'));

  it('should build with the newest runner, index, push, try what was pushed, and then move the tag', () => {
    const { status, calls, stderr } = publish();
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(calls).toEqual([
      'curl https://github.com/actions/runner/releases/latest',
      expect.stringMatching(/^curl .*go-containerregistry_Linux_x86_64.tar.gz$/),
      'sha256sum',
      'crane digest ghcr.io/actions/actions-runner:2.340.1',
      expect.stringMatching(/^crane digest mirror\.gcr\.io\/moby\/buildkit@sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^docker buildx create .*image=\S+@sha256:[0-9a-f]{64}$/),
      expect.stringMatching(
        /^docker buildx build .*RUNNER_VERSION=2.340.1 .*BASE=ghcr.io\/actions\/actions-runner@sha256:b{64} .*compression=gzip/,
      ),
      expect.stringMatching(/^curl .*soci-snapshotter-.*-linux-amd64.tar.gz$/),
      'sha256sum',
      'soci convert --standalone --format oci-dir',
      expect.stringMatching(/^docker login .*123456789012.dkr.ecr.eu-central-1.amazonaws.com$/),
      `crane push ${REPOSITORY}:candidate-x64`,
      'built, indexed',
      `docker pull --quiet ${DIGEST}`,
      'docker run',
      'docker run',
      'aws lambda get-function --function-name oneshot-dev-sweep --query Code.Location --output text',
      'curl -',
      expect.stringMatching(/^git fetch https:\/\/github.com\/actions\/checkout [0-9a-f]{40}$/),
      expect.stringMatching(/^git fetch https:\/\/github.com\/actions\/setup-node [0-9a-f]{40}$/),
      `docker run beside it: ${DIGEST}`,
      'docker run a task',
      'docker kill --signal TERM',
      'docker rm task',
      'docker rm github',
      'crane tag x64-2.340.1-17',
      'crane tag x64',
      'aws ssm put-parameter --overwrite --name /oneshot/dev/image/x64 --value 2.340.1',
    ]);
  });

  it('should build nothing on a base whose digest it cannot tell', () => {
    const { status, calls, stderr } = publish({ environment: { BASE_DIGEST: 'latest' } });
    expect(status).not.toBe(0);
    expect(stderr).toContain('not the digest of ghcr.io/actions/actions-runner:2.340.1');
    expect(calls.join('\n')).not.toContain('buildx');
  });

  const builder = (calls: readonly string[]) => calls.find((call) => call.startsWith('docker buildx create'));

  it('should take the same BuildKit from Docker Hub where its mirror does not have it', () => {
    const { status, calls } = publish({ environment: { MISSING_AT: 'mirror.gcr.io' } });
    expect(status).toBe(0);
    const [pinned] = /moby\/buildkit@sha256:\w+/.exec(builder(publish().calls) ?? '') ?? [];
    expect(builder(calls)).toContain(`image=docker.io/${pinned}`);
  });

  it('should build with the BuildKit and on the base that parameters name, and with nothing where they are not there', () => {
    const environment = {
      ...{
        BUILDKIT: `registry.example.com/buildkit@sha256:${'c'.repeat(64)}`,
        OFFICIAL: 'registry.example.com/runner',
      },
    };
    const { status, calls } = publish({ environment });
    expect(status).toBe(0);
    expect(builder(calls)).toContain(`image=${environment.BUILDKIT}`);
    expect(calls.join('\n')).toContain('BASE=registry.example.com/runner@sha256:');
    const failed = publish({ environment: { ...environment, MISSING_AT: 'registry.example.com' } });
    expect(failed.status).not.toBe(0);
    const noBuilder = publish({
      environment: { BUILDKIT: environment.BUILDKIT, MISSING_AT: 'registry.example.com' },
    });
    expect(noBuilder.stderr).toContain('no registry has BuildKit (parameter imageBuildkit)');
    expect(builder(noBuilder.calls)).toBeUndefined();
  });

  it('should leave the tag where it is when the image does not pass', () => {
    const { status, calls, stderr } = publish({ listener: '2.339.0' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('the listener is 2.339.0, not 2.340.1');
    expect(calls).toContain(`crane push ${REPOSITORY}:candidate-x64`);
    expect(tags(calls)).toEqual([]);
    expect(calls.join('\n')).not.toContain('put-parameter');
  });

  it('should leave the tag where it is when no job turns green in it', () => {
    const { status, calls } = publish({ environment: { GITHUB_ENDS: '1' } });
    expect(status).not.toBe(0);
    expect(calls).toContain('docker run a task');
    expect(tags(calls)).toEqual([]);
    expect(calls.join('\n')).not.toContain('put-parameter');
  });

  it('should use zstd for every layer, or an index of gzip layers, as one image cannot have both', () => {
    const { status, calls } = publish({ environment: { LAYERS: 'zstd' } });
    expect(status).toBe(0);
    expect(calls.join('\n')).toContain('compression=zstd,force-compression=true');
    expect(calls.join('\n')).not.toContain('soci');
    expect(calls).toContain('built');
  });

  it('should build for the machine it runs on, with the programs of that machine', () => {
    const environment = { ARCHITECTURE: 'arm64', MACHINE_TYPE: 'aarch64' };
    const { status, calls } = publish({ environment });
    expect(status).toBe(0);
    expect(calls.filter((call) => /Linux_arm64|linux-arm64/.test(call))).toHaveLength(2);
    expect(tags(calls)).toEqual(['crane tag arm64-2.340.1-17', 'crane tag arm64']);
  });

  it('should build another version when asked for', () => {
    const { calls } = publish({ environment: { RUNNER_VERSION: '2.338.0' }, listener: '2.338.0' });
    expect(calls.join('\n')).not.toContain('releases/latest');
    expect(tags(calls)).toContain('crane tag x64-2.338.0-17');
  });

  it.each<[string, Run, RegExp]>([
    [
      'a program that is not the pinned one',
      { real: ['sha256sum'] },
      /wrong checksum: https:.*crane|go-container/,
    ],
    [
      'no newest version',
      { environment: { NEWEST: 'https://github.com/login' } },
      /not the address of a release/,
    ],
    ['layers of no kind', { environment: { LAYERS: 'both' } }, /LAYERS: lazy or zstd, not both/],
    ['another architecture', { environment: { ARCHITECTURE: 'riscv' } }, /x64 or arm64, not riscv/],
    ['no repository', { environment: { REPOSITORY: '' } }, /REPOSITORY/],
  ])('should push nothing with %s', (_, of, message) => {
    const { status, stderr, calls } = publish(of);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(calls.filter((call) => /^crane (push|tag)/.test(call))).toEqual([]);
  });
});

describe('the smoke test', () => {
  const smoke = (of: Run = {}, architecture = 'x64') =>
    run('smoke-test.sh', ['image', '2.340.1', architecture], of);

  it('should pass an image with its runner, its machine and its supervisor', () => {
    expect(smoke()).toMatchObject({ status: 0, stderr: '' });
  });

  it.each<[string, Run, RegExp]>([
    ['of another machine', { environment: { MACHINE_TYPE: 'aarch64' } }, /is for aarch64, not x86_64/],
    ['whose user is root', { environment: { USER_ID: '0' } }, /its user is root/],
    [
      'whose curl signs, and not what the supervisor sends',
      { environment: { CURL_VERSION: '7.85.0' } },
      /curl is 7.85.0, and the supervisor needs 7.86 or later/,
    ],
    ['without git-lfs', { without: ['git-lfs'] }, /git-lfs does not work: git-lfs version/],
    ['without make', { without: ['make'] }, /build-essential does not work: g\+\+ --version && make/],
    ['without the lists of apt', { environment: { APT_LISTS: '' } }, /there are no package lists/],
    ['with another runner', { listener: '2.339.0' }, /2.339.0, not 2.340.1/],
    ['whose supervisor ends otherwise', { environment: { SUPERVISOR: 'exit 127' } }, /ended with 127/],
    [
      'whose supervisor says nothing',
      { environment: { SUPERVISOR: 'exit 64' } },
      /ended with 64 and said: $/m,
    ],
    ['without a tool cache', { hasNoToolCache: true }, /cannot write to .*tools, where jobs put tools/],
  ])('should not pass an image %s', (_, of, message) => {
    const { status, stderr } = smoke(of);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
  });

  it('should ask an image of your own only for what its Dockerfile adds', () => {
    const folder = path.join(scratch, 'own');
    cpSync(IMAGE, folder, { recursive: true });
    writeFileSync(
      path.join(folder, 'Dockerfile'),
      'RUN apt-get install --yes jq zip \\\n && rm -rf /var/lib/apt/lists/*\n# no git-lfs\n',
    );
    const of = { folder, environment: { APT_LISTS: '' } };
    expect(smoke({ ...of, without: ['git-lfs', 'g++'] })).toMatchObject({ status: 0, stderr: '' });
    expect(smoke({ ...of, without: ['zip'] }).stderr).toMatch(/zip does not work/);
  });

  it.each(['7.86.0', '7.100.0', '8.5.0'])('should pass an image with curl %s', (CURL_VERSION) => {
    expect(smoke({ environment: { CURL_VERSION } })).toMatchObject({ status: 0, stderr: '' });
  });

  it('should ask for the curl that the supervisor says it needs', () => {
    const read = (file: string) => readFileSync(path.join(IMAGE, file), 'utf8');
    const [, needed = ''] = /curl (\d+\.\d+) or later/.exec(read('entrypoint.sh')) ?? [];
    expect(read('smoke-test.sh')).toContain(`OLDEST_CURL=${needed}\n`);
  });

  it('should know no third architecture', () => {
    expect(smoke({}, 'riscv').stderr).toMatch(/no such architecture: riscv/);
  });
});

describe('the job of the smoke test', () => {
  const job = (environment: Record<string, string> = {}) => run('smoke-job.sh', ['image'], { environment });
  const said = ({ stdout }: { stdout: string }) => stdout.trim().split('\n');
  const ended = (ending: string, code: number, more = '') =>
    `${GREEN.replace('ran-succeeded', ending).replace('"exitCode":0', `"exitCode":${code}`)}; ${more}exit ${code}`;

  it('should say that it turned green, and with which actions, and leave nothing behind', () => {
    const done = job();
    expect(done).toMatchObject({ status: 0, stderr: '', left: [] });
    expect(said(done)).toEqual([
      expect.stringMatching(
        /^smoke test: a job turned green in \d+ s, with actions\/checkout@[0-9a-f]{40} actions\/setup-node@[0-9a-f]{40}$/,
      ),
    ]);
    expect(done.calls.slice(-2)).toEqual(['docker rm task', 'docker rm github']);
  });

  it('should hand its GitHub the file and both archives, for everybody in the container to read', () => {
    const done = job();
    expect(done.noted('smoke-files')).toEqual([
      expect.stringMatching(/^\.\/actions\/actions\/checkout@[0-9a-f]{40}\.tar\.gz$/),
      expect.stringMatching(/^\.\/actions\/actions\/setup-node@[0-9a-f]{40}\.tar\.gz$/),
      './github.mjs',
    ]);
    expect(done.noted('github')).toEqual(['the GitHub of the smoke test']);
    expect(done.noted('modes')).toEqual(['755', '644']);
    const careful = path.join(scratch, 'careful.sh');
    writeFileSync(careful, 'umask 077\n');
    expect(job({ BASH_ENV: careful }).noted('modes')).toEqual(['755', '644']);
  });

  it('should give the task what a launch gives it, and show the address of the code to nobody', () => {
    const done = job();
    const names = done.noted('task-environment').map((line) => line.split('=')[0]);
    for (const name of ['AWS_REGION', 'ONESHOT_STACK', 'ONESHOT_RUNNER_NAME', 'ONESHOT_SEALED_CONFIG'])
      expect(names).toContain(name);
    expect(done.noted('calls.address').join()).toContain('X-Amz-Signature');
    expect(JSON.stringify([done.calls, done.stdout, done.stderr])).not.toContain('X-Amz-Signature');
  });

  it('should take a file that is given, and ask AWS for nothing then', () => {
    const file = path.join(scratch, 'given.cjs');
    writeFileSync(file, 'given');
    const done = job({ SMOKE_GITHUB: file });
    expect(done.status).toBe(0);
    expect(done.noted('github')).toEqual(['given']);
    expect(done.calls.join('\n')).not.toMatch(/aws|curl/);
  });

  it('should run without actions where it is told to, or where they cannot be had, and say so', () => {
    const without = job({ SMOKE_ACTIONS: 'none' });
    expect(without.status).toBe(0);
    expect(said(without)).toEqual([
      'smoke test: the job runs without actions/checkout and actions/setup-node (imageActions: none)',
      expect.stringMatching(/^smoke test: a job turned green in \d+ s$/),
    ]);
    expect(without.calls.join('\n')).not.toContain('git fetch');
    expect(without.noted('github-environment')).toContain('SMOKE_USES=');
    const missing = job({ MISSING_AT: 'git', SMOKE_ACTIONS: 'https://git.example.com/actions' });
    expect(missing.status).toBe(0);
    expect(said(missing)[0]).toBe(
      'smoke test: the job runs WITHOUT actions/checkout and actions/setup-node, which cannot be had from https://git.example.com/actions (parameter imageActions)',
    );
    expect(missing.calls.filter((call) => call.startsWith('git fetch'))).toHaveLength(3);
  });

  it('should use no commit but the pinned one', () => {
    const done = job({ COMMIT: 'f'.repeat(40) });
    expect(said(done)[0]).toContain('runs WITHOUT actions/checkout');
    expect(done.noted('smoke-files')).toEqual(['./github.mjs']);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['GitHub saw it fail', { GITHUB_ENDS: '1' }, /GitHub saw no job that succeeded\.$/m],
    [
      'its GitHub was never asked',
      { GITHUB_ENDS: '1', TASK: ended('never-connected', 21) },
      /The task ended with 21, not 0\. The supervisor's last state is not ran-succeeded\. GitHub saw no job/,
    ],
    ['its GitHub is gone', { GITHUB_ENDS: '137' }, /GitHub saw no job that succeeded/],
    ['the supervisor ends otherwise', { TASK: ended('ran-failed', 10) }, /ended with 10, not 0/],
    [
      'the supervisor says another end than its code',
      { TASK: ended('ran-result-unknown', 0) },
      /last state is not ran-succeeded/,
    ],
    ['the supervisor says nothing', { TASK: 'echo \'"ending":"ran-succeeded"\'' }, /last state is not/],
    [
      'the supervisor’s code is not that of its end',
      { TASK: `${GREEN}; exit 13` },
      /The task ended with 13, not 0\.$/m,
    ],
    [
      'it takes too long',
      { SMOKE_SECONDS: '1', TASK: `${GREEN}; exec /bin/sleep 60` },
      /did not end within 1 s \(SMOKE_SECONDS\)\. The task ended with 124/,
    ],
  ])('should not be green where %s, and show what both said, without secrets', (_, environment, message) => {
    const shows =
      'for each in "$@"; do [[ $each != ONESHOT_SEALED_CONFIG=* ]] || echo "the task has $each"; done';
    const done = job({ ...environment, TASK: `${shows}; ${environment['TASK'] ?? GREEN}` });
    expect(done.status).not.toBe(0);
    expect(done.stdout).not.toContain('turned green');
    expect(done.stderr).toMatch(message);
    expect(done.stderr).toContain(
      '--- what GitHub saw\nsmoke test: GitHub listens\n--- what the task said\n',
    );
    expect(done.stderr).toContain('the task has ONESHOT_SEALED_CONFIG=***\n');
    expect(done.left).toEqual([]);
    expect(done.calls.slice(-2)).toEqual(['docker rm task', 'docker rm github']);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['the function does not have it', { NO_GITHUB: '1' }, /oneshot-dev-sweep does not have dist\/smoke/],
    ['nobody says where it is', { SMOKE_FUNCTION: '' }, /name it, or give SMOKE_GITHUB a file/],
    ['its GitHub does not start', { GITHUB_SAYS: 'a trace' }, /its GitHub did not start: a trace/],
    [
      'its GitHub ends at once',
      { GITHUB_SAYS: 'a trace', GITHUB_RUNS: 'false' },
      /its GitHub did not start: a trace/,
    ],
  ])('should start no task where %s', (_, environment, message) => {
    const done = job(environment);
    expect(done.status).not.toBe(0);
    expect(done.stderr).toMatch(message);
    expect(done.calls).not.toContain('docker run a task');
    expect(done.left).toEqual([]);
  });
});
