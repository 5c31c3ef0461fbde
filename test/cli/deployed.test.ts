import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import type { World } from '../../local/world/start-world.ts';
import { startTestWorld } from '../fixtures/world.ts';

let world: World;
beforeAll(async () => {
  world = await startTestWorld({ pace: 30 });
  await world.sweep();
  vi.stubEnv('AWS_ENDPOINT_URL', world.aws.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', world.aws.deployerCredentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', world.aws.deployerCredentials.secretAccessKey);
}, 300_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

/** As for a stage in AWS: found by its stack, GitHub by its address. */
async function oneshot(...args: string[]) {
  const out: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line) => void out.push(String(line)));
  const errors = vi.spyOn(console, 'error').mockImplementation((line) => void out.push(String(line)));
  const where = ['--region', world.aws.region, '--github-url', world.github.url];
  const code = await main([...where, ...args]).finally(() => {
    spy.mockRestore();
    errors.mockRestore();
    process.exitCode = undefined;
  });
  return { code, text: out.join('\n') };
}

describe('a stage that is found by its stack', () => {
  it('should be looked at by the stack’s outputs', async () => {
    const { code, text } = await oneshot('--stage', 'local', '--json', 'status');
    expect(JSON.parse(text)).toMatchObject({ stack: 'oneshot-local', unread: [], doubts: { dead: 0 } });
    expect(code).toBe(0);
  });

  it('should be examined link by link', async () => {
    const { text } = await oneshot('--stage', 'local', '--json', 'doctor');
    const findings: { id: string; verdict: { kind: string } }[] = JSON.parse(text);
    const kinds = new Map(findings.map(({ id, verdict }) => [id, verdict.kind]));
    // The image's registry is the real one, which may be out of reach.
    for (const id of ['identity', 'stack', 'functions', 'clock', 'app', 'hook', 'secret', 'network', 'roles'])
      expect([id, kinds.get(id)]).toEqual([id, 'ok']);
  });

  it('should be said not to be there, with the fix', async () => {
    const { code, text } = await oneshot('--stage', 'prod', 'status');
    expect(text).toMatch(/there is no stack oneshot-prod in us-east-1\n.*deploy it/);
    expect(code).toBe(1);
  });

  it('should be removable where its first deployment failed and left a stack without outputs', async () => {
    const { accountState: account } = world.aws;
    const { stack } = account;
    account.stack = stack && { ...stack, status: 'UPDATE_ROLLBACK_COMPLETE', outputs: {} };
    const { code, text } = await oneshot('--stage', 'local', 'teardown', '--dry-run');
    const examined = await oneshot('--stage', 'local', 'status');
    account.stack = stack;
    expect(text).toMatch(/the unfinished stack oneshot-local/);
    expect(text).toMatch(/\/oneshot\/local\/github\/private-key/);
    expect(code).toBe(0);
    expect(examined.text).toMatch(/no output RunnerPrefix.*\n.*deploy again/);
  });

  it('should not be deployed by set-up unless somebody says so', async () => {
    const { code, text } = await oneshot('--stage', 'prod', 'setup', '--org', 'acme');
    expect(text).toMatch(/there is no stack oneshot-prod in us-east-1\n.*--deploy/);
    expect(code).toBe(1);
  });
});
