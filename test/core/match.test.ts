import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canTake, match } from '../../functions/core/job/match.ts';

const labels = fc.uniqueArray(fc.constantFrom('fargate', 'arm64', 'self-hosted', 'fargate/large'), {
  minLength: 1,
});
const demands = fc.uniqueArray(
  fc.record({ jobId: fc.integer({ min: 1, max: 20 }), labels, createdAtMs: fc.integer({ min: 0, max: 9 }) }),
  {
    selector: ({ jobId }) => jobId,
  },
);
const supplies = fc
  .uniqueArray(
    fc.record({
      launchedForJobId: fc.integer({ min: 1, max: 20 }),
      labels,
      createdAtMs: fc.integer({ min: 0, max: 9 }),
    }),
    {
      selector: ({ launchedForJobId }) => launchedForJobId,
    },
  )
  .map((list) => list.map((supply) => ({ ...supply, runnerName: `r-${supply.launchedForJobId}` })));

describe('match', () => {
  it('should use each job and each runner at most once, and lose none', () => {
    fc.assert(
      fc.property(demands, supplies, (jobs, runners) => {
        const { pairs, unmatchedDemand, unmatchedSupply } = match(jobs, runners);
        expect(new Set([...pairs.map(({ demand }) => demand), ...unmatchedDemand])).toEqual(new Set(jobs));
        expect(new Set([...pairs.map(({ supply }) => supply), ...unmatchedSupply])).toEqual(new Set(runners));
        expect(pairs.length + unmatchedDemand.length).toBe(jobs.length);
        expect(pairs.length + unmatchedSupply.length).toBe(runners.length);
        for (const { demand, supply } of pairs) expect(canTake(supply, demand)).toBe(true);
      }),
    );
  });

  it('should leave no job and runner apart that fit each other', () => {
    fc.assert(
      fc.property(demands, supplies, (jobs, runners) => {
        const { unmatchedDemand, unmatchedSupply } = match(jobs, runners);
        for (const demand of unmatchedDemand)
          for (const supply of unmatchedSupply) expect(canTake(supply, demand)).toBe(false);
      }),
    );
  });

  it('should count a job’s own runner for it first', () => {
    fc.assert(
      fc.property(demands, supplies, (jobs, runners) => {
        const pairs = new Map(
          match(jobs, runners).pairs.map(({ demand, supply }) => [demand.jobId, supply.launchedForJobId]),
        );
        for (const job of jobs) {
          const own = runners.find((runner) => runner.launchedForJobId === job.jobId);
          if (own && canTake(own, job)) expect(pairs.get(job.jobId)).toBe(job.jobId);
        }
      }),
    );
  });

  it('should not depend on the order of what it was given', () => {
    fc.assert(
      fc.property(demands, supplies, (jobs, runners) => {
        expect(match(jobs.toReversed(), runners.toReversed())).toEqual(match(jobs, runners));
      }),
    );
  });

  it('should keep a rarer runner for the job that needs it', () => {
    const runners = [
      { runnerName: 'arm', launchedForJobId: 8, labels: ['fargate', 'arm64'], createdAtMs: 0 },
      { runnerName: 'plain', launchedForJobId: 9, labels: ['fargate'], createdAtMs: 5 },
    ];
    const jobs = [
      { jobId: 1, labels: ['fargate'], createdAtMs: 0 },
      { jobId: 2, labels: ['fargate', 'arm64'], createdAtMs: 3 },
    ];
    expect(match(jobs, runners).pairs.map(({ demand, supply }) => [demand.jobId, supply.runnerName])).toEqual(
      [
        [2, 'arm'],
        [1, 'plain'],
      ],
    );
  });
});
