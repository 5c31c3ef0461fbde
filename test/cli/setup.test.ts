import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Facts } from '../../cli/doctor/facts.ts';
import { main } from '../../cli/main.ts';
import { nextStep } from '../../cli/setup/plan.ts';
import { startControl } from '../../local/world/control.ts';
import { PARAMETER_PATH, type World } from '../../local/world/start-world.ts';
import { startTestWorld, until } from '../fixtures/world.ts';

const BROWSER = (process.env['PATH'] ?? '')
  .split(':')
  .map((folder) => `${folder}/chromium`)
  .find(existsSync);

let world: World;
let control: Awaited<ReturnType<typeof startControl>>;
const printed: string[] = [];

/** A GitHub in which nothing is set up, and a deployment without parameters. */
async function startBareWorld(): Promise<void> {
  world = await startTestWorld({ speed: 30 });
  control = await startControl(world);
  world.github.uninstall();
  world.github.setWebhookUrl('https://nowhere.example.com');
  for (const name of ['app-id', 'private-key', 'webhook-secret'])
    world.aws.parameters.delete(`${PARAMETER_PATH}/${name}`);
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

/** The address that the person is sent to, once it is printed. */
async function addressAfter(words: string): Promise<string> {
  const find = () => printed.find((line) => line.includes(words));
  await until(words, () => find() !== undefined);
  return /https?:\/\/\S+/.exec(find() ?? '')?.[0] ?? '';
}

/** The person's browser without a browser: fills a form as the page has it, and sends it. */
async function submit(page: string): Promise<Response> {
  const answer = await fetch(page);
  return submitForm(await answer.text(), page);
}

function submitForm(text: string, base: string): Promise<Response> {
  const action = unescaped(/<form[^>]*action="([^"]*)"/.exec(text)?.[1] ?? base);
  const fields = [...text.matchAll(/<input[^>]*name="(\w+)"[^>]*value="([^"]*)"/g)];
  const body = new URLSearchParams(
    fields.map(([, name = '', value = '']): [string, string] => [name, unescaped(value)]),
  );
  return fetch(new URL(action, base), { method: 'POST', body });
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

async function aJobIsGreen(): Promise<void> {
  const repository = `${world.installation.owner.login}/web`;
  const jobs = [{ name: 'hello', labels: ['fargate'], durationSeconds: 5 }];
  const [id] = world.github.queueRun({ repository, jobs });
  const jobOf = () => world.github.jobs().find((job) => job.id === id);
  await until('the job is green', () => jobOf()?.conclusion === 'success', 40);
}

describe('setup, from nothing to a green job', () => {
  beforeAll(startBareWorld);
  afterAll(async () => {
    control.close();
    await world.close();
  });

  it('should make the App, store its secrets, take its webhook, wait for its installation, and print no secret', async () => {
    const done = run('--org', 'acme');
    const page = await addressAfter('Make the App here');
    const github = await submit(page);
    const made = await submitForm(await github.text(), github.url);
    expect(await made.text()).toContain('Go back to the terminal');
    await submitForm('', await addressAfter('Install the App'));
    expect(await done).toBe(0);
    expect(printed.join('\n')).toContain('runs-on: fargate');
    expect(printed.join('\n')).not.toMatch(/PRIVATE KEY|[0-9a-f]{40}/);
    await aJobIsGreen();
  }, 60_000);

  it('should have nothing left to do when it is run again', async () => {
    printed.length = 0;
    expect(await run()).toBe(0);
    expect(printed.join('\n')).not.toContain('Make the App');
  });

  it('should go on where it stopped: a webhook that went elsewhere is taken back', async () => {
    world.github.setWebhookUrl('https://nowhere.example.com');
    expect(await run()).toBe(0);
    await aJobIsGreen();
  }, 60_000);
});

describe('setup', () => {
  beforeAll(startBareWorld);
  afterAll(async () => {
    control.close();
    await world.close();
  });

  it('should take no answer that is not to its question, and say so', async () => {
    const done = run('--org', 'acme', '--wait', '0.05');
    const page = await addressAfter('Make the App here');
    const { origin } = new URL(page);
    for (const query of ['code=abc', 'code=abc&state=guess', 'state=x'])
      expect((await fetch(`${origin}/callback?${query}`)).status).toBe(400);
    expect((await fetch(`${origin}/guess`)).status).toBe(404);
    expect(await done).toBe(2);
    expect(printed.join('\n')).toContain('nobody came back from GitHub');
  });

  it.each([
    [[], 'give --org NAME or --user'],
    [['--org', 'a/b'], 'is no name of an organisation'],
    [['--app-id', '1'], 'give --app-id and --private-key-file'],
    [['--app-id', '1', '--private-key-file', '/nonexistent.pem'], 'cannot be read'],
  ])('should ask for what it cannot know where nobody can be asked: %j', async (args, words) => {
    printed.length = 0;
    expect(await run(...args)).toBe(2);
    expect(printed.join('\n')).toContain(words);
  });

  it('should be driven by a real browser', async ({ skip }) => {
    skip(BROWSER === undefined, 'there is no chromium on PATH');
    printed.length = 0;
    const done = run('--org', 'acme');
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
    ];
    const browser = await chromium.launch({ executablePath: BROWSER ?? '', args });
    try {
      const page = await browser.newPage();
      await page.goto(await addressAfter('Make the App here'));
      await page.getByRole('button', { name: 'Go to GitHub' }).click();
      await page.getByRole('button', { name: 'Create GitHub App for acme' }).click();
      await page.getByText('Go back to the terminal').waitFor();
      await page.goto(await addressAfter('Install the App'));
      await page.getByRole('button', { name: 'Install' }).click();
      expect(await done).toBe(0);
      await aJobIsGreen();
    } finally {
      await browser.close();
    }
  }, 90_000);
});

describe('the next step', () => {
  const read = <T>(value: T) => ({ kind: 'read', value }) as const;
  const seen: Pick<
    Facts,
    'parameters' | 'privateKey' | 'app' | 'hook' | 'installations' | 'webhookUrl' | 'parameterPath'
  > = {
    parameters: read(new Set(['app-id', 'private-key', 'webhook-secret'])),
    privateKey: 'sound',
    app: read({ slug: 'oneshot', owner: 'acme', permissions: {}, events: [] }),
    hook: read({ url: 'https://here', contentType: 'json', hasSecret: true }),
    installations: read([
      { account: 'acme', isOrganization: true, isSuspended: false, permissions: {}, repositories: [] },
    ]),
    ...{ webhookUrl: 'https://here', parameterPath: '/oneshot/dev/github' },
  };

  it.each<[Partial<typeof seen>, string]>([
    [{}, 'done'],
    [{ parameters: read(new Set(['app-id'])) }, 'make-app'],
    [{ parameters: { kind: 'failed', problem: 'denied' } }, 'stuck'],
    [{ privateKey: 'unreadable' }, 'stuck'],
    [{ app: { kind: 'failed', problem: '401' } }, 'stuck'],
    [{ hook: read({ url: 'https://there', contentType: 'json', hasSecret: true }) }, 'set-hook'],
    [{ hook: read({ url: 'https://here', contentType: 'form', hasSecret: true }) }, 'set-hook'],
    [{ installations: read([]) }, 'install'],
  ])('should follow from what is there: %j', (changes, kind) => {
    expect(nextStep({ ...seen, ...changes }).kind).toBe(kind);
  });
});
