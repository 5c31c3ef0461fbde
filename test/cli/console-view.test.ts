import { describe, expect, it } from 'vitest';
import { groupFaults, patternOf } from '../../cli/console/fault-groups.ts';
import { axisOf, placeOn, ticksOf } from '../../cli/console/page/axis.ts';
import { freshnessOf } from '../../cli/console/page/freshness.ts';
import { type Query, readQuery, START, writeQuery } from '../../cli/console/query.ts';
import { type View, viewOf } from '../../cli/console/view.ts';
import type { Snapshot } from '../../cli/observe/snapshot.ts';
import { busy, fault, job, launch, NOW_MS, QUIET, task } from './console-seed.ts';

const view = (change: Partial<Snapshot>, query: Partial<Query> = {}): View =>
  viewOf({ ...QUIET, ...change }, undefined, { ...START, ...query });
const first = (change: Partial<Snapshot>) => view(change).jobs.rows[0];
const idsOf = ({ jobs }: View) => jobs.rows.map(({ jobId }) => jobId);

describe('what the console shows', () => {
  it('should be what is open first, each of them newest first', () => {
    const jobs = [
      job(4, { phase: 'done' }),
      job(3),
      job(2, { phase: 'ignored' }),
      job(1, { phase: 'running' }),
    ];
    expect(idsOf(view({ jobs }))).toEqual([3, 1, 4, 2]);
    expect(view({ jobs }).counts).toEqual({ queued: 1, starting: 0, running: 1, done: 1, ignored: 1 });
  });

  it('should name the job whose runner was taken', () => {
    const jobs = [job(1, { launches: [launch(1)] }), job(2, { isSwapped: true, runnerName: 'r-1' })];
    expect(view({ jobs }).jobs.rows[1]?.notes).toEqual([
      { kind: 'swap', text: 'took the runner of test (1)' },
    ]);
  });

  it('should tell of repairs and refusals', () => {
    const launches = [
      launch(1, { outcome: 'refused', refusal: 'no-capacity', detail: 'none left' }),
      launch(1, { by: 'reconcile' }),
    ];
    expect(first({ jobs: [job(1, { launches, reason: 'backing-off' })] })?.notes).toEqual([
      { kind: 'repair', text: 'launched by reconcile' },
      { kind: 'repair', text: 'refused: no-capacity none left' },
    ]);
    const twice = job(1, { launches: [launch(1), launch(1, { generation: 1 })] });
    expect(first({ jobs: [twice] })?.notes).toEqual([{ kind: 'repair', text: 'launched 2 times' }]);
  });

  it('should say in one sentence why each job waits that does, and of no other', () => {
    const jobs = [
      job(3, {
        reason: 'at-concurrency-limit',
        delivery: { atMs: NOW_MS - 59_000, reason: 'concurrency-limited' },
      }),
      job(2, { phase: 'starting', launches: [launch(2)] }),
      job(1, { phase: 'running', startedAtMs: NOW_MS - 1_000 }),
    ];
    const tasks = [task(1, { status: 'RUNNING' })];
    const [queued, starting, running] = view({ jobs, tasks }).jobs.rows.map(({ why }) => why);
    expect(queued).toMatch(
      /runners.yml sets concurrency.runners .runners at once. to 1, and acme\/web has 1/,
    );
    expect(starting).toMatch(/task/);
    expect(running).toBeUndefined();
  });

  it('should say whose fault a failure was, and nothing of a success', () => {
    const ended = { phase: 'done', completedAtMs: NOW_MS, startedAtMs: NOW_MS - 9_000 } as const;
    const jobs = [
      job(2, { ...ended, conclusion: 'failure', failedStep: 'npm test' }),
      job(1, { ...ended, conclusion: 'success' }),
    ];
    const [failed, succeeded] = view({ jobs }).jobs.rows;
    expect(failed?.notes).toEqual([
      { kind: 'blame', text: expect.stringMatching(/job itself failed.*npm test/) },
    ]);
    expect(succeeded?.notes).toEqual([]);
  });

  it('should sum up waits, phases and cost', () => {
    const jobs = Array.from({ length: 100 }, (_, n) =>
      job(n, { phase: 'running', queuedAtMs: NOW_MS - 1_000 * (n + 1), startedAtMs: NOW_MS }),
    );
    expect(view({ jobs }).queueToStart).toEqual({ p50: 50, p95: 95, count: 100 });
    const tasks = [task(1), task(2), task(3, { status: 'RUNNING' })];
    const phases = [{ phase: 'pull', p50: 10, p95: 30, count: 2 }] as const;
    expect(view({ phases }).phases).toEqual(phases);
    expect(view({ tasks })).toMatchObject({ live: { tasks: 1, vcpus: 2 }, costUsd: 0.03 });
  });

  it('should say what each repository cost, the dearest first, of the window alone', () => {
    const ran = { startedAtMs: NOW_MS - 600_000, stoppedAtMs: NOW_MS - 300_000 };
    const tasks = [
      task(1, { ...ran, costUsd: 0.02 }),
      task(2, { ...ran, costUsd: 0.02, size: { vcpu: 4, memoryGiB: 8, storageGiB: 20 } }),
      task(3, { ...ran, costUsd: 0.5, repository: 'acme/api' }),
      task(4, { ...ran, costUsd: 9, stoppedAtMs: QUIET.sinceMs - 1 }),
    ];
    expect(view({ tasks }).costs).toEqual({
      all: 2,
      rows: [
        { repository: 'acme/api', tasks: 1, minutes: 5, usd: 0.5 },
        { repository: 'acme/web', tasks: 2, minutes: 10, usd: 0.04 },
      ],
    });
  });

  it('should be about as small with three thousand jobs as with three hundred, and say how many there are', () => {
    const sizeOf = (count: number) => JSON.stringify(viewOf(busy(count), undefined, START)).length;
    expect(sizeOf(3_000)).toBeLessThan(1.5 * sizeOf(300));
    expect(sizeOf(3_000)).toBeLessThan(60_000);
    const { jobs, jobCount } = viewOf(busy(3_000), undefined, START);
    expect([jobs.rows.length, jobs.all, jobCount]).toEqual([50, 3_000, 3_000]);
  });
});

