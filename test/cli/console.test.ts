import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showConsole } from '../../cli/commands/console.ts';
import { connect } from '../../cli/deployment.ts';
import { createScenario, play } from '../../local/play/scenario.ts';
import { startControl } from '../../local/world/control.ts';
import type { World } from '../../local/world/start-world.ts';
import { seededRandom } from '../../model/dice.ts';
import { BROWSER, launchBrowser, NO_BROWSER } from '../fixtures/browser.ts';
import { startTestWorld } from '../fixtures/world.ts';

const JOBS = 12;
/** `npm run screenshot` wants a picture of it, for which the world is slower. */
const PICTURE = process.env['ONESHOT_SCREENSHOT'];

/** An embedded world, and a person who looks at its page. */
let world: World;
let control: Awaited<ReturnType<typeof startControl>>;
let console_: Awaited<ReturnType<typeof showConsole>>;
let browser: Browser | undefined;

beforeAll(async () => {
  world = await startTestWorld({ pace: PICTURE === undefined ? 10 : 2, sweepEverySeconds: 60 });
  control = await startControl(world);
  const target = { stage: '', region: undefined, local: control.url, githubUrl: undefined };
  console_ = await showConsole(await connect(target));
  browser = BROWSER === undefined ? undefined : await launchBrowser();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  console_.close();
  control.close();
  await world.close();
});

async function visit(colorScheme: 'light' | 'dark' = 'light', width = 1400): Promise<Page> {
  if (browser === undefined) throw new Error('no browser');
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 960 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(console_.url);
  return page;
}

const tile = (page: Page, name: string, value: string | RegExp) =>
  page.locator('.tile', { hasText: name }).locator('dd', { hasText: value });

async function seriousFaultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe.skipIf(BROWSER === undefined)(`the console in a browser${NO_BROWSER}`, () => {
  it('should show the default scenario to its end', { timeout: 600_000 }, async () => {
    const page = await visit();
    await page.getByText('Nothing runs while nothing is queued.').waitFor();
    const scenario = createScenario(world, world.policy, { jobs: JOBS, random: seededRandom(1) });
    await Promise.all([
      play(world, scenario, () => undefined),
      page.locator('.phase.starting').first().waitFor(),
      page.locator('.phase.running').first().waitFor(),
    ]);
    if (PICTURE !== undefined) {
      await page.locator('.phase.success').nth(3).waitFor();
      await page.screenshot({ path: PICTURE });
    }
    // With the one that is unservable, and the one that is cancelled, unless a slow machine's webhook came after it was.
    await tile(page, 'Done', new RegExp(`^(${JOBS + 1}|${JOBS + 2})in 1 h$`)).waitFor({ timeout: 600_000 });
    await page
      .getByRole('row', { name: /cancelled in the queue/ })
      .getByText('cancelled', { exact: true })
      .waitFor();
    await page
      .getByRole('row', { name: /^too large/ })
      .getByText('the limit is 4')
      .waitFor();
    const lane = page.getByRole('row', { name: /^test \(1\)/ }).getByRole('img');
    expect(await lane.getAttribute('aria-label')).toMatch(/^queued .*, running /);
    // Not each job has it: one may take a runner that was there before its own was launched.
    await page
      .getByRole('img', { name: /^queued .*, starting .*, running / })
      .first()
      .waitFor();
    const links = await page
      .locator('a.out')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(links.length).toBeGreaterThanOrEqual(JOBS);
    const answers = await Promise.all(links.map(async (link) => (await fetch(link ?? '')).status));
    expect(new Set(answers)).toEqual(new Set([200]));
    await page.getByRole('row', { name: /^lint/ }).getByText('which this deployment does not have').waitFor();
    expect(await page.getByRole('row', { name: /^Image pull/ }).count()).toBe(1);
    await page.close();
  });

  it.each(['light', 'dark'] as const)('should have no serious fault in the %s', async (scheme) => {
    const page = await visit(scheme);
    await page.getByRole('rowheader').first().waitFor();
    await page.getByText('Faults', { exact: false }).first().waitFor();
    await page.getByText(/^Faults/).click();
    expect(await seriousFaultsOf(page)).toEqual([]);
    await page.close();
  });

  it('should fit a telephone', async () => {
    const page = await visit('light', 390);
    await page.getByRole('rowheader').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.close();
  });

  it('should switch a fault on, show what it does, and cancel what it did it to', {
    timeout: 600_000,
  }, async () => {
    const page = await visit();
    await page.getByText(/^Faults/).click();
    await page.getByLabel('ecs-no-capacity').check();
    await page.getByText('Faults: 1 on').waitFor();
    world.faults.next('ecs-no-capacity', 50);
    await page.getByRole('spinbutton', { name: 'Jobs' }).fill('2');
    await page.getByRole('button', { name: 'Queue a matrix' }).click();
    await page.getByText('2 queued').waitFor();
    await page.getByText(/struck \d+ times/).waitFor();
    await page
      .getByText(/refused: no-capacity/)
      .first()
      .waitFor();
    await page.getByRole('combobox', { name: 'Phase' }).selectOption('queued');
    // Before the fault is off: its launch would soon be made again.
    await page.getByRole('button', { name: 'Cancel matrix (1)' }).click();
    await page.getByLabel('ecs-no-capacity').uncheck();
    await page.getByRole('combobox', { name: 'Phase' }).selectOption('done');
    await page
      .getByRole('row', { name: /matrix \(1\)/ })
      .getByText('cancelled', { exact: true })
      .waitFor();
    await page.close();
  });

  it('should show a name that is markup as the text that it is', { timeout: 600_000 }, async () => {
    const page = await visit();
    const name = '<img src=x onerror="document.title=1">';
    world.github.queueRun({
      repository: `${world.installation.owner.login}/${world.installation.repositories[0]?.name}`,
      jobs: [{ name, labels: ['ubuntu-latest'], durationSeconds: 5 }],
    });
    await page.getByLabel('Search').fill('onerror');
    await page.getByText(name, { exact: true }).waitFor();
    expect(await page.title()).toBe('oneshot');
    await page.close();
  });
});

