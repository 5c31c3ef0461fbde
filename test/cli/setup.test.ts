import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../cli/main.ts';
import { startControl } from '../../local/world/control.ts';
import { RUNNER_PREFIX, type World } from '../../local/world/start-world.ts';
import { BROWSER, launchBrowser } from '../fixtures/browser.ts';
import { startTestWorld } from '../fixtures/world.ts';
import { addressPrinted, forgetApp, makeApp, submitForm } from './person.ts';

let world: World;
let control: Awaited<ReturnType<typeof startControl>>;
const printed: string[] = [];

/** A GitHub in which nothing is set up, and a deployment without parameters. */
async function startBareWorld(): Promise<void> {
  world = await startTestWorld({ pace: 30 });
  control = await startControl(world);
  forgetAll();
}

function forgetAll(): void {
  forgetApp(world);
  printed.length = 0;
}

async function run(...args: string[]): Promise<number> {
  const spies = (['log', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((line) => void printed.push(String(line))),
  );
  try {
    return await main(['--local', control.url, 'setup', '--no-open', ...args]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const addressAfter = (words: string): Promise<string> => addressPrinted(printed, words);

/** What a person does on GitHub's page for a new file. */
async function commit(address: string): Promise<void> {
  const { searchParams } = new URL(address);
  expect((await fetch(address, { method: 'POST', body: searchParams })).status).toBe(200);
}

/** A request as a browser sends it for a name that leads here: fetch sets no Host. */
const statusFor = (address: string, host: string) =>
  new Promise<number>((resolve, reject) => {
    get(address, { headers: { host } }, (answer) => resolve(answer.resume().statusCode ?? 0)).on(
      'error',
      reject,
    );
  });

describe('setup, from nothing to a green job', () => {
  beforeAll(startBareWorld);
  afterAll(async () => {
    control.close();
    await world.close();
  });

  it('should make the App, store its secrets, take its webhook, wait for its installation, and print no secret', async () => {
    const done = run('--org', 'acme');
    const made = await makeApp(await addressAfter('Create the App here'));
    expect(await made.text()).toContain('Return to the terminal');
    await submitForm('', await addressAfter('Install the App on acme'));
    expect(await done).toBe(0);
    expect(printed.join('\n')).toContain('runs-on: fargate');
    // Names of Apps are one set in all of GitHub: another region's `prod` has other digits.
    expect(printed.join('\n')).toContain(`${RUNNER_PREFIX} is created`);
    expect(printed.join('\n')).not.toMatch(/PRIVATE KEY|[0-9a-f]{40}/);
  }, 300_000);

  it('should continue where it stopped: take back a webhook that went elsewhere, and watch the first job', async () => {
    world.github.setWebhookUrl('https://nowhere.example.com');
    printed.length = 0;
    const done = run('--workflow', 'open', '--watch', '--repository', 'ACME/web');
    await commit(await addressAfter('Commit the workflow here'));
    expect(await done).toBe(0);
    expect(printed.join('\n')).not.toContain('Make the App');
    expect(printed.join('\n')).toMatch(/the job is green; it ran on oneshot-local-/);
  }, 300_000);

  it('should have nothing left to do when it is run again', async () => {
    printed.length = 0;
    expect(await run('--workflow', 'open', '--watch', '--repository', 'acme/web')).toBe(0);
    expect(printed.join('\n')).not.toMatch(/Make the App|Commit the workflow/);
    expect(printed.join('\n')).toContain('the job is green');
  });

  it('should wait for the account that is to be served, and for no other', async () => {
    printed.length = 0;
    expect(await run('--org', 'globex', '--wait', '0.01')).toBe(2);
    expect(printed.join('\n')).toContain('the App was not installed on globex in time');
    expect(await run('--org', 'ACME')).toBe(0);
  });

  it('should say how a first job ended that is not green', async () => {
    const jobs = [{ name: 'hello', labels: ['fargate'], durationSeconds: 5, result: 'failure' } as const];
    world.github.queueRun({ repository: 'acme/web', workflow: 'oneshot', jobs });
    printed.length = 0;
    expect(await run('--watch', '--repository', 'acme/web')).toBe(1);
    expect(printed.join('\n')).toMatch(/the job ended with failure: https.*\n.*oneshot doctor --job https/);
  }, 40_000);
});

describe('setup', () => {
  beforeAll(startBareWorld);
  afterAll(async () => {
    control.close();
    await world.close();
  });

  it('should take no answer that is not to its question, and say so', async () => {
    const done = run('--org', 'acme', '--wait', '0.05');
    const page = await addressAfter('Create the App here');
    const { origin } = new URL(page);
    for (const query of ['code=abc', 'code=abc&state=guess', 'state=x'])
      expect((await fetch(`${origin}/callback?${query}`)).status).toBe(400);
    expect((await fetch(`${origin}/guess`)).status).toBe(404);
    expect(await statusFor(page, 'rebound.example')).toBe(421);
    const policy = (await fetch(page)).headers.get('content-security-policy');
    expect(policy).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
    expect(await done).toBe(2);
    expect(printed.join('\n')).toContain('nobody came back from GitHub');
  });

  it.each([
    [[], 'give --org NAME or --user'],
    [['--org', 'a/b'], 'is not the name of an organisation'],
    [['--app-id', '1'], 'give --app-id and --private-key-file'],
    [['--app-id', '1', '--private-key-file', '/nonexistent.pem'], 'cannot be read'],
  ])('should ask for what it cannot know where nobody can be asked: %j', async (args, words) => {
    printed.length = 0;
    expect(await run(...args)).toBe(2);
    expect(printed.join('\n')).toContain(words);
  });

  it.each(['abc', '', '-1', '0', '1e9'])('should take no wait of "%s" minutes, and say so', async (wait) => {
    printed.length = 0;
    const stderr = vi
      .spyOn(process.stderr, 'write')
      .mockImplementation((text) => printed.push(String(text)) > 0);
    const code = await run(`--wait=${wait}`);
    stderr.mockRestore();
    expect(code).toBe(2);
    expect(printed.join('\n')).toContain('give a number of minutes above 0, at most 1440');
  });

  it('should take an App that is there, once GitHub takes its key, and store nothing before', async () => {
    const APP = '123456';
    world.github.changeApp({ id: Number(APP) });
    const folder = mkdtempSync(path.join(tmpdir(), 'oneshot-key-'));
    const file = path.join(folder, 'app.pem');
    const take = async (appId: string, pem: string) => {
      writeFileSync(file, pem);
      printed.length = 0;
      const code = await run('--app-id', appId, '--private-key-file', file, '--wait', '0.001');
      return [code, printed.join('\n')];
    };
    const { privateKey: another } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const stranger = await take(APP, another);
    expect(stranger).toEqual([2, expect.stringMatching(/does not accept this key for App.*\n.*same App/)]);
    expect(await take('my-app', world.privateKey)).toEqual([2, expect.stringContaining('is not an App id')]);
    expect(await take(APP, 'ssh-rsa AAAA')).toEqual([2, expect.stringContaining('no RSA private key')]);
    expect([await run(), printed.join('\n')]).toEqual([2, expect.stringContaining('give --org NAME')]);
    const [code, text] = await take(APP, world.privateKey);
    expect([code, text]).toEqual([2, expect.stringContaining('was not installed on acme in time')]);
    expect(text).not.toContain('PRIVATE KEY');
    rmSync(folder, { recursive: true });
    forgetAll();
  });

  it('should be driven by a real browser', async ({ skip }) => {
    skip(BROWSER === undefined, 'there is no chromium on PATH');
    printed.length = 0;
    const done = run('--org', 'acme', '--workflow', 'open', '--watch');
    const browser = await launchBrowser();
    try {
      const page = await (await browser.newContext()).newPage();
      await page.goto(await addressAfter('Create the App here'));
      await page.getByText('see workflow runs and their jobs').waitFor();
      // The console's style has come, and axe has nothing to say.
      expect(await page.evaluate(`getComputedStyle(document.querySelector('section')).borderRadius`)).toBe(
        '10px',
      );
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      await page.getByRole('button', { name: 'Go to GitHub' }).click();
      await page.getByRole('button', { name: 'Create GitHub App for acme' }).click();
      await page.getByText('Return to the terminal').waitFor();
      await page.goto(await addressAfter('Install the App'));
      await page.getByRole('button', { name: 'Install' }).click();
      await page.goto(await addressAfter('Commit the workflow here'));
      await page.getByRole('button', { name: 'Commit new file' }).click();
      expect(await done).toBe(0);
      expect(printed.join('\n')).toContain('the job is green');
    } finally {
      await browser.close();
    }
  }, 300_000);
});
