import { request } from 'node:http';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFeed } from '../../cli/console/feed.ts';
import { START } from '../../cli/console/query.ts';
import { createUpdates } from '../../cli/console/update.ts';
import { viewOf } from '../../cli/console/view.ts';
import type { Snapshot } from '../../cli/observe/snapshot.ts';
import { BROWSER, launchBrowser, NO_BROWSER } from '../fixtures/browser.ts';
import { openSeeded, type SeededPage } from './console-page-of.ts';
import { busy, job, NOW_MS, QUIET } from './console-seed.ts';

/** Everything that axe has to say, however small. */
const faultsOf = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  );

describe('the feed', () => {
  it('should look for nobody, once for all, and no more when all have left', async () => {
    let looks = 0;
    const feed = createFeed(async () => ++looks, 1);
    const seen = await new Promise<number>((resolve) => {
      expect(looks).toBe(0);
      const leave = [feed.join(() => undefined)];
      leave.push(
        feed.join((told) => {
          if (told.kind !== 'seen' || told.seen < 3) return;
          for (const one of leave) one();
          resolve(looks);
        }),
      );
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([seen, looks]).toEqual([3, 3]);
  });

  it('should tell one who comes later what was seen last, without another look', async () => {
    let looks = 0;
    const feed = createFeed(async () => ++looks, 60_000);
    const told = () =>
      new Promise<() => void>((resolve) => {
        const leave: () => void = feed.join(() => setImmediate(() => resolve(leave)));
      });
    const leave = [await told(), await told()];
    expect(looks).toBe(1);
    for (const one of leave) one();
  });

  it('should tell of a look that failed, and look again', async () => {
    let looks = 0;
    const feed = createFeed(
      () => (++looks === 1 ? Promise.reject(new Error('no')) : Promise.resolve('yes')),
      1,
    );
    const words: string[] = [];
    await new Promise<void>((resolve) => {
      const leave = feed.join((told) => {
        words.push(told.kind === 'problem' ? told.message : told.seen);
        if (words.length < 2) return;
        leave();
        resolve();
      });
    });
    expect(words).toEqual(['no', 'yes']);
  });
});

describe('the updates of a page', () => {
  const told = (change: Partial<Snapshot>) =>
    ({ kind: 'seen', seen: { ...QUIET, ...change }, atMs: performance.now() - 1_000 }) as const;
  const updates = () => createUpdates((snapshot: Snapshot) => viewOf(snapshot, undefined, START));

  it('should be a word where nothing has changed but the time, and everything where something has', () => {
    const updateOf = updates();
    expect(updateOf(told({})).kind).toBe('view');
    expect(updateOf(told({ takenAtMs: NOW_MS + 5_000 }))).toMatchObject({
      ...{ kind: 'same', takenAtMs: NOW_MS + 5_000 },
    });
    expect(updateOf(told({ jobs: [job(1)] }))).toMatchObject({ kind: 'view', view: { jobCount: 1 } });
  });

  it('should say how old they are, by this machine’s clock', () => {
    const { ageMs } = updates()(told({ takenAtMs: 7 })) as { readonly ageMs: number };
    expect(ageMs).toBeGreaterThanOrEqual(1_000);
  });
});

describe('the console of a deployment', () => {
  let served: SeededPage;
  beforeAll(async () => {
    served = await openSeeded(busy(300));
  });
  afterAll(() => served.close());

  it('should answer by no name but this machine’s own', async () => {
    const status = await new Promise((resolve, reject) => {
      const { port, pathname } = new URL(served.url);
      const headers = { host: 'evil.example' };
      request({ host: '127.0.0.1', port, path: pathname, headers }, (answer) => resolve(answer.statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });

  it('should have no button to press', async () => {
    expect((await fetch(new URL('actions/cancel', served.url), { method: 'POST' })).status).toBe(404);
  });

  it('should say what it does not know of a job', async () => {
    const page = await openSeeded(QUIET, { storyOf: async () => undefined });
    const answer = await fetch(new URL('jobs/31415/story', page.url));
    expect([answer.status, Object(await answer.json()).problem]).toEqual([
      404,
      expect.stringContaining('job 31415'),
    ]);
    page.close();
  });

  it('should say why a story could not be told', async () => {
    const page = await openSeeded(QUIET, { storyOf: () => Promise.reject(new Error('Rate exceeded')) });
    const answer = await fetch(new URL('jobs/31415/story', page.url));
    expect([answer.status, Object(await answer.json()).problem]).toEqual([502, 'Rate exceeded']);
    page.close();
  });
});

describe.skipIf(BROWSER === undefined)(`the page of a busy deployment${NO_BROWSER}`, () => {
  let served: SeededPage;
  let browser: Browser;
  beforeAll(async () => {
    served = await openSeeded(busy(3_000));
    browser = await launchBrowser();
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
  afterAll(async () => {
    await browser?.close();
    served?.close();
  });

  interface Visit {
    readonly at?: string;
    readonly width?: number;
    readonly colorScheme?: 'light' | 'dark';
    readonly of?: SeededPage;
  }

  async function visit({ at = '', width = 1_400, colorScheme = 'light', of = served }: Visit = {}) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${of.url}${at}`);
    await page.getByText('Queue to start').first().waitFor();
    return page;
  }

  const sidewaysOf = (page: Page) =>
    page.evaluate(
      `[document.documentElement.scrollWidth - innerWidth, ...[...document.querySelectorAll('main *')].filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'auto').map((one) => one.className)]`,
    );
  const rowOf = (page: Page, name: string) => page.getByRole('row', { name });

  it('should draw a page of three thousand jobs, and more when asked', async () => {
    const page = await visit();
    await page.getByText('50 of 3000 jobs').waitFor();
    expect(await page.locator('*').count()).toBeLessThan(2_500);
    await page.getByRole('button', { name: 'Show 50 more' }).click();
    await page.getByText('100 of 3000 jobs').waitFor();
    await page.getByLabel('Search').fill('build (2997)');
    await rowOf(page, 'build (2997)').waitFor();
    await page.getByText('50 of').waitFor({ state: 'detached' });
    expect(await page.getByText('Try it').count()).toBe(0);
  });

  // Each theme once and each width once: colours do not depend on the width.
  it.each([
    ['light', 1_400],
    ['dark', 390],
  ] as const)('should have no fault in the %s, %i pixels wide', async (colorScheme, width) => {
    const page = await visit({ colorScheme, width, at: '?rows=12&job=13000' });
    await page.getByText('It runs.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('should fit a telephone whole, with nothing to be found by scrolling sideways', async () => {
    const long = { ...busy(40), stack: 'oneshot-a-stage-with-a-long-name', sweptAtMs: 0 };
    const narrow = await openSeeded(long);
    const page = await visit({ width: 390, of: narrow, at: '?job=10040' });
    await page.getByText('It runs.').waitFor();
    expect(await sidewaysOf(page)).toEqual([0]);
    for (const words of ['Waited', 'Ran', 'Finished'])
      expect(
        await page.getByRole('row', { name: 'test (2, ' }).locator(`[data-column=${words}]`).boundingBox(),
      ).toMatchObject({ width: expect.any(Number) });
    // The times stand above lanes that are as wide as the screen.
    expect((await page.locator('.times').boundingBox())?.width).toBeGreaterThan(300);
    // Still a table to who hears it.
    expect(await page.getByRole('table', { name: 'Jobs' }).getByRole('cell').count()).toBeGreaterThan(40);
    narrow.close();
  });

  it('should keep what is shown in its address, which works by itself and backwards', async () => {
    const page = await visit();
    await page.getByRole('combobox', { name: 'Outcome' }).selectOption('failure');
    await page.getByRole('combobox', { name: 'Repository' }).selectOption('acme/api');
    await page.getByLabel('24 h').check({ force: true });
    await page.getByLabel('Search').pressSequentially('node');
    await page.waitForURL(/outcome=failure&repository=acme%2Fapi&search=node$/);
    expect(page.url()).toContain('window=24h');
    const copy = await visit({ at: new URL(page.url()).search });
    for (const one of [page, copy]) {
      await one
        .getByRole('combobox', { name: 'Outcome' })
        .getByText(/^failure/)
        .waitFor({ state: 'attached' });
      expect(await one.getByRole('combobox', { name: 'Repository' }).inputValue()).toBe('acme/api');
      await one.waitForFunction(
        `[...document.querySelectorAll('.jobs .phase')].every((one) => one.textContent === 'failure')`,
      );
    }
    await page.goBack();
    expect(await page.getByLabel('Search').inputValue()).toBe('');
    await page.goBack();
    await page.goBack();
    expect(await page.getByRole('combobox', { name: 'Repository' }).inputValue()).toBe('');
    expect(await page.getByRole('combobox', { name: 'Outcome' }).inputValue()).toBe('failure');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText('50 of 3000 jobs').waitFor();
  });

  it('should tell a job’s story by keyboard alone, and by its address', async () => {
    const page = await visit();
    await page.getByLabel('Search').focus();
    const name = page.getByRole('button', { name: 'build (0)' });
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      if (
        await name.evaluate(
          'this === document.activeElement || document.activeElement.textContent === "build (0)"',
        )
      )
        break;
    }
    await page.keyboard.press('Enter');
    await page.getByText('launch of r-13000 by webhook: launched').waitFor();
    expect(await name.getAttribute('aria-expanded')).toBe('true');
    expect(page.url()).toContain('job=13000');
    await page.keyboard.press('Enter');
    await page.getByText('launch of r-13000').waitFor({ state: 'detached' });
    await page.goBack();
    await page.getByText('launch of r-13000').waitFor();
  });

  it('should tell the story of a job whose row is not shown', async () => {
    const page = await visit({ at: '?job=10001&phase=queued' });
    await page.getByRole('heading', { name: 'Job 10001' }).waitFor();
    await page.getByText('launch of r-10001').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('launch of r-10001').waitFor({ state: 'detached' });
  });

  it('should open what is elsewhere beside itself, and say so', async () => {
    const page = await visit();
    const links = page.locator('a[href^="http"]');
    expect(await links.count()).toBe(50);
    for (const [attribute, value] of Object.entries({ target: '_blank', rel: 'noopener' }))
      expect(
        new Set(await links.evaluateAll((all, name) => all.map((one) => one.getAttribute(name)), attribute)),
      ).toEqual(new Set([value]));
    await page.getByRole('link', { name: /^GitHub ?: build \(0\), opens in a new tab$/ }).waitFor();
  });

  it('should show why each job waits, how long it ran and when it ended, and the times of its lanes', async () => {
    const page = await visit();
    await rowOf(page, 'build (0)').getByText('runners.yml sets concurrency.runners').waitFor();
    const done = page
      .getByRole('row')
      .filter({ has: page.locator('.phase.success') })
      .first();
    if ((await done.count()) === 0)
      await page.getByRole('combobox', { name: 'Outcome' }).selectOption('success');
    expect(await done.locator('[data-column=Ran]').textContent()).toMatch(/ (s|min)$/);
    expect(await done.locator('[data-column=Finished]').textContent()).toMatch(/^\w{0,3} ?\d\d:\d\d:\d\d/);
    expect(await page.locator('.times > [aria-hidden]').count()).toBeGreaterThanOrEqual(2);
  });

  it('should say each kind of fault once, and what each repository cost', async () => {
    const page = await visit();
    await page.getByText('40 times, last at').waitFor();
    expect(
      await page.getByRole('list').filter({ hasText: 'comes again' }).getByRole('listitem').count(),
    ).toBe(1);
    await page
      .getByRole('table')
      .filter({ hasText: 'Estimate' })
      .getByRole('row', { name: 'acme/api' })
      .waitFor();
  });
});

describe.skipIf(BROWSER === undefined)(`a page whose data is old${NO_BROWSER}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  async function open() {
    const served = await openSeeded(busy(12));
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(served.url);
    await page.locator('.live.is-live').waitFor();
    const close = async () => {
      await context.close();
      served.close();
    };
    return { served, context, page, close };
  }

  it('should say when its look fails, keep what it knew, and be live again', async () => {
    const { served, page, close } = await open();
    served.see(new Error('no credentials'));
    await page.getByRole('alert').getByText('no credentials').waitFor();
    expect(await page.locator('.live').textContent()).not.toContain('live');
    expect(await page.getByRole('row').count()).toBeGreaterThan(10);
    served.see(busy(100));
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.locator('.live.is-live').waitFor();
    await close();
  });

  it('should say how old it is while nothing comes, and lose its colour', async () => {
    const { served, page, close } = await open();
    served.see();
    await page.clock.runFor(5_000);
    await page.locator('.age', { hasText: /^[3-9] s old$/ }).waitFor();
    await page.locator('.live.is-live').waitFor();
    await page.clock.runFor(20_000);
    await page
      .locator('.live.is-old')
      .getByText(/2\d s old/)
      .waitFor();
    await page
      .getByRole('alert')
      .getByText(/its look takes long: last data of/)
      .waitFor();
    expect(await page.locator('.old').count()).toBe(1);
    await close();
  });

  it('should say that the console has stopped, and since when, and never that it is live', async () => {
    const { served, page, close } = await open();
    served.close();
    await page
      .getByRole('alert')
      .getByText(/The console has stopped: last data of .*\. oneshot console starts it again/)
      .waitFor();
    expect(await page.locator('.live').textContent()).toMatch(/^not live/);
    expect(await page.locator('.old').count()).toBe(1);
    await page.clock.runFor(60_000);
    await page.locator('.live', { hasText: /not live.*1:\d\d min old/ }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await close();
  });

  it('should come back by itself', async () => {
    const served = await openSeeded(busy(12));
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.clock.install();
    let isAway = true;
    await page.route('**/events*', (route) => (isAway ? route.abort() : route.continue()));
    await page.goto(served.url);
    await page.getByRole('alert').getByText('The console has stopped.').waitFor();
    isAway = false;
    await page.clock.runFor(30_000);
    await page.locator('.live.is-live').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await context.close();
    served.close();
  });
});
