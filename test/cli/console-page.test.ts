import { request } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createFeed } from '../../cli/console/feed.ts';
import { readPageFiles } from '../../cli/console/page-files.ts';
import { startConsole } from '../../cli/console/server.ts';
import { type View, viewOf } from '../../cli/console/view.ts';
import type { JobView, Snapshot, TaskView } from '../../cli/observe/snapshot.ts';
import { BROWSER, launchBrowser, NO_BROWSER } from '../fixtures/browser.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 12);
const SNAPSHOT: Snapshot = {
  ...{
    takenAtMs: NOW_MS,
    sinceMs: NOW_MS - 7_200_000,
    stack: 'oneshot-prod',
    jobs: [],
    tasks: [],
    runners: [],
    phases: [],
  },
  ...{ heardAtMs: NOW_MS - 5_000, policy: undefined },
  ...{ doubts: { waiting: 0, dead: 0 }, sweptAtMs: NOW_MS - 30_000, ignored: [], faults: [], unread: [] },
};

const job = (jobId: number, more: Partial<JobView> = {}): JobView => ({
  ...{
    jobId,
    runId: 1,
    repository: 'acme/web',
    name: `test (${jobId})`,
    url: undefined,
    labels: ['fargate'],
  },
  ...{ phase: 'queued', conclusion: undefined, queuedAtMs: NOW_MS - 60_000, startedAtMs: undefined },
  ...{
    completedAtMs: undefined,
    phaseSeconds: {},
    launches: [],
    runnerName: undefined,
    isSwapped: false,
    reason: undefined,
    rejection: undefined,
  },
  ...{ delivery: undefined, statusAtGitHub: undefined, failedStep: undefined },
  ...more,
});

const launch = (
  jobId: number,
  more: Partial<JobView['launches'][number]> = {},
): JobView['launches'][number] => ({
  ...{ generation: 0, runnerName: `r-${jobId}`, atMs: NOW_MS - 59_000, by: 'webhook', outcome: 'launched' },
  ...{ refusal: undefined, fault: undefined, detail: undefined, taskArn: 'arn' },
  ...more,
});

const task = (phases: Record<string, number>, status = 'STOPPED'): TaskView => ({
  ...{ taskArn: `arn-${Math.random()}`, runnerName: 'r-1', repository: 'acme/web', launchedForJobId: 1 },
  ...{
    runsJobId: undefined,
    size: { vcpu: 2, memoryGiB: 8, storageGiB: 20 },
    arch: 'x64',
    provider: 'fargate-spot',
    status,
  },
  ...{
    createdAtMs: NOW_MS - 90_000,
    startedAtMs: undefined,
    idleAtMs: undefined,
    stoppedAtMs: undefined,
    ending: undefined,
  },
  ...{ stop: undefined, costUsd: 0.01, phases },
});

const view = (change: Partial<Snapshot>): View => viewOf({ ...SNAPSHOT, ...change }, undefined);

describe('what the console shows', () => {
  it('should be what is open first, each of them newest first', () => {
    const jobs = [
      job(4, { phase: 'done' }),
      job(3),
      job(2, { phase: 'ignored' }),
      job(1, { phase: 'running' }),
    ];
    expect(view({ jobs }).jobs.map(({ jobId }) => jobId)).toEqual([3, 1, 4, 2]);
    expect(view({ jobs }).counts).toEqual({ queued: 1, starting: 0, running: 1, done: 1, ignored: 1 });
  });

  it('should name the job whose runner was taken', () => {
    const jobs = [job(1, { launches: [launch(1)] }), job(2, { isSwapped: true, runnerName: 'r-1' })];
    expect(view({ jobs }).jobs[1]?.notes).toEqual([{ kind: 'swap', text: 'took the runner of test (1)' }]);
  });

  it('should tell of repairs, refusals and why a job waits', () => {
    const launches = [
      launch(1, { outcome: 'refused', refusal: 'no-capacity', detail: 'none left' }),
      launch(1, { by: 'reconcile' }),
    ];
    expect(view({ jobs: [job(1, { launches, reason: 'backing-off' })] }).jobs[0]?.notes).toEqual([
      { kind: 'repair', text: 'launched by reconcile' },
      { kind: 'repair', text: 'refused: no-capacity none left' },
      { kind: 'waits', text: 'the last launch for the job is too recent' },
    ]);
    const twice = job(1, { launches: [launch(1), launch(1, { generation: 1 })] });
    expect(view({ jobs: [twice] }).jobs[0]?.notes).toEqual([{ kind: 'repair', text: 'launched 2 times' }]);
  });

  it('should measure what it says: the middle and the twentieth worst of all waits, and phases as they were looked at', () => {
    const jobs = Array.from({ length: 100 }, (_, n) =>
      job(n, { phase: 'running', queuedAtMs: NOW_MS - 1_000 * (n + 1), startedAtMs: NOW_MS }),
    );
    expect(view({ jobs }).queueToStart).toEqual({ p50: 50, p95: 95, count: 100 });
    const tasks = [task({ pull: 10, run: 500 }), task({ pull: 30 }), task({}, 'RUNNING')];
    const phases = [{ phase: 'pull', p50: 10, p95: 30, count: 2 }] as const;
    expect(view({ phases }).phases).toEqual(phases);
    expect(view({ tasks })).toMatchObject({ live: { tasks: 1, vcpus: 2 }, costUsd: 0.03 });
  });
});

