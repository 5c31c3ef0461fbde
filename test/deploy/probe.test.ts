import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount } from './account.ts';
import { hasMoto, type Moto, startMoto } from './moto.ts';

const MAIN = path.join(import.meta.dirname, '../account/main.ts');

let moto: Moto;

/** `npm run test:account`; `interruptAt` is a line at which the person presses Ctrl-C. */
async function run(stage: string, interruptAt?: RegExp) {
  const child = spawn(process.execPath, [MAIN, '--stage', stage, '--region', 'us-east-1'], {
    env: {
      ...process.env,
      ...{ AWS_ENDPOINT_URL: moto.url, AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'x' },
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    if (interruptAt?.test(stderr) && !stderr.includes('Interrupted')) child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** Skipped where there is no moto, as deploy.test.ts says. */
describe.runIf(hasMoto)('the questions to an account, on moto', () => {
  beforeAll(async () => {
    moto = await startMoto();
  }, 300_000);
  afterAll(() => moto?.close());

  async function expectNothingLeft() {
    const { roles: _, ...others } = await openAccount(moto.url).inventory();
    for (const [kind, left] of Object.entries(others)) expect([kind, left]).toEqual([kind, []]);
  }

  it('should be asked as far as moto goes, and leave nothing', async () => {
    const { code, stdout, stderr } = await run('probe');
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/May a function be closed.*(open|as built)/);
    expect(stdout).toMatch(/Does the size of an.*not asked/);
    await expectNothingLeft();
  });

  it('should remove what was made when the person interrupts the deployment', async () => {
    const { code, stdout } = await run('broken', /Creating CloudFormation stack|Deploying/);
    expect([code, stdout]).toEqual([0, expect.stringContaining('interrupted')]);
    await expectNothingLeft();
  });
});
