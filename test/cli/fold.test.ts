import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../cli/observe/facts.ts';
import { foldSnapshot } from '../../cli/observe/fold.ts';
import { jobFixture, PREFIX } from '../fixtures/tasks.ts';
import { anyRecord, delivery, launch, NO_FACTS, REPOSITORY, runnerOf, seenTask, stopped } from './records.ts';

const NOW_MS = 100_000;
const FOLDING = {
  stack: 'oneshot-dev',
  region: 'us-east-1',
  prefix: PREFIX,
  githubUrl: 'https://github.com',
  sinceMs: 0,
  nowMs: NOW_MS,
};

const fold = (facts: Partial<Facts>) => foldSnapshot({ ...NO_FACTS, ...facts }, FOLDING);
const job = (facts: Partial<Facts>, jobId = 7) => fold(facts).jobs.find((one) => one.jobId === jobId);

describe('folding what was read', () => {
  it('should not depend on the order of the records, nor on one that comes twice', () => {
    const shuffled = fc
      .array(anyRecord, { maxLength: 30 })
      .chain((records) =>
        fc.tuple(
          fc.constant(records),
          fc.shuffledSubarray(records, { minLength: records.length }),
          fc.subarray(records),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([records, others, again]) => {
        expect(fold({ records: [...others, ...again] })).toEqual(fold({ records }));
      }),
    );
  });

  it('should show each job once, whatever is told of it', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 30 }), (records) => {
        const ids = fold({ records }).jobs.map(({ jobId }) => jobId);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});

describe('a job', () => {
  const QUEUED = delivery(10, 7, 'queued', { queuedAtMs: 5, jobName: 'test (1)' });
  const LAUNCHED = launch(10, 7);
  const STARTED = delivery(40, 7, 'in_progress', { runner: runnerOf(7), startedAtMs: 38, reason: 'marked' });
  const COMPLETED = delivery(90, 7, 'completed', { runner: runnerOf(7), conclusion: 'success' });

  it.each([
    ['starting', [QUEUED, LAUNCHED]],
    ['running', [QUEUED, LAUNCHED, STARTED]],
    ['done', [QUEUED, LAUNCHED, STARTED, COMPLETED]],
    ['done', [COMPLETED, QUEUED, LAUNCHED]],
    ['queued', [QUEUED, launch(10, 7, { kind: 'refused' })]],
    ['queued', [QUEUED, LAUNCHED, stopped(30, 7, 'never-connected')]],
  ])('should be %s after %j', (phase, records) => {
    expect(job({ records })?.phase).toBe(phase);
  });

  it('should tell its life', () => {
    expect(job({ records: [QUEUED, LAUNCHED, STARTED, COMPLETED] })).toEqual({
      jobId: 7,
      runId: 5,
      repository: REPOSITORY,
      name: 'test (1)',
      url: `https://github.com/${REPOSITORY}/actions/runs/5/job/7`,
      labels: ['fargate'],
      phase: 'done',
      conclusion: 'success',
      queuedAtMs: 5,
      startedAtMs: 38,
      completedAtMs: 90,
      delivery: { atMs: 10, reason: 'launched' },
      phaseSeconds: { total: 0.033 },
      launches: [
        expect.objectContaining({ generation: 0, by: 'webhook', outcome: 'launched', taskArn: 'arn:7-0' }),
      ],
      runnerName: runnerOf(7),
      isSwapped: false,
      reason: 'marked',
    });
  });

  it('should be ignored when it is not ours, also while another runner has it', () => {
    const records = [
      delivery(10, 7, 'queued', { status: 200, reason: 'label-not-ours', labels: ['ubuntu-latest'] }),
      delivery(20, 7, 'in_progress', { runner: 'GitHub Actions 3', reason: 'runner-unknown' }),
    ];
    expect(job({ records })).toMatchObject({ phase: 'ignored', reason: 'label-not-ours', isSwapped: false });
  });

  it('should be seen as swapped on the runner of another job, and that runner’s task as running it', () => {
    const records = [QUEUED, LAUNCHED, delivery(40, 7, 'in_progress', { runner: runnerOf(8) }), launch(9, 8)];
    const { jobs, tasks } = fold({ records, tasks: [seenTask(8)] });
    expect(jobs.find(({ jobId }) => jobId === 7)).toMatchObject({ isSwapped: true, phase: 'running' });
    expect(tasks).toMatchObject([{ launchedForJobId: 8, runsJobId: 7 }]);
  });

  it('should have its repairs in order, and a launch that was made stays made', () => {
    const records = [
      launch(60, 7, { generation: 2, by: 'reconcile' }),
      launch(11, 7, { kind: 'taken' }),
      launch(10, 7),
    ];
    expect(job({ records })?.launches).toMatchObject([
      { generation: 0, outcome: 'launched', atMs: 10 },
      { generation: 2, outcome: 'launched', by: 'reconcile' },
    ]);
  });

  it('should be known from GitHub’s list alone, when its webhook was lost', () => {
    const seen = { repository: REPOSITORY, isOurs: true, readAtMs: NOW_MS };
    expect(job({ jobs: [{ job: jobFixture(7), ...seen }] })).toMatchObject({ phase: 'queued', runId: 5 });
    expect(job({ jobs: [{ job: jobFixture(7), ...seen, isOurs: false }] })).toMatchObject({
      phase: 'ignored',
    });
  });

  it('should be queued again when GitHub says so a minute after a runner took it', () => {
    const seen = { job: jobFixture(7), repository: REPOSITORY, isOurs: true };
    const records = [QUEUED, LAUNCHED, STARTED, stopped(50, 7, 'assignment-lost')];
    expect(job({ records, jobs: [{ ...seen, readAtMs: 41 }] })?.phase).toBe('running');
    expect(job({ records, jobs: [{ ...seen, readAtMs: NOW_MS }] })?.phase).toBe('queued');
  });
});

