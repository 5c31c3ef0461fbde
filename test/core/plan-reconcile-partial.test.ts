import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planReconcile } from '../../functions/core/plan/plan-reconcile.ts';
import type { JobFact, TaskFact } from '../../functions/core/task/facts.ts';
import { POLICY } from '../fixtures/policy.ts';
import { jobFixture, PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 100 * MINUTE_MS;
const ago = (minutes: number): number => NOW_MS - minutes * MINUTE_MS;
/** Alive for three minutes, and idle: any job with its labels could get it. */
const idling = { createdAtMs: ago(3), startedAtMs: ago(1) };

const plan = (isWhole: boolean, jobs: readonly JobFact[], tasks: readonly TaskFact[]) =>
  planReconcile({ repository: WEB, jobs, isWhole, jobsReadAtMs: NOW_MS, tasks }, POLICY, PREFIX, NOW_MS);
const launchesOf = (...input: Parameters<typeof plan>) =>
  plan(...input).launches.map(({ launch }) => launch.jobId);

describe('a plan from a look that was not whole', () => {
  it('should launch the waiting jobs that were read', () => {
    expect(launchesOf(false, [jobFixture(1), jobFixture(2)], [])).toEqual([1, 2]);
  });

  it('should count no task whose own job was not read: it may wait for just this task', () => {
    const task = taskFixture(7, idling);
    expect(launchesOf(false, [jobFixture(1)], [task])).toEqual([1]);
    expect(launchesOf(true, [jobFixture(1)], [task])).toEqual([]);
  });

  it('should count a task whose own job was read and has its runner', () => {
    const taken = jobFixture(7, { status: 'in_progress', runnerName: `${PREFIX}-1-8-0` });
    expect(launchesOf(false, [jobFixture(1), taken], [taskFixture(7, idling)])).toEqual([]);
  });

  it('should never launch for a job whose own task is alive and free', () => {
    expect(plan(false, [jobFixture(1)], [taskFixture(1, idling)])).toMatchObject({
      launches: [],
      matched: [{ jobId: 1 }],
    });
  });

  it('should launch for just those of the jobs that were read that have no task of their own', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(ids, ids, (readIds, taskIds) => {
        const read = readIds.map((jobId) => jobFixture(jobId));
        const tasks = taskIds.map((jobId) => taskFixture(jobId, idling));
        const without = readIds.filter((jobId) => !taskIds.includes(jobId));
        expect(new Set(launchesOf(false, read, tasks))).toEqual(new Set(without));
      }),
    );
  });
});

describe('a job that a task is marked with', () => {
  it('should be no demand: it has begun since it was read', () => {
    const task = taskFixture(7, { ...idling, markedJobId: 1 });
    expect(plan(true, [jobFixture(1)], [task])).toMatchObject({ launches: [], waiting: [], matched: [] });
    expect(launchesOf(true, [jobFixture(1), jobFixture(2)], [task])).toEqual([2]);
  });
});