describe('the feed', () => {
  it('should look for nobody, once for all, and no more when all have left', async () => {
    let looks = 0;
    const feed = createFeed(async () => view({ takenAtMs: 60_000 * ++looks }), 1);
    const seen = await new Promise<number>((resolve) => {
      expect(looks).toBe(0);
      const leave = [feed.join(() => undefined)];
      leave.push(
        feed.join((update) => {
          if (update.kind !== 'view' || update.view.takenAtMs < 180_000) return;
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
    const feed = createFeed(async () => view({ takenAtMs: ++looks }), 60_000);
    const told = () =>
      new Promise<() => void>((resolve) => {
        const leave: () => void = feed.join(() => setImmediate(() => resolve(leave)));
      });
    const leave = [await told(), await told()];
    expect(looks).toBe(1);
    for (const one of leave) one();
  });

  it('should tell nothing while nothing changes but the time, and that now and then', async () => {
    let looks = 0;
    const feed = createFeed(async () => view({ takenAtMs: 100 * ++looks }), 1);
    const told: number[] = [];
    const leave = feed.join((update) => void (update.kind === 'view' && told.push(update.view.takenAtMs)));
    await vi.waitUntil(() => looks > 210);
    leave();
    expect(told).toEqual([100, 10_100, 20_100]);
  });

  it('should tell of a look that failed, and look again', async () => {
    let looks = 0;
    const feed = createFeed(
      () => (++looks === 1 ? Promise.reject(new Error('no')) : Promise.resolve(view({}))),
      1,
    );
    const told: string[] = [];
    await new Promise<void>((resolve) => {
      const leave = feed.join((update) => {
        told.push(update.kind === 'problem' ? update.message : update.kind);
        if (told.length < 2) return;
        leave();
        resolve();
      });
    });
    expect(told).toEqual(['no', 'view']);
  });
});

describe('the console of a deployment', () => {
  const jobs = Array.from({ length: 1_000 }, (_, n) => job(n, { phase: n % 3 === 0 ? 'queued' : 'done' }));
  let fails = false;
  let served: Awaited<ReturnType<typeof startConsole>>;
  let browser: Browser | undefined;
  beforeAll(async () => {
    const look = async () => {
      if (fails) throw new Error('no credentials');
      return view({ jobs, takenAtMs: Date.now(), unread: ['The log group X was not read'] });
    };
    const feed = createFeed(look, 50);
    served = await startConsole({ feed, page: await readPageFiles(), play: undefined, port: 0 });
    browser = BROWSER === undefined ? undefined : await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    served.close();
  });

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

  it.skipIf(BROWSER === undefined)(`should draw a thousand jobs a page at a time${NO_BROWSER}`, async () => {
    const page = await browser?.newPage();
    await page?.goto(served.url);
    await page?.getByText('40 of 1000 jobs').waitFor();
    expect(await page?.locator('*').count()).toBeLessThan(1_500);
    await page?.getByRole('button', { name: 'Show 40 more' }).click();
    await page?.getByText('80 of 1000 jobs').waitFor();
    await page?.getByLabel('Search').fill('test (999)');
    await page?.getByRole('row', { name: /test \(999\)/ }).waitFor();
    expect(await page?.getByRole('row').count()).toBe(2);
    expect(await page?.getByText('Try it').count()).toBe(0);
    await page?.getByText('The log group X was not read').waitFor();
    await page?.close();
  });

  it.skipIf(BROWSER === undefined)(
    `should fit a telephone with whatever it has to say${NO_BROWSER}`,
    async () => {
      const long = view({ jobs: [job(1, { phase: 'running', queuedAtMs: 0, startedAtMs: NOW_MS })] });
      const feed = createFeed(
        async () => ({ ...long, stack: 'oneshot-a-stage-with-a-long-name', sweptAtMs: 0 }),
        50,
      );
      const page = await startConsole({ feed, page: await readPageFiles(), play: undefined, port: 0 });
      const tab = await browser?.newPage({ viewport: { width: 390, height: 800 } });
      await tab?.goto(page.url);
      await tab?.getByText('Queue to start').waitFor();
      expect(await tab?.evaluate('document.documentElement.scrollWidth')).toBe(390);
      await tab?.close();
      page.close();
    },
  );

  it.skipIf(BROWSER === undefined)(`should say when it sees nothing any more${NO_BROWSER}`, async () => {
    const page = await browser?.newPage();
    await page?.goto(served.url);
    await page?.getByText('live', { exact: false }).first().waitFor();
    fails = true;
    await page?.getByRole('alert').getByText('no credentials').waitFor();
    fails = false;
    await page?.getByRole('alert').waitFor({ state: 'detached' });
    expect(await page?.getByRole('row').count()).toBeGreaterThan(10);
    await page?.close();
  });
});