describe('the doctor’s probes', () => {
  const probe = (atMs: number) => delivery(atMs, 7, 'queued', { status: 401, reason: 'doctor-probe' });
  const probes = (count: number) => Array.from({ length: count }, (_, index) => probe(index * 1000));

  it('should be no fault, until somebody sends more than doctors do', () => {
    expect(fold({ records: probes(240) }).faults).toEqual([]);
    expect(fold({ records: probes(241) }).faults).toMatchObject([
      { service: 'webhook', message: expect.stringContaining('241 empty requests in an hour') },
    ]);
  });

  it('should be counted over an hour, and not over all that is read', () => {
    const slow = Array.from({ length: 300 }, (_, index) => probe(index * 20_000));
    expect(fold({ records: slow }).faults).toEqual([]);
  });
});

describe('a task', () => {
  it('should be shown after ECS has forgotten it', () => {
    expect(fold({ records: [stopped(50, 7, 'idle')] }).tasks).toMatchObject([
      {
        taskArn: 'arn:7-0',
        status: 'STOPPED',
        ending: 'idle',
        costUsd: expect.closeTo(0.01, 9),
        phases: { pull: 20 },
      },
    ]);
  });

  it('should have stopped once its record says so, though ECS still shows it running', () => {
    const facts = { records: [stopped(50, 7, 'idle')], tasks: [seenTask(7)] };
    expect(fold(facts).tasks).toMatchObject([{ status: 'STOPPED', ending: 'idle' }]);
  });

  it('should cost from the pull of its image until now, and nothing before', () => {
    const [running] = fold({ tasks: [seenTask(7)] }).tasks;
    expect(running?.costUsd).toBeCloseTo(((0.04048 + 2 * 0.004445) * 100) / 3600, 8);
    expect(fold({ tasks: [{ ...seenTask(7), pullStartedAtMs: undefined }] }).tasks).toMatchObject([
      { costUsd: 0 },
    ]);
  });
});

describe('the rest of a snapshot', () => {
  it('should count what was ignored by reason, and leave the ordinary course of jobs out', () => {
    const records = [
      delivery(1, 1, 'queued', { status: 200, reason: 'label-not-ours' }),
      delivery(3, 2, 'queued', { status: 200, reason: 'label-not-ours' }),
      delivery(2, 3, 'queued', { status: 200, reason: 'repository-not-allowed' }),
      delivery(4, 1, 'completed'),
      delivery(5, 9, 'queued'),
    ];
    expect(fold({ records }).ignored).toEqual([
      { reason: 'label-not-ours', count: 2, lastAtMs: 3 },
      { reason: 'repository-not-allowed', count: 1, lastAtMs: 2 },
    ]);
  });

  it('should say when the last sweep was, and show faults newest first', () => {
    const fault = (atMs: number) =>
      ({ kind: 'fault', id: `f${atMs}`, atMs, service: 'sweep', message: 'x', detail: undefined }) as const;
    const records = [fault(1), fault(9), { kind: 'swept', id: 's', atMs: 8 } as const];
    expect(fold({ records })).toMatchObject({ sweptAtMs: 8, faults: [{ atMs: 9 }, { atMs: 1 }] });
  });

  it('should hold at a thousand jobs', () => {
    const records = Array.from({ length: 1000 }, (_, n) => [
      delivery(n, n + 1, 'queued', { queuedAtMs: n }),
      launch(n, n + 1),
      delivery(n + 30, n + 1, 'in_progress', { runner: runnerOf(n + 1) }),
      delivery(n + 90, n + 1, 'completed', { runner: runnerOf(n + 1), conclusion: 'success' }),
      stopped(n + 95, n + 1),
    ]).flat();
    const { jobs, tasks } = fold({ records });
    expect(jobs).toHaveLength(1000);
    expect(jobs.every(({ phase }) => phase === 'done')).toBe(true);
    expect(tasks.every(({ runsJobId, launchedForJobId }) => runsJobId === launchedForJobId)).toBe(true);
  });
});
