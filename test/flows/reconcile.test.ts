import { describe, expect, it } from 'vitest';
import type { JitConfigOutcome } from '../../functions/core/words/outcomes.ts';
import { POLICY } from '../fixtures/policy.ts';
import { NOW_MS, nameOf, reconcileOnce } from '../fixtures/reconcile-world.ts';
import { jobFixture, PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

/** When each JIT config was asked for, from the round's start; and how far apart they are. */
const launchTimes = (calls: readonly string[]) =>
  calls.filter((call) => call.startsWith('jit')).map((call) => Number(call.split(' ').at(-1)));
const spacings = (times: readonly number[]) =>
  times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));

describe('reconcile', () => {
  it('should launch what is missing, the first alone and the rest spaced, and be settled', async () => {
    const { report, calls } = await reconcileOnce({
      jobs: [1, 2, 3].map((jobId) => jobFixture(jobId, { createdAtMs: jobId })),
    });
    expect(calls).toEqual([
      'lookAtJobs',
      'listTasks',
      `jit ${nameOf(1)} at 0`,
      `jit ${nameOf(2)} at 102`,
      `jit ${nameOf(3)} at 204`,
    ]);
    expect(report).toMatchObject({
      next: { kind: 'settled' },
      longestWaitMs: 0,
      launches: [{ kind: 'launched' }, { kind: 'launched' }, { kind: 'launched' }],
    });
  });

  it('should do nothing for a repository in which all is well', async () => {
    const { calls } = await reconcileOnce({ jobs: [jobFixture(1, { status: 'completed' })] });
    expect(calls).toEqual(['lookAtJobs', 'listTasks']);
  });

  it.each(['lookAtJobs', 'listTasks'])(
    'should judge nothing and doubt again when %s fails (rule 13)',
    async (failing) => {
      const { report, calls } = await reconcileOnce({ jobs: [jobFixture(1)], failing: [failing] });
      expect(report).toMatchObject({
        plan: undefined,
        next: { kind: 'again' },
        problem: expect.stringContaining(failing),
      });
      expect(calls.at(-1)).toBe('doubt');
    },
  );

  it('should fail when what it could not read could not be put back either', async () => {
    await expect(reconcileOnce({ failing: ['listTasks', 'doubt'] })).rejects.toThrow('doubt is down');
  });

  it('should end the round at a refusal and doubt again (rule 17)', async () => {
    const refusal: JitConfigOutcome = {
      kind: 'refused',
      refusal: 'secondary-limit',
      detail: 'wait',
      retryAfterSeconds: 60,
    };
    const jobs = [1, 2, 3, 4].map((jobId) => jobFixture(jobId, { createdAtMs: jobId }));
    const { report, calls } = await reconcileOnce({ jobs, jit: { [nameOf(2)]: refusal } });
    expect(report).toMatchObject({
      next: { kind: 'again' },
      launches: [{ kind: 'launched' }, { kind: 'refused' }],
      // Of the job that was refused, queued at 2 ms; and the clock had moved by two spaces.
      longestWaitMs: NOW_MS + 204 - 2,
    });
    expect(calls.filter((call) => call.startsWith('jit'))).toHaveLength(2);
    expect(calls.at(-1)).toBe('doubt');
  });

  it('should launch what can be served though a refusal is older, and GitHub takes none of it', async () => {
    const jobs = [
      jobFixture(1, { createdAtMs: 1, labels: ['fargate/cpu=64'] }),
      jobFixture(2, { createdAtMs: 2 }),
      jobFixture(3, { createdAtMs: 3 }),
    ];
    const jit: JitConfigOutcome = { kind: 'refused', refusal: 'invalid-request', detail: 'no such label' };
    const { report } = await reconcileOnce({ jobs, jit: { [nameOf(1)]: jit } });
    expect(report.launches.map(({ kind, runnerName }) => [kind, runnerName])).toEqual([
      ['launched', nameOf(2)],
      ['refused', nameOf(1)],
      ['launched', nameOf(3)],
    ]);
  });

  it('should find out with one launch that there is none for a label set, and continue with the others', async () => {
    const noCapacity: JitConfigOutcome = { kind: 'refused', refusal: 'no-capacity', detail: 'none' };
    const jobs = Array.from({ length: 40 }, (_, index) =>
      jobFixture(index + 1, { createdAtMs: index + 1, labels: [index < 30 ? 'fargate/large' : 'fargate'] }),
    );
    const jit = Object.fromEntries(jobs.slice(0, 30).map(({ jobId }) => [nameOf(jobId), noCapacity]));
    const { report } = await reconcileOnce({ jobs, jit });
    expect(report).toMatchObject({ next: { kind: 'again' } });
    expect(report.launches.filter(({ kind }) => kind === 'refused')).toHaveLength(1);
    expect(report.launches.filter(({ kind }) => kind === 'launched')).toHaveLength(10);
  });

  it('should find out with one launch for labels that differ in a mark alone', async () => {
    const noCapacity: JitConfigOutcome = { kind: 'refused', refusal: 'no-capacity', detail: 'none' };
    const jobs = [1, 2, 3, 4].map((id) => jobFixture(id, { createdAtMs: id, labels: [`fargate/id=${id}`] }));
    const jit = Object.fromEntries(jobs.map(({ jobId }) => [nameOf(jobId), noCapacity]));
    const { report } = await reconcileOnce({ jobs, jit });
    expect(report.launches.map(({ kind }) => kind)).toEqual(['refused']);
  });

  it('should try no more of a label set once its capacity has run out', async () => {
    const noCapacity: JitConfigOutcome = { kind: 'refused', refusal: 'no-capacity', detail: 'none' };
    const jobs = [1, 2, 3, 4].map((jobId) => jobFixture(jobId, { createdAtMs: jobId }));
    const { report } = await reconcileOnce({ jobs, jit: { [nameOf(2)]: noCapacity } });
    expect(report.launches.map(({ kind }) => kind)).toEqual(['launched', 'refused']);
  });

  it('should doubt nothing for refusals over the limit of an hour', async () => {
    const jobs = [jobFixture(1, { labels: ['fargate/cpu=64'] })];
    const tasks = Array.from({ length: POLICY.rejections.maximumPerHour }, (_, index) =>
      taskFixture(index + 2, { isRejection: true, lastStatus: 'STOPPED', createdAtMs: 90 * 60_000 }),
    );
    const { report, calls } = await reconcileOnce({ jobs, tasks });
    expect(report).toMatchObject({
      next: { kind: 'settled' },
      launches: [],
      plan: { leftAlone: [{ jobId: 1 }] },
    });
    expect(calls).not.toContain('doubt');
  });

  it('should leave the minute what others have launched in it', async () => {
    const jobs = Array.from({ length: 100 }, (_, index) => jobFixture(index + 1, { createdAtMs: index }));
    const others = Array.from({ length: 87 }, (_, index) =>
      taskFixture(1_000 + index, { createdAtMs: NOW_MS }),
    );
    const { calls, report } = await reconcileOnce({ jobs, laterTasks: others });
    const times = launchTimes(calls);
    expect(report.launches).toHaveLength(100);
    // One, and its share of the minute's room; the rest is gone by then.
    expect(times.filter((atMs) => atMs < 60_000)).toHaveLength(89);
    expect(calls.filter((call) => call === 'listTasks').length).toBeGreaterThan(1);
  });

  it('should name a runner by the minute of its launch, not of the plan', async () => {
    const others = Array.from({ length: 177 }, (_, index) =>
      taskFixture(1_000 + index, { createdAtMs: NOW_MS }),
    );
    const { calls } = await reconcileOnce({ jobs: [jobFixture(1)], tasks: others });
    // It waits until the minute of the others is over.
    expect(calls.find((call) => call.startsWith('jit'))).toMatch(
      `jit ${nameOf(1).replace(/99$/, '100')} at 6`,
    );
  });

  it('should launch twice as fast once a look has shown that it is alone', async () => {
    const jobs = Array.from({ length: 150 }, (_, index) => jobFixture(index + 1, { createdAtMs: index }));
    const { calls } = await reconcileOnce({ jobs });
    const spaces = spacings(launchTimes(calls));
    // The first and half of the minute's room; the rest is launched after a look at the tasks.
    expect(new Set(spaces.slice(0, 89))).toEqual(new Set([102]));
    expect(new Set(spaces.slice(89))).toEqual(new Set([51]));
  });

  it('should share the minute with each repository that is at work, by the names of its runners', async () => {
    const jobs = Array.from({ length: 20 }, (_, index) => jobFixture(index + 1, { createdAtMs: index }));
    const tasks = [1, 2, 2, 3].map((id, index) =>
      taskFixture(1_000 + index, {
        ...{ runnerName: `${PREFIX}-${id}-${1_000 + index}-0`, repository: { ...WEB, id } },
        createdAtMs: NOW_MS,
      }),
    );
    const { calls } = await reconcileOnce({ jobs, tasks });
    expect(new Set(spacings(launchTimes(calls)))).toEqual(new Set([3 * 51]));
  });

  it('should not count what was launched for another owner, whose limits are its own', async () => {
    const jobs = Array.from({ length: 100 }, (_, index) => jobFixture(index + 1, { createdAtMs: index }));
    const theirs = Array.from({ length: 177 }, (_, index) =>
      taskFixture(1_000 + index, { createdAtMs: NOW_MS, repository: { ...WEB, id: 2, owner: 'widgets' } }),
    );
    const { calls } = await reconcileOnce({ jobs, tasks: theirs });
    const times = launchTimes(calls);
    expect(times.filter((atMs) => atMs < 60_000)).toHaveLength(100);
  });

  it('should end the round when it can no longer see what others launch', async () => {
    const jobs = Array.from({ length: 100 }, (_, index) => jobFixture(index + 1, { createdAtMs: index }));
    let looks = 0;
    const failing = { includes: (name: string) => name === 'listTasks' && looks++ > 0 };
    const { report } = await reconcileOnce({ jobs, failing: failing as unknown as string[] });
    expect(report).toMatchObject({ next: { kind: 'again' } });
    expect(report.launches).toHaveLength(89);
  });

  it('should doubt again for a name that is taken, and continue with the next job', async () => {
    const jobs = [1, 2].map((jobId) => jobFixture(jobId, { createdAtMs: jobId }));
    const { report, calls } = await reconcileOnce({ jobs, jit: { [nameOf(1)]: { kind: 'taken' } } });
    expect(report).toMatchObject({
      next: { kind: 'again' },
      launches: [{ kind: 'taken' }, { kind: 'launched', runnerName: nameOf(2) }],
    });
    expect(calls.filter((call) => call.startsWith('jit'))).toHaveLength(2);
  });

  it('should doubt again for a job that backs off', async () => {
    const dead = taskFixture(1, {
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      ending: 'never-connected',
      createdAtMs: NOW_MS - 29_000,
    });
    expect((await reconcileOnce({ jobs: [jobFixture(1)], tasks: [dead] })).report).toMatchObject({
      next: { kind: 'again' },
      launches: [],
    });
  });
});
