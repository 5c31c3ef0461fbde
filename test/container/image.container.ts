import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StandInScript } from '../../local/runner/script.ts';
import type { TaskServices } from '../../local/task/services.ts';
import { buildSmokeTest } from '../../scripts/build-smoke.ts';
import { IMAGE, openStore, RUNNER_IMAGE, RUNNER_VERSION } from './containers.ts';
import { ROOT, run, whyNot } from './machine.ts';

/** An unpacked release of the official runner, for the smoke test's job, and a folder with repositories of its actions. */
const release = process.env['ONESHOT_RUNNER'];
const actions = process.env['ONESHOT_ACTIONS'];
const reason = whyNot();
if (reason !== undefined) console.warn(`The image is not tested: this ${reason}.`);

describe.skipIf(reason !== undefined)('the image', () => {
  const store = openStore();
  const scratch = mkdtempSync(path.join(tmpdir(), 'oneshot-container-scripts-'));
  let services: Pick<TaskServices, 'url' | 'secrets'>;

  beforeAll(async () => {
    store.build();
    services = await startServices();
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true, force: true });
    store.close();
  });

  /** The stand-ins run by this Node.js, from this checkout. */
  const mounts = [ROOT, path.dirname(process.execPath)].flatMap((it) => ['--volume', `${it}:${it}:ro`]);

  async function startServices(): Promise<typeof services> {
    const program = path.join(ROOT, 'test/container/services.ts');
    store.start('services', '--network', 'none', ...mounts, '--entrypoint', process.execPath, IMAGE, program);
    const said = await until('services are there', async () => {
      const { stdout } = await store.podman('logs', 'services');
      return stdout.includes('\n') && stdout;
    });
    return JSON.parse(said) as typeof services;
  }

  /** A task as the functions start it, with the stand-in listener's script. */
  function startTask(
    name: string,
    script: StandInScript,
    environment = {},
    network = 'container:services',
  ): void {
    const file = path.join(scratch, `${name}.json`);
    writeFileSync(file, JSON.stringify(script), { mode: 0o644 });
    const { url, secrets } = services;
    const variables = Object.entries({
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_KMS: url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}${secrets.credentialsPath}`,
      ONESHOT_RUNNER_NAME: `oneshot-test-1-2-${name.length}`,
      ONESHOT_STACK: 'oneshot-test',
      ONESHOT_SEALED_CONFIG: secrets.sealedConfig,
      ...environment,
    }).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
    const listens = ['--volume', `${file}:/home/runner/standin.json:ro`];
    store.start(name, '--network', network, ...variables, ...mounts, ...listens, IMAGE);
  }
  /** podman gives what it starts the container's first environment, secrets and all: it is taken off again. */
  const inside = (name: string, command: string) =>
    store.podman('exec', name, 'env', '-i', 'PATH=/usr/bin:/bin', 'bash', '-c', command);
  const reaches = (name: string, state: string) =>
    until(`${name} is ${state}`, async () =>
      (await store.podman('logs', name)).stdout.includes(`"state":"${state}"`),
    );
  const healthCheck = async (name: string) => {
    const { stdout } = await store.podman(
      'image',
      'inspect',
      '--format',
      '{{json .HealthCheck.Test}}',
      IMAGE,
    );
    const [, ...command] = JSON.parse(stdout) as string[];
    return (await store.podman('exec', name, ...command)).code;
  };

  /** The pipeline's smoke test. */
  async function smokeTest(image: string, more: readonly string[], environment: Record<string, string> = {}) {
    await buildSmokeTest(scratch);
    const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
    const args = [path.join(ROOT, 'image/smoke-test.sh'), image, RUNNER_VERSION, architecture];
    return run('bash', args, {
      PATH: `${store.dockerFolder(more)}:${process.env['PATH']}`,
      SMOKE_GITHUB: path.join(scratch, 'smoke/github.mjs'),
      SMOKE_ACTIONS: 'none',
      ...environment,
    });
  }
  const leftovers = async () => (await store.podman('ps', '--all', '--format', '{{.Names}}')).stdout;

  it('should be what the pipeline takes for good: a job of the stand-in turns green in it', async () => {
    const ended = await smokeTest(IMAGE, mounts);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('passed by') });
    expect(ended.stdout).toMatch(/^smoke test: a job turned green in \d+ s$/m);
    expect(await leftovers()).not.toContain('smoke');
  }, 600_000);

  it.skipIf(release === undefined)(
    'should run a job of the official runner, with its actions',
    async () => {
      store.putRunner(String(release));
      const { code, stdout } = await smokeTest(RUNNER_IMAGE, [], { SMOKE_ACTIONS: actions ?? 'none' });
      expect(stdout).toMatch(actions ? /green in \d+ s, with actions\/checkout@/ : /green in \d+ s$/m);
      expect({ code, leftovers: await leftovers() }).toEqual({
        code: 0,
        leftovers: expect.not.stringContaining('smoke'),
      });
    },
    900_000,
  );

  it('should hold entrypoint.sh as it is, and nothing of this machine or of a secret beside the tools', async () => {
    const { stdout } = await inside('services', 'sha256sum /opt/oneshot/entrypoint.sh');
    const bytes = readFileSync(path.join(ROOT, 'image/entrypoint.sh'));
    expect(stdout.split(' ')[0]).toBe(createHash('sha256').update(bytes).digest('hex'));
    const inspected = await store.podman('image', 'inspect', '--format', '{{json .Config}}', IMAGE);
    const { Env, User, Labels } = JSON.parse(inspected.stdout);
    expect({ Env, User }).toEqual({ Env: [expect.stringMatching(/^PATH=[a-z/:]+$/)], User: 'runner' });
    expect(Labels).toMatchObject({
      'org.opencontainers.image.version': RUNNER_VERSION,
      'org.opencontainers.image.base.name': `ghcr.io/actions/actions-runner:${RUNNER_VERSION}`,
    });
  });

  it('should have every tool that its README lists', async () => {
    const tools =
      'bc bzip2 curl envsubst file g++ gcc gh git git-lfs gpg gzip jq make nc openssl patch pip3 pkg-config pkill ps ' +
      'python python3 rsync shellcheck ssh sudo unzip wget xz zip zstd';
    const missing = `for tool in ${tools}; do command -v $tool >/dev/null || echo $tool; done; python3 -m venv /tmp/venv`;
    expect(await inside('services', missing)).toMatchObject({ code: 0, stdout: '' });
  });

  it('should run a job as PID 1, without root and without a capability, and show no step its secrets', async () => {
    startTask('busy', { jobAfterSeconds: 1, jobSeconds: 20, result: 'Succeeded' });
    await reaches('busy', 'busy');
    const { stdout: init } = await inside('busy', 'tr "\\0" " " </proc/1/cmdline; cat /proc/1/status');
    expect(init).toMatch(/entrypoint\.sh supervise /);
    expect(init).toMatch(/^Uid:\t1001\t1001\t1001\t1001$/m);
    expect(init).toMatch(/^CapBnd:\t0{16}$/m);
    const { stdout: processes } = await inside('busy', 'cat /proc/[0-9]*/{environ,cmdline} 2>/dev/null');
    const isShown = (text: string) => processes.includes(text);
    expect(['ONESHOT_RUNNER_NAME=', 'Runner.Worker'].map(isShown)).toEqual([true, true]);
    const { sealedConfig, credentialsPath, encodedConfig } = services.secrets;
    expect([sealedConfig, credentialsPath, encodedConfig].map(isShown)).toEqual([false, false, false]);
    expect(await healthCheck('busy')).toBe(0);
    const { stdout } = await store.podman('wait', 'busy');
    expect(stdout.trim()).toBe('0');
    expect((await store.podman('logs', 'busy')).stdout).toContain('"ending":"ran-succeeded","exitCode":0');
  });

  it('should end at once when it is stopped idle', async () => {
    startTask('idle', {});
    await reaches('idle', 'idle');
    await store.podman('stop', '--time', '60', 'idle');
    expect((await store.podman('wait', 'idle')).stdout.trim()).toBe('30');
  });

  it('should say so when nobody unseals its config', async () => {
    startTask('sealed', {}, { ONESHOT_UNSEAL_TIMEOUT_SECONDS: 1 }, 'none');
    expect((await store.podman('wait', 'sealed')).stdout.trim()).toBe('24');
  });

  it('should be unhealthy where another process is PID 1, as that shows what the supervisor hides', async () => {
    const wrapper = 'bash /opt/oneshot/entrypoint.sh & wait';
    store.start('wrapped', '--network', 'none', '--entrypoint', 'bash', IMAGE, '-c', `${wrapper}; sleep 60`);
    expect(await healthCheck('wrapped')).toBe(1);
  });
});

async function until<T>(what: string, look: () => Promise<T | false>, seconds = 60): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== false) return seen;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}