describe('the filters', () => {
  const jobs = [
    job(4, { phase: 'done', conclusion: 'failure', repository: 'acme/api', labels: ['fargate/spot'] }),
    job(3, { phase: 'done', conclusion: 'success' }),
    job(2, { phase: 'running', runnerName: 'r-2', repository: 'acme/api' }),
    job(1, { name: 'failure is an option' }),
  ];
  const fitting = (query: Partial<Query>) => idsOf(view({ jobs }, query)).toSorted();

  it('should each leave what has it, and all together what has all', () => {
    expect(fitting({ phase: 'done' })).toEqual([3, 4]);
    expect(fitting({ outcome: 'failure' })).toEqual([4]);
    expect(fitting({ repository: 'acme/api' })).toEqual([2, 4]);
    expect(fitting({ label: 'fargate/spot' })).toEqual([4]);
    expect(fitting({ repository: 'acme/api', phase: 'running' })).toEqual([2]);
  });

  it.each([
    ['failure', [1, 4]],
    ['RUNNING', [2]],
    ['acme/api r-2', [2]],
    ['fargate/spot', [4]],
    ['nowhere', []],
    ['test (3)', [3]],
  ])('should find the jobs of “%s” by name, repository, label, phase, outcome and runner', (search, ids) => {
    expect(fitting({ search })).toEqual(ids);
  });

  it('should offer what there is, with the number of jobs that the others leave', () => {
    const { choices } = view({ jobs }, { repository: 'acme/api' });
    expect(choices.repository).toEqual([
      { value: 'acme/api', count: 2 },
      { value: 'acme/web', count: 2 },
    ]);
    expect(choices.outcome).toEqual([{ value: 'failure', count: 1 }]);
    expect(choices.phase.map(({ value }) => value).toSorted()).toEqual(['done', 'running']);
  });

  it('should count labels of one run alone with their kind', () => {
    const marked = [7, 8].map((id) => job(id, { labels: [`fargate/spot/run=${id}`] }));
    const { choices } = view({ jobs: [...jobs, ...marked] }, { repository: 'acme/api', phase: '' });
    expect(choices.label.map(({ value }) => value)).toContain('fargate/spot');
    expect(idsOf(view({ jobs: marked }, { label: 'fargate/spot' })).toSorted()).toEqual([7, 8]);
  });

  it('should still offer what is chosen where no job has it any more', () => {
    expect(view({ jobs: [] }, { outcome: 'cancelled' }).choices.outcome).toEqual([
      { value: 'cancelled', count: 0 },
    ]);
  });
});

describe('the address', () => {
  it('should say all that is shown, and be empty at the start', () => {
    const query: Query = {
      ...{ window: '24h', phase: 'done', outcome: 'failure', repository: 'acme/web', label: 'fargate/cpu=4' },
      ...{ search: 'unit & lint', rows: 100, job: 31_415 },
    };
    expect(readQuery(new URLSearchParams(writeQuery(query)))).toEqual(query);
    expect(writeQuery(START)).toBe('');
  });

  it.each(['window=2h&phase=gone&rows=-1&job=x', 'rows=1.5&job=1e99', 'window=toString&phase=length'])(
    'should show the start for what makes no sense: %s',
    (words) => {
      expect(readQuery(new URLSearchParams(words))).toEqual(START);
    },
  );

  it('should never ask for more rows than a page can bear', () => {
    expect(readQuery(new URLSearchParams('rows=99999')).rows).toBe(500);
  });
});

