import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobLook, JobLookRequest } from '../../functions/core/plan/job-look.ts';
import { lookAtJobs } from '../../functions/github/job-look.ts';
import { type FakeGitHub, startFakeGitHub } from './fake-github.ts';
import { type FakeRepository, job, REPOSITORY, serveRepository } from './fake-repository.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const MINUTE_MS = 60_000;
const LISTS = ['runs queued', 'runs in_progress', 'runs waiting', 'runs pending'];

let github: FakeGitHub;
let repository: FakeRepository;
beforeEach(async () => {
  github = await startFakeGitHub();
  repository = serveRepository(github);
});
afterEach(() => github.close());

const look = (more: Partial<JobLookRequest> = {}, nowMs = NOW_MS): Promise<JobLook> => {
  const request = { jobIds: [], isNamedOnly: false, resumeAfterRunId: undefined, mostReads: 100 };
  const signal = new AbortController().signal;
  return lookAtJobs(github.app, { repository: REPOSITORY, ...request, signal, ...more }, nowMs);
};
const idsOf = ({ jobs }: JobLook) => jobs.map(({ jobId }) => jobId).toSorted((a, b) => a - b);
/** Calls for jobs of runs, in their order. */
const readRuns = () =>
  repository
    .asked()
    .flatMap((path) => /^runs\/(\d+)\/jobs$/.exec(path)?.[1] ?? [])
    .map(Number);
const addMany = (count: number, status: string, firstId = 1) => {
  for (let index = 0; index < count; index++) repository.add(firstId + index, status);
};
const forget = () => void github.asked.splice(0);

describe('a look at a repository', () => {
  it('should be whole where all lists and all jobs were read, with the facts of each job', async () => {
    repository.add(1, 'in_progress', [
      job(10, 'completed', { completed_at: '2026-11-01T00:05:00Z', runner_name: 'oneshot-1' }),
      job(11, 'queued'),
    ]);
    addMany(1, 'pending', 2);
    const seen = await look();
    expect(idsOf(seen)).toEqual([10, 11, 20]);
    expect(seen.jobs[0]).toEqual({
      ...{ jobId: 10, runId: 1, status: 'completed', labels: ['fargate-1x2'], runnerName: 'oneshot-1' },
      createdAtMs: Date.UTC(2026, 10, 1),
      completedAtMs: Date.UTC(2026, 10, 1, 0, 5),
      runUpdatedAtMs: Date.UTC(2026, 10, 1),
    });
    expect(seen.jobs[1]).toMatchObject({ runnerName: undefined, completedAtMs: undefined });
    const { jobs: _, ...rest } = seen;
    expect(rest).toEqual({
      ...{ isWhole: true, resumeAfterRunId: undefined, reads: 6, malformedRecords: 0, problem: undefined },
    });
  });

  it('should follow pages of runs and of jobs', async () => {
    addMany(101, 'in_progress');
    repository.add(
      200,
      'queued',
      Array.from({ length: 101 }, (_, index) => job(2000 + index, 'queued')),
    );
    const seen = await look({ mostReads: 300 });
    expect(seen.isWhole).toBe(true);
    expect(seen.jobs).toHaveLength(202);
  });

  it('should read queued runs before all others, and the oldest of them first', async () => {
    for (const [id, status] of [
      [1, 'waiting'],
      [2, 'in_progress'],
      [3, 'queued'],
      [4, 'queued'],
      [5, 'pending'],
    ] as const)
      repository.add(id, status);
    await look();
    expect(readRuns()).toEqual([3, 4, 1, 2, 5]);
    expect(repository.asked().indexOf('runs/3/jobs')).toBeLessThan(
      repository.asked().indexOf('runs in_progress'),
    );
  });

  it('should read a few runs at once, so that a hundred fit into its time', async () => {
    addMany(12, 'queued');
    const { answer } = github;
    github.answer = async (asked) => ({ ...(await answer(asked)), delayMs: 20 });
    await look();
    expect(github.mostAtOnce).toBe(5);
  });

  it('should cost nothing again for what has not changed', async () => {
    addMany(3, 'queued');
    expect((await look()).reads).toBe(7);
    const again = await look();
    expect(again).toMatchObject({ reads: 0, isWhole: true });
    expect(idsOf(again)).toEqual([10, 20, 30]);
    repository.add(2, 'queued', [job(20, 'queued'), job(21, 'queued')]);
    const changed = await look();
    expect(changed.reads).toBe(1);
    expect(idsOf(changed)).toEqual([10, 20, 21, 30]);
  });
});

