import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guidOf } from '../../local/github/service/guid.ts';
import { connected, type Harness, HOUR_MS, job, MINUTE_MS, refusal, startHarness } from './github-harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const DAY_MS = 24 * HOUR_MS;
const runs = async (parameters: Record<string, string | number> = {}) =>
  (await harness.as().request('GET /repos/acme/shop/actions/runs', parameters)).data;
const jobsOf = async (run: number) =>
  (await harness.as().request('GET /repos/acme/shop/actions/runs/{run}/jobs', { run })).data;
const jobOf = (id: number) => harness.github.jobs().find((each) => each.id === id);

describe('a crowd of runs', () => {
  it('should stand about in its status, silent, and be listed in pages of 100', async () => {
    const ids = harness.github.crowd({ repository: 'acme/shop', runs: 250, status: 'waiting' });
    harness.github.crowd({ repository: 'acme/shop', runs: 3, status: 'in_progress', jobsInEach: 2 });
    harness.github.crowd({ repository: 'acme/docs', runs: 2, status: 'queued', labels: ['gpu'] });
    const pages = await Promise.all(
      [1, 2, 3].map((page) => runs({ status: 'waiting', per_page: 100, page })),
    );
    expect(pages.map(({ workflow_runs, total_count }) => [workflow_runs.length, total_count])).toEqual([
      [100, 250],
      [100, 250],
      [50, 250],
    ]);
    const listed = pages.flatMap(({ workflow_runs }) => workflow_runs.map(({ id }: { id: number }) => id));
    expect(new Set(listed)).toEqual(new Set(ids));
    const totals = [await runs(), await runs({ status: 'in_progress' }), await runs({ status: 'queued' })];
    expect(totals.map(({ total_count }) => total_count)).toEqual([253, 3, 0]);
    await harness.github.settled();
    expect(harness.receiver.received).toEqual([]);
  });

  it('should run on GitHub’s own runners and never end, or wait for approvals that can be given', async () => {
    harness.github.crowd({ repository: 'acme/shop', runs: 1, status: 'in_progress' });
    harness.github.crowd({ repository: 'acme/shop', runs: 1, status: 'waiting', labels: ['x'] });
    harness.clock.advance(5 * HOUR_MS);
    await new Promise((resolve) => setTimeout(resolve, 250));
    const [running, waiting] = harness.github.jobs();
    expect(running).toMatchObject({ status: 'in_progress', runnerName: 'GitHub Actions 1' });
    harness.github.approveJob(waiting?.id ?? 0);
    expect((await runs({ status: 'queued' })).total_count).toBe(1);
  });
});

describe('the list of runs', () => {
  it('should find by when they were created', async () => {
    harness.github.queueRun({ repository: 'acme/shop', jobs: [job('a', 'x')], forgottenDays: 34 });
    harness.github.queueRun({ repository: 'acme/shop', jobs: [job('b', 'x')] });
    const day = (daysAgo: number) => new Date(harness.clock.nowMs() - daysAgo * DAY_MS).toISOString();
    const found = async (created: string) => (await runs({ created })).total_count;
    expect(await found(`>=${day(2)}`)).toBe(1);
    expect(await found(`<${day(2)}`)).toBe(1);
    expect(await found(`${day(40)}..${day(30)}`)).toBe(1);
    expect(await found(`*..${day(33)}`)).toBe(1);
    expect(await found(`>${day(50)}`)).toBe(2);
    expect(await found(day(34).slice(0, 10))).toBe(1);
  });

  it('should show 1,000 runs of a search and no more', async () => {
    harness.github.crowd({ repository: 'acme/shop', runs: 1_001, status: 'queued' });
    expect((await runs({ status: 'queued', per_page: 100, page: 11 })).workflow_runs).toEqual([]);
    expect((await runs({ per_page: 100, page: 11 })).workflow_runs).toHaveLength(1);
  });

  it('should show a later time of update with every change of a job', async () => {
    const [id = 0] = harness.github.queueRun({ repository: 'acme/shop', jobs: [job('a', 'x')] });
    const { listener } = await connected(harness, 'r', ['x']);
    const updatedAt = async () => Date.parse((await runs()).workflow_runs[0].updated_at);
    const times = [await updatedAt()];
    harness.clock.advance(MINUTE_MS);
    await listener.take();
    times.push(await updatedAt());
    harness.clock.advance(MINUTE_MS);
    await listener.complete('succeeded');
    times.push(await updatedAt());
    const [first = 0] = times;
    expect(times.map((time) => time - first)).toEqual([0, MINUTE_MS, 2 * MINUTE_MS]);
    const { data } = await harness.as().request('GET /repos/acme/shop/actions/jobs/{id}', { id });
    expect(Date.parse(data.completed_at)).toBe(times[2]);
  });
});

describe('a run with max-parallel', () => {
  it('should announce all its jobs at once, and have as many given away at a time as it says', async () => {
    const jobs = ['a', 'b', 'c'].map((name) => job(name, 'x'));
    const ids = harness.github.queueRun({ repository: 'acme/shop', jobs, maxParallel: 2 });
    await harness.github.settled();
    expect(harness.receiver.received).toHaveLength(3);
    const taken = new Map<string, Awaited<ReturnType<typeof connected>>['listener']>();
    for (const name of ['r1', 'r2']) {
      const { listener } = await connected(harness, name, ['x']);
      taken.set(await listener.take(), listener);
    }
    const { listener: third } = await connected(harness, 'r3', ['x']);
    expect((await third.poll()).status).toBe(202);
    const poll = third.poll();
    const [first = ''] = taken.keys();
    await taken.get(first)?.complete('succeeded');
    await poll;
    await third.acquire();
    expect(ids.map((id) => guidOf('job', id))).toContain(third.job?.jobId);
  });
});

describe('a job that GitHub has forgotten', () => {
  it('should be listed as queued, announced by nothing, given to nobody and never ended', async () => {
    const run = { repository: 'acme/shop', jobs: [job('old', 'x')], forgottenDays: 34 };
    const [id = 0] = harness.github.queueRun(run);
    const { listener } = await connected(harness, 'r', ['x']);
    expect((await listener.poll()).status).toBe(202);
    await harness.github.settled();
    expect(harness.receiver.received).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(jobOf(id)?.status).toBe('queued');
    const { workflow_runs: [listed] = [] } = await runs({ status: 'queued' });
    expect(harness.clock.nowMs() - Date.parse(listed.created_at)).toBeGreaterThanOrEqual(34 * DAY_MS);
    const { jobs } = await jobsOf(listed.id);
    expect(jobs).toMatchObject([{ id, status: 'queued', created_at: listed.created_at }]);
  });
});

describe('a list of jobs', () => {
  beforeEach(() => {
    harness.github.queueRun({ repository: 'acme/shop', jobs: [job('a', 'x'), job('b', 'y')] });
  });
  const runId = () => harness.github.jobs()[0]?.runId ?? 0;

  it('should have null for the labels of one job by a fault, and be sound the next time', async () => {
    harness.faults.next('github-malformed-record');
    const labels = async () => (await jobsOf(runId())).jobs.map((each: { labels: unknown }) => each.labels);
    expect(await labels()).toEqual([null, ['y']]);
    expect(await labels()).toEqual([['x'], ['y']]);
  });

  it('should be gone by a fault for one read, while its run is listed', async () => {
    harness.faults.next('github-run-vanishes');
    expect(await refusal(jobsOf(runId()))).toMatchObject({ status: 404 });
    expect((await runs()).total_count).toBe(1);
    expect((await jobsOf(runId())).total_count).toBe(2);
  });
});