describe('the console’s address', () => {
  const ask = (path: string, init: RequestInit = {}) => fetch(new URL(path, console_.url), init);
  const press = (headers: Record<string, string>, body: unknown = { jobId: 1 }) =>
    ask('actions/cancel', { method: 'POST', headers, body: JSON.stringify(body) });

  it('should let no page load, run or frame anything from elsewhere', async () => {
    const policy = (await ask('')).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it('should show and do nothing for who does not know all of it', async () => {
    for (const path of ['/', '/events', '/page.js', '/actions/cancel', `/${'x'.repeat(32)}/`])
      expect((await ask(path, { method: path.includes('actions') ? 'POST' : 'GET' })).status).toBe(404);
  });

  it('should press no button for another page, whatever it knows', async () => {
    expect((await press({ origin: 'https://evil.example' })).status).toBe(421);
    expect((await press({ origin: 'http://127.0.0.1:1' })).status).toBe(421);
    const own = await press({ origin: new URL(console_.url).origin });
    expect([own.status, Object(await own.json()).problem]).toEqual([400, expect.stringContaining('1')]);
  });

  it('should name what is wrong with what it was asked', async () => {
    const answer = await press({}, { jobId: 'all' });
    expect([answer.status, Object(await answer.json()).problem]).toEqual([
      400,
      expect.stringContaining('jobId'),
    ]);
  });

  it('should hold no key of the world', async () => {
    const updates = await ask('events');
    const reader = updates.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('\n\n') || !text.includes('"view"')) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    const { operatorCredentials, deployerCredentials } = world.aws;
    const keys = [operatorCredentials, deployerCredentials].flatMap(({ accessKeyId, secretAccessKey }) => [
      accessKeyId,
      secretAccessKey,
    ]);
    for (const secret of [...keys, world.webhookSecret, world.privateKey]) expect(text).not.toContain(secret);
  });
});

describe('the address of the page', () => {
  it('should be taken by --local like that of the control server', async () => {
    for (const local of [console_.url, console_.url.slice(0, -1), control.url, `${control.url}/`]) {
      const found = await connect({ stage: '', region: undefined, local, githubUrl: undefined });
      expect(found).toMatchObject({ controlUrl: control.url, isLocal: true });
    }
  });

  it('should be told from that of another server', async () => {
    const local = new URL(console_.url).origin;
    const choice = { stage: '', region: undefined, local, githubUrl: undefined };
    await expect(connect(choice)).rejects.toThrow(/is not an embedded world/);
  });
});