describe('jobs that were named', () => {
  it('should be read first, one call each, and be all that is read where only they are wanted', async () => {
    addMany(2, 'queued');
    const seen = await look({ jobIds: [20, 20, 99], isNamedOnly: true, resumeAfterRunId: 4 });
    expect(repository.asked()).toEqual(['jobs/20', 'jobs/99']);
    expect(seen).toMatchObject({ isWhole: false, resumeAfterRunId: 4, reads: 2, problem: undefined });
    expect(seen.jobs).toMatchObject([{ jobId: 20, status: 'queued' }]);
    expect(seen.jobs[0]?.runUpdatedAtMs).toBeUndefined();
    await look({ jobIds: [20] });
    expect(repository.asked().slice(2, 4)).toEqual(['jobs/20', 'runs queued']);
  });

  it('should leave half of the budget to the lists', async () => {
    addMany(2, 'queued');
    const seen = await look({
      jobIds: Array.from({ length: 50 }, (_, index) => 1000 + index),
      mostReads: 20,
    });
    expect(repository.asked().filter((path) => path.startsWith('jobs/'))).toHaveLength(10);
    expect(seen).toMatchObject({ isWhole: true });
    expect(idsOf(seen)).toEqual([10, 20]);
  });

  it('should take a 410 for gone too, and another refusal for what it is', async () => {
    repository.overrides.set('jobs/1', { status: 410, body: { message: 'Gone' } });
    expect(await look({ jobIds: [1], isNamedOnly: true })).toMatchObject({ jobs: [], problem: undefined });
    repository.overrides.set('jobs/1', { status: 403, body: { message: 'Resource not accessible' } });
    await expect(look({ jobIds: [1] })).rejects.toMatchObject({ facts: { status: 403 } });
  });
});

