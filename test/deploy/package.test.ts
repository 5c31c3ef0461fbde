import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installed, installPackage, NODE_VERSION } from '../package/installed.ts';
import { openAccount } from './account.ts';
import { hasMoto, type Moto, startMoto } from './moto.ts';

let moto: Moto;
let installed: Installed;

const oneshot = (...args: string[]) =>
  installed.run(['--stage', 'moto', '--json', ...args], {
    ...{ AWS_ENDPOINT_URL: moto.url, AWS_REGION: 'us-east-1' },
    ...{ AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'x' },
  });

/** One story, in this order. Skipped where there is no moto, as deploy.test.ts says. */
describe.runIf(hasMoto)(`the installed package, on moto and Node ${NODE_VERSION}`, () => {
  beforeAll(async () => {
    [moto, installed] = await Promise.all([startMoto(), installPackage()]);
    await installed.run(['init']);
    const file = path.join(installed.folder, 'runners.yml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('acme/*', 'globex/*'));
  }, 300_000);

  afterAll(async () => {
    await moto?.close();
    await installed?.remove();
  });

  it('should deploy when it sets up, and continue with the App', async () => {
    const flags = ['--deploy', '--yes', '--org', 'acme', '--no-open', '--wait', '0.01'];
    const { code, stdout, stderr } = await oneshot('setup', ...flags);
    expect(stderr).toMatch(/^http:\/\/127.0.0.1:\d+\/\S+\n$/);
    expect(JSON.parse(stdout).error.message).toMatch(/nobody came back from GitHub/);
    expect(code).toBe(2);
  });

  it('should deploy again, and say where', async () => {
    const { code, stdout, stderr } = await oneshot('deploy');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      plan: { kind: 'same', changes: [] },
      ...{ stack: 'oneshot-moto', account: '123456789012', region: 'us-east-1' },
      webhookUrl: expect.stringMatching(/^https:\/\/.*\/webhook$/),
    });
    const { functions, natGateways } = await openAccount(moto.url).inventory();
    expect(functions).toHaveLength(4);
    expect(natGateways).toEqual([]);
  });

  it('should tear down what it deployed', async () => {
    const { code, stdout } = await oneshot('teardown', '--yes');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ stack: 'oneshot-moto' });
    const { roles: _, ...others } = await openAccount(moto.url).inventory();
    for (const [kind, left] of Object.entries(others)) expect(left, kind).toEqual([]);
  });
});