describe('faults of one kind', () => {
  it('should be one, with their number, the newest in its own words, and what to do', () => {
    const faults = [
      fault(NOW_MS, 'a message failed, and comes again', 'RunTask oneshot-1-10293-0: no answer in 3000 ms'),
      fault(NOW_MS - 5_000, 'an invocation went wrong'),
      fault(
        NOW_MS - 9_000,
        'a message failed, and comes again',
        'RunTask oneshot-1-10277-1: no answer in 3100 ms',
      ),
    ];
    expect(groupFaults(faults)).toMatchObject([
      {
        ...{ service: 'reconcile', pattern: 'a message failed, and comes again', count: 2 },
        ...{ lastAtMs: NOW_MS, example: expect.stringContaining('oneshot-1-10293-0') },
        todo: expect.stringContaining('oneshot doctor'),
      },
      { count: 1, pattern: 'an invocation went wrong', example: 'an invocation went wrong' },
    ]);
  });

  it.each([
    ['RunTask arn:aws:ecs:us-east-1:1:task/x failed', 'RunTask … failed'],
    ['request 8c1f2a34-1b2c-4d5e-8f90-123456789abc took 30.5 s', 'request … took … s'],
    ['a delivery was answered 401: no signature', 'a delivery was answered 401: no signature'],
    ['Task timed out after 10.01 seconds', 'Task timed out after … seconds'],
    ['runner oneshot-dev-77-31415-0 at 2026-01-01T12:00:00.000Z', 'runner … at …'],
    ['the deadbeef of a facade', 'the deadbeef of a facade'],
  ])('should be told by their words: %s', (text, pattern) => {
    expect(patternOf(text)).toBe(pattern);
  });

  it('should say what helps against a forged delivery, a timeout and a throttle', () => {
    const todoOf = (message: string) => groupFaults([fault(NOW_MS, message)])[0]?.todo;
    expect(todoOf('a delivery was answered 401: the signature does not match')).toMatch(/secret/);
    expect(todoOf('Task timed out after 10.01 seconds')).toMatch(/reconcile and the sweep/);
    expect(todoOf('RunTask: ThrottlingException')).toMatch(/tried again/);
  });
});

describe('the lanes’ axis', () => {
  it('should be as long as the jobs need, and no longer than the window', () => {
    const minutes = (count: number) => NOW_MS - count * 60_000;
    const begun = (queuedAtMs: number) => ({ phase: 'done', queuedAtMs });
    expect(axisOf([begun(minutes(20))], NOW_MS, 3_600_000).fromMs).toBe(minutes(20));
    expect(axisOf([begun(minutes(200))], NOW_MS, 3_600_000).fromMs).toBe(minutes(60));
    expect(axisOf([], NOW_MS, 3_600_000)).toEqual({ fromMs: minutes(1), toMs: NOW_MS });
  });

  it.each([1, 15, 47, 60, 360, 1_440])('should have two to five round times in %i minutes', (minutes) => {
    const axis = { fromMs: NOW_MS - minutes * 60_000 + 1_234, toMs: NOW_MS + 777 };
    const ticks = ticksOf(axis, 5.5 * 3_600_000);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(5);
    for (const tick of ticks) expect(placeOn(axis, tick)).toBeGreaterThanOrEqual(0);
    // Round by the clock on the wall.
    for (const tick of ticks) expect((tick + 5.5 * 3_600_000) % 5_000).toBe(0);
  });
});

describe('the age of what is shown', () => {
  const heard = { data: { seenAtMs: 100_000 }, problem: undefined, againAtMs: undefined };

  it('should be live while looks come, and old when several are missing', () => {
    expect(freshnessOf(heard, 102_000)).toEqual({ kind: 'live', ageMs: 2_000 });
    expect(freshnessOf(heard, 116_000)).toEqual({ kind: 'old', ageMs: 16_000 });
  });

  it('should never be live where the console does not answer, or its look fails', () => {
    expect(freshnessOf({ ...heard, againAtMs: 103_000 }, 102_000)).toEqual({
      ...{ kind: 'stopped', ageMs: 2_000, againInMs: 1_000 },
    });
    expect(freshnessOf({ ...heard, problem: 'no' }, 100_000).kind).toBe('failing');
    expect(freshnessOf({ ...heard, data: undefined }, 100_000).kind).toBe('connecting');
  });
});