describe('the budget of a look', () => {
  it('should never be exceeded, and what was read within it be returned', async () => {
    addMany(20, 'queued');
    const seen = await look({ mostReads: 13 });
    expect(github.asked).toHaveLength(13);
    expect(seen).toMatchObject({ reads: 13, isWhole: false, problem: undefined });
    expect(seen.jobs.length).toBeGreaterThan(7);
  });

  it('should bring a long list to its end over several looks, each going on after the last', async () => {
    addMany(60, 'in_progress');
    let resumeAfterRunId: number | undefined;
    const seen = new Set<number>();
    const rounds: (number | undefined)[] = [];
    do {
      const one = await look({ mostReads: 24, resumeAfterRunId });
      for (const id of idsOf(one)) seen.add(id);
      expect(one.isWhole).toBe(false);
      resumeAfterRunId = one.resumeAfterRunId;
      rounds.push(resumeAfterRunId);
    } while (resumeAfterRunId !== undefined && rounds.length < 9);
    expect(seen.size).toBe(60);
    // The lists are free from the second look on.
    expect(rounds).toEqual([20, 44, undefined]);
    expect(readRuns()).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  it('should be whole on resuming only where no run is before that point', async () => {
    addMany(4, 'in_progress');
    expect(await look({ resumeAfterRunId: 2 })).toMatchObject({
      isWhole: false,
      resumeAfterRunId: undefined,
    });
    for (const id of [1, 2]) repository.runs.delete(id);
    expect(await look({ resumeAfterRunId: 2 })).toMatchObject({ isWhole: true });
  });

  it('should not let a long list of other runs starve a new queued one', async () => {
    addMany(60, 'in_progress');
    repository.add(1_000, 'queued');
    const seen = await look({ mostReads: 10, resumeAfterRunId: 30 });
    expect(idsOf(seen)[0]).toBe(310);
    expect(idsOf(seen)).toContain(10_000);
  });

  it('should not let a long list of queued runs starve the others, nor its own end', async () => {
    addMany(40, 'queued');
    repository.add(100, 'in_progress');
    let resumeAfterRunId: number | undefined;
    const seen = new Set<number>();
    for (let round = 0; round < 6; round++) {
      // Nothing may be free: each look sees each run changed.
      for (const run of repository.runs.values()) run.jobs = run.jobs.map((one) => ({ ...one, round }));
      const one = await look({ mostReads: 20, resumeAfterRunId });
      for (const id of idsOf(one)) seen.add(id);
      resumeAfterRunId = one.resumeAfterRunId;
    }
    expect(seen.size).toBe(41);
  });

  it('should bound free calls too', async () => {
    addMany(60, 'in_progress');
    await look();
    forget();
    const seen = await look({ mostReads: 10 });
    expect(seen).toMatchObject({ reads: 0, isWhole: false });
    expect(github.asked).toHaveLength(40);
    // Four lists, and those before the last of the forty calls.
    expect(seen.resumeAfterRunId).toBe(36);
  });

  it('should pass over no run while those before it may yet turn out to be free', async () => {
    addMany(20, 'in_progress');
    await look();
    // Three calls at once at most, and eight of the twelve in all are left by the lists.
    expect(await look({ mostReads: 3 })).toMatchObject({ reads: 0, resumeAfterRunId: 8 });
  });

  it('should not seem to have come to the end where its calls were spent on the lists', async () => {
    addMany(3, 'in_progress');
    expect(await look({ mostReads: 4 })).toMatchObject({ jobs: [], isWhole: false, resumeAfterRunId: 0 });
  });

  it('should see a quiet repository whole with four calls', async () => {
    expect(await look({ mostReads: 4 })).toMatchObject({ isWhole: true, reads: 4 });
    expect(repository.asked()).toEqual(LISTS);
  });

  it('should not call a list whole that GitHub cuts off after a thousand runs', async () => {
    addMany(1_001, 'queued');
    const seen = await look({ mostReads: 2_000 });
    expect(seen).toMatchObject({ isWhole: false, resumeAfterRunId: undefined });
    expect(seen.jobs).toHaveLength(1_000);
  });
});

describe('the time of a look', () => {
  it('should end it without an error, with what was read by then', async () => {
    addMany(20, 'queued');
    const controller = new AbortController();
    const { answer } = github;
    github.answer = (asked) => {
      if (readRuns().length > 7) controller.abort();
      return readRuns().length > 7 ? new Promise(() => undefined) : answer(asked);
    };
    const seen = await look({ signal: controller.signal });
    // It has not come to the end: 0 is the beginning.
    expect(seen).toMatchObject({ isWhole: false, problem: undefined, resumeAfterRunId: 0 });
    expect(idsOf(seen)).toEqual(expect.arrayContaining([10, 20, 30, 40, 50]));
  });

  it('should end it while a token is being minted', async () => {
    github.mint = () => ({ delayMs: 5_000, status: 500 });
    const startedAtMs = Date.now();
    expect(await look({ signal: AbortSignal.timeout(50) })).toMatchObject({ jobs: [], isWhole: false });
    expect(Date.now() - startedAtMs).toBeLessThan(2_000);
  });

  it('should not be begun where it is over already', async () => {
    const seen = await look({ signal: AbortSignal.abort() });
    expect(seen).toMatchObject({ jobs: [], isWhole: false, resumeAfterRunId: 0 });
    expect(github.asked).toEqual([]);
  });

  it('should keep the place of the last look where the lists did not come to their end', async () => {
    addMany(3, 'queued', 50);
    const controller = new AbortController();
    const { answer } = github;
    github.answer = (asked) => {
      if (asked.query.get('status') === 'in_progress') controller.abort();
      return answer(asked);
    };
    expect(await look({ signal: controller.signal, resumeAfterRunId: 7 })).toMatchObject({
      resumeAfterRunId: 7,
    });
  });
});

describe('runs that wait for a person', () => {
  const hold = (
    runId: number,
    status = 'waiting',
    jobs = [job(runId * 10, 'waiting'), job(runId * 10 + 1, 'completed')],
  ) => repository.add(runId, status, jobs);

  it('should not be read again each time, and count as read', async () => {
    hold(1);
    hold(2, 'pending', []);
    expect((await look()).isWhole).toBe(true);
    forget();
    expect((await look({}, NOW_MS + 14 * MINUTE_MS)).isWhole).toBe(true);
    expect(readRuns()).toEqual([]);
  });

  it('should be read again after a quarter of an hour, and at once where the run has changed', async () => {
    hold(1);
    await look();
    forget();
    await look({}, NOW_MS + 15 * MINUTE_MS);
    expect(readRuns()).toEqual([1]);
    const run = repository.runs.get(1);
    if (run)
      repository.runs.set(1, { ...run, fields: { ...run.fields, updated_at: '2026-11-02T00:00:00Z' } });
    forget();
    await look({}, NOW_MS + 16 * MINUTE_MS);
    expect(readRuns()).toEqual([1]);
  });

  it.each(['queued', 'in_progress'])(
    'should be read each time while a job of theirs is %s',
    async (status) => {
      hold(1, 'waiting', [job(10, 'waiting'), job(11, status)]);
      await look();
      await look();
      expect(readRuns()).toEqual([1, 1]);
    },
  );

  it('should be read at once when they wait no more', async () => {
    hold(1);
    await look();
    forget();
    repository.add(1, 'in_progress', [job(10, 'queued')]);
    expect(idsOf(await look())).toEqual([10]);
  });

  it('should not keep one job from being found among hundreds of them', async () => {
    for (let id = 1; id <= 60; id++) hold(id);
    repository.add(100, 'in_progress', [job(1000, 'queued')]);
    let resumeAfterRunId: number | undefined;
    const looks: JobLook[] = [];
    for (let round = 0; round < 4; round++) {
      const one = await look({ mostReads: 40, resumeAfterRunId });
      resumeAfterRunId = one.resumeAfterRunId;
      looks.push(one);
    }
    expect(looks.some((one) => idsOf(one).includes(1000))).toBe(true);
    // From then on everything is known, and the look is whole again.
    expect(looks.at(-1)).toMatchObject({ isWhole: true, reads: 0 });
  });
});

describe('a call of a look that fails', () => {
  const refusal = (status: number) => ({ status, body: { message: `status ${status}` } });

  it.each([403, 404])('should be thrown where it is the first: %i', async (status) => {
    repository.overrides.set('runs queued', refusal(status));
    await expect(look()).rejects.toMatchObject({ name: 'ServiceError', facts: { status } });
  });

  it('should end the look where something was read, and be named', async () => {
    addMany(2, 'queued');
    repository.overrides.set('runs in_progress', refusal(403));
    const seen = await look({ resumeAfterRunId: 1 });
    expect(idsOf(seen)).toEqual([10, 20]);
    expect(seen).toMatchObject({ isWhole: false, resumeAfterRunId: 1 });
    expect(seen.problem).toMatch(/^github list runs: status 403 \(status 403/);
    expect(repository.asked()).not.toContain('runs waiting');
  });

  it('should be made once more where it failed in passing, and cost a call each', async () => {
    addMany(1, 'queued');
    let failures = 0;
    const { answer } = github;
    github.answer = (asked) =>
      asked.path.endsWith('/runs/1/jobs') && failures++ === 0 ? refusal(502) : answer(asked);
    expect(await look()).toMatchObject({ isWhole: true, reads: 6, problem: undefined });
  });

  it('should not take the look with it where GitHub fails to list one run, nor hold up the next', async () => {
    addMany(8, 'in_progress');
    repository.overrides.set('runs/3/jobs', refusal(502));
    const seen = await look();
    expect(idsOf(seen)).toEqual([10, 20, 40, 50, 60, 70, 80]);
    expect(seen).toMatchObject({ isWhole: false, resumeAfterRunId: undefined });
    expect(seen.problem).toMatch(/list jobs: status 502/);
  });

  it('should end the look where GitHub fails one run after another', async () => {
    addMany(40, 'in_progress');
    for (let id = 6; id <= 40; id++) repository.overrides.set(`runs/${id}/jobs`, refusal(502));
    const seen = await look();
    expect(seen.jobs).toHaveLength(5);
    expect(seen.resumeAfterRunId).toBe(10);
    expect(readRuns().length).toBeLessThanOrEqual(15);
  });

  it('should be no failure where the run was deleted between two reads', async () => {
    addMany(3, 'queued');
    repository.overrides.set('runs/2/jobs', refusal(404));
    repository.overrides.set('runs/3/jobs', refusal(410));
    expect(await look()).toMatchObject({ isWhole: true, problem: undefined, jobs: [{ jobId: 10 }] });
  });
});

describe('records that are not of the documented form', () => {
  it('should be left out and counted, each by itself', async () => {
    const bad = [
      ...[
        null,
        'job',
        job(-1, 'queued'),
        job(11, 'queued', { labels: null }),
        job(12, 'queued', { labels: [1] }),
      ],
      ...[
        job(13, 'queued', { status: null }),
        job(14, 'queued', { run_id: 0 }),
        job(15, 'queued', { id: 2 ** 53 }),
      ],
    ];
    const jobs = [...bad, job(16, 'queued', { runner_name: 7, created_at: null })];
    repository.add(1, 'queued', []);
    repository.overrides.set('runs/1/jobs', { body: { jobs } });
    const seen = await look();
    expect(seen.jobs).toMatchObject([{ jobId: 16, createdAtMs: 0, runnerName: undefined }]);
    // What a bad record is about is unknown: it must not count as absent, nor be waited for.
    expect(seen).toMatchObject({
      malformedRecords: bad.length,
      isWhole: false,
      resumeAfterRunId: undefined,
    });
  });

  it('should leave a list unwhole where they are runs, whose jobs nobody has read', async () => {
    repository.overrides.set('runs pending', { body: { workflow_runs: [{ id: 5 }] } });
    expect(await look()).toMatchObject({ malformedRecords: 1, isWhole: false, resumeAfterRunId: undefined });
  });

  it('should count a named job among them', async () => {
    repository.overrides.set('jobs/5', { body: job(5, 'queued', { labels: null }) });
    expect(await look({ jobIds: [5], isNamedOnly: true })).toMatchObject({ jobs: [], malformedRecords: 1 });
  });

  it.each([{}, '<html></html>', { workflow_runs: {} }, []])(
    'should be a problem where the body is %j',
    async (body) => {
      repository.overrides.set('runs queued', { body });
      await expect(look()).rejects.toThrow(/list runs: the answer is not of the documented form/);
      repository.overrides.delete('runs queued');
      repository.add(1, 'queued');
      repository.overrides.set('runs/1/jobs', { body });
      expect((await look()).problem).toMatch(/list jobs: the answer is not of the documented form/);
    },
  );
});
