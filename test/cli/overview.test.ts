import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { LINKS, QUICK_LINKS } from '../../cli/doctor/links/index.ts';
import { main } from '../../cli/main.ts';
import { startControl } from '../../local/world/control.ts';
import { PARAMETER_PATH, type World } from '../../local/world/start-world.ts';
import { startTestWorld } from '../fixtures/world.ts';
import { oneshot } from './oneshot.ts';

let world: World;
let control: Awaited<ReturnType<typeof startControl>>;
let folder: string;
const home = process.cwd();

beforeAll(async () => {
  world = await startTestWorld({ pace: 30 });
  control = await startControl(world);
}, 300_000);
afterAll(async () => {
  control.close();
  await world.close();
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'oneshot-overview-'));
  for (const name of ['AWS_PROFILE', 'AWS_REGION']) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_ENDPOINT_URL', world.aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', world.aws.deployerCredentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', world.aws.deployerCredentials.secretAccessKey);
});
afterEach(() => {
  process.chdir(home);
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** `oneshot`, with nothing but global options; the deployment is found by its stack. */
async function alone(...args: string[]) {
  const spy = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const code = await main(args).finally(() => {
    process.exitCode = undefined;
  });
  const [stdout, stderr] = [spy, errors].map(({ mock }) => mock.calls.join('\n'));
  spy.mockRestore();
  errors.mockRestore();
  return { code, stdout, stderr };
}

const HERE = ['--stage', 'local', '--region', 'us-east-1'];

describe('oneshot alone', () => {
  it('should begin with init in an empty folder, and ask nobody', async () => {
    process.chdir(folder);
    const calls = vi.fn();
    world.aws.on('call', calls);
    const { code, stdout } = await alone();
    expect(stdout).toMatch(/no runners.yml in this folder.*\n\n {2}oneshot init {3}writes one/);
    expect(code).toBe(2);
    // The world's Lambda asks its own queues.
    expect(calls.mock.calls.filter(([{ api }]) => api !== 'sqs')).toEqual([]);
  });

  it('should lead on to a deployment', async () => {
    const { code, stdout } = await alone('--stage', 'prod', '--region', 'us-east-1');
    expect(stdout).toMatch(/oneshot-prod in us-east-1 is not deployed.*\n\n {2}oneshot setup --deploy /);
    expect(code).toBe(2);
  });

  it('should lead on from a deployment that failed', async () => {
    const { accountState: account } = world.aws;
    const { stack } = account;
    account.stack = stack && { ...stack, outputs: {} };
    const { code, stdout } = await alone(...HERE);
    account.stack = stack;
    expect(stdout).toMatch(/deployed in part.*\n\n {2}oneshot deploy /);
    expect(code).toBe(2);
  });

  it('should say what to look at where all is well', async () => {
    const { code, stdout } = await oneshot(control.url);
    expect(stdout).toMatch(/is healthy, by \d+ quick checks.\n\n {2}oneshot status /);
    expect(code).toBe(0);
  });

  it('should name the faults, and send to the doctor', async () => {
    world.github.setWebhookUrl('https://nowhere.example.com');
    const { code, stdout } = await oneshot(control.url);
    const json = JSON.parse((await oneshot(control.url, '--json')).stdout);
    world.github.setWebhookUrl(world.webhookUrl);
    expect(stdout).toMatch(
      /has a fault.\n.*webhook is this deployment’s: it is https:\/\/nowhere.*\n {4}fix: set it/,
    );
    expect(stdout).toContain('  oneshot doctor ');
    expect(code).toBe(1);
    expect(json).toMatchObject({
      state: 'faulty',
      stack: 'oneshot-local',
      faults: [{ id: 'hook', fix: expect.any(String) }],
      next: [{ command: 'oneshot doctor' }],
    });
  });

  it('should say how to sign in where nobody asks', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])
      vi.stubEnv(name, path.join(folder, 'none'));
    const { code, stderr } = await alone(...HERE);
    expect(stderr).toContain('aws sso login');
    expect(code).toBe(3);
  });

  it('should not wait for an AWS that never answers', { timeout: 600_000 }, async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
    const { code, stderr } = await alone(...HERE);
    silent.close();
    expect(stderr).toContain('did not answer within 8 seconds');
    expect(code).toBe(3);
  });

  it('should still say that there is no such command, and list all that there are', async () => {
    expect(await alone('stauts')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean status?'),
    });
    const shown = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    await alone('--help');
    const help = shown.mock.calls.join('');
    shown.mockRestore();
    expect(help).toMatch(/Commands:\n {2}overview/);
  });
});

describe('the quick links', () => {
  it('should hang on nothing that is left out', () => {
    const ids = new Set(QUICK_LINKS.map(({ id }) => id));
    expect(QUICK_LINKS.flatMap(({ needs }) => needs).filter((need) => !ids.has(need))).toEqual([]);
    expect(LINKS.length).toBeGreaterThan(ids.size);
  });

  it('should send no delivery of their own', async () => {
    const before = world.logs.length;
    await oneshot(control.url);
    expect(world.logs.slice(before).filter((line) => line.includes('signature'))).toEqual([]);
  });
});

describe('oneshot alone, at last', () => {
  it('should lead on to set-up where there is no App', async () => {
    const names = ['app-id', 'private-key', 'webhook-secret'].map((name) => `${PARAMETER_PATH}/${name}`);
    for (const name of names) world.aws.parameters.delete(name);
    const { code, stdout } = await alone(...HERE);
    expect(stdout).toMatch(
      /oneshot-local in us-east-1 is deployed and has no GitHub App yet.\n\n {2}oneshot setup /,
    );
    expect(code).toBe(2);
  });
});
