import { describe, expect, it } from 'vitest';
import { choose } from '../../model/github/actions.ts';
import { type JobStatus, runStatus } from '../../model/github/job.ts';
import { type Call, Limits } from '../../model/github/limits.ts';

describe('a run', () => {
  it.each<[JobStatus, JobStatus[]]>([
    ['in_progress', ['completed', 'queued', 'in_progress']],
    ['queued', ['completed', 'queued', 'waiting']],
    ['waiting', ['completed', 'waiting']],
    ['completed', ['completed', 'completed']],
  ])('should be %s with jobs that are %j', (status, jobs) => {
    expect(runStatus(jobs)).toBe(status);
  });
});

it('should choose the oldest job, the youngest, or any', () => {
  const jobs = [2, 3, 1].map((id) => ({ id, queuedAtMs: id < 3 ? 10 : 5 }));
  const chosen = (['oldest', 'youngest', 'random'] as const).map((policy) => choose(policy, jobs, () => 0.9));
  expect(chosen.map((job) => job?.id)).toEqual([3, 2, 1]);
});

it('should count a refused call nowhere', () => {
  const limits = new Limits();
  const call: Call = { caller: 'a', operation: 'x', method: 'POST', scope: 'acme' };
  for (let n = 0; n < 180; n++) limits.count(call, 0);
  for (let n = 0; n < 5; n++)
    expect(limits.refusalOf(call, 30_000)).toEqual({ limit: 'secondary', waitMs: 30_000 });
  expect(limits.refusalOf(call, 60_000)).toBeUndefined();
  expect(limits.hourOf(call, 60_000).used).toBe(180);
});
