import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CostSum,
  costBy,
  costOfSettled,
  DIMENSIONS,
  type Dimension,
  sumOf,
} from '../../cli/observe/cost.ts';
import type { ProviderName } from '../../functions/core/job/providers.ts';
import { EXIT_CODES, type TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { estimateCostUsd, type TaskHardware } from '../../functions/core/task/prices.ts';
import type { SettledTask } from '../../functions/records/settled.ts';

const HOUR_MS = 3_600_000;
const OCTOBER_MS = Date.UTC(2026, 9, 31, 23, 59);
const LARGE = { vcpu: 8, memoryGiB: 16, storageGiB: 20, arch: 'x64' } as const;

/** An hour on 8 vCPU and 16 GiB. */
function settled(
  provider: ProviderName,
  { hardware = { ...LARGE, provider }, ...changes }: Partial<SettledTask> = {},
): SettledTask {
  return {
    version: 2,
    taskArn: 'arn',
    runnerName: 'runner',
    repository: 'acme/web',
    hardware,
    costUsd: estimateCostUsd(hardware, 3600, 'us-east-1'),
    createdAtMs: OCTOBER_MS - HOUR_MS,
    startedAtMs: OCTOBER_MS - HOUR_MS,
    stoppedAtMs: OCTOBER_MS,
    ending: 'ran-succeeded',
    phases: {},
    ...changes,
  };
}
const costs = (tasks: readonly SettledTask[], by: readonly Dimension[], region = 'us-east-1') =>
  costBy(
    tasks.map((task) => costOfSettled(task, region)),
    by,
  );

describe('costs', () => {
  it('should be told apart by where tasks ran, as AWS bills them', () => {
    const providers: ProviderName[] = ['fargate', 'fargate-spot', 'docker', 'docker'];
    const shares = costs(
      providers.map((provider) => settled(provider)),
      ['size'],
    );
    expect(shares.map(({ size, tasks, usd }) => [size, tasks, (usd / tasks).toFixed(3)])).toEqual([
      ['8 vCPU, 16 GiB, x64, Docker', 2, '0.343'],
      ['8 vCPU, 16 GiB, x64', 1, '0.395'],
      ['8 vCPU, 16 GiB, x64, Spot', 1, '0.118'],
    ]);
  });

  it('should be told apart by what tasks were for, and by the month in which they stopped', () => {
    const web = settled('fargate', { workflow: 'CI', labels: ['self-hosted', 'fargate/cpu=8'] });
    const shares = costs(
      [web, web, { ...web, stoppedAtMs: OCTOBER_MS + HOUR_MS }, settled('fargate')],
      DIMENSIONS,
    );
    const told = shares.map(({ repository, workflow, label, month, tasks }) => ({
      repository,
      workflow,
      label,
      month,
      tasks,
    }));
    const known = { repository: 'acme/web', workflow: 'CI', label: 'self-hosted fargate/cpu=8' };
    expect(told).toEqual([
      { ...known, month: '2026-10', tasks: 2 },
      { ...known, month: '2026-11', tasks: 1 },
      { repository: 'acme/web', workflow: 'unknown', label: 'unknown', month: '2026-10', tasks: 1 },
    ]);
  });

  it('should have the prices of the region, whichever version wrote the line', () => {
    const hourUsd = 8 * 0.04656 + 16 * 0.00511;
    expect(costs([settled('fargate')], [], 'eu-central-1')[0]?.usd).toBeCloseTo(hourUsd, 9);
    const own = settled('fargate', { costUsd: hourUsd, billedSeconds: 3600 });
    expect(costs([own], [], 'eu-central-1')[0]?.usd).toBeCloseTo(hourUsd, 9);
  });

  it('should say what Spot saved: nothing for a task that ran on demand', () => {
    const [spot] = costs([settled('fargate-spot'), settled('fargate'), settled('docker')], []);
    expect(spot?.spotSavedUsd).toBeCloseTo(0.7 * (8 * 0.04048 + 16 * 0.004445), 9);
  });

  it.each([
    ['ran-failed', 0],
    ['ran-rejected', 0],
    ['interrupted-during-job', 0],
    ['idle', 1],
    ['never-connected', 1],
    ['interrupted-before-job', 1],
    // It was killed: whether it ran a job, its record does not say.
    ['unexplained', 0],
  ] as const)('should know whether a task ran a job: %s', (ending, share) => {
    const [sum] = costs([settled('fargate', { ending })], []);
    expect(sum?.idleUsd).toBeCloseTo(share * (sum?.usd ?? 0), 9);
  });

  it('should say what was paid before runners started', () => {
    const phases = { network: 500, pull: 60, start: 30, run: 3510, stop: 0 };
    const [sum] = costs([settled('fargate', { phases })], []);
    expect(sum?.bootUsd).toBeCloseTo((sum?.usd ?? 0) * (90 / 3600), 9);
    const [idle] = costs([settled('fargate', { phases, ending: 'idle' })], []);
    expect(idle).toMatchObject({ bootUsd: 0, idleUsd: idle?.usd });
    const [none] = costs([settled('fargate', { phases, costUsd: 0, billedSeconds: 0 })], []);
    expect(none).toMatchObject({ usd: 0, bootUsd: 0, spotSavedUsd: 0 });
  });

  const name = fc.option(fc.constantFrom('a', 'b', 'a b', '["a","b"]'), { nil: undefined });
  const task: fc.Arbitrary<SettledTask> = fc
    .record({
      repository: name,
      workflow: name,
      labels: fc.option(fc.array(fc.constantFrom('a', 'b', 'a b'), { maxLength: 2 }), { nil: undefined }),
      hardware: fc.record<TaskHardware>({
        vcpu: fc.constantFrom(0.25, 4),
        memoryGiB: fc.constantFrom(1, 8),
        storageGiB: fc.constantFrom(20, 100),
        arch: fc.constantFrom('x64', 'arm64'),
        provider: fc.constantFrom('fargate', 'fargate-spot', 'docker'),
      }),
      billedSeconds: fc.option(fc.constantFrom(0, 60, 1234), { nil: undefined }),
      stoppedAtMs: fc.option(fc.integer({ min: OCTOBER_MS - 2 * HOUR_MS, max: OCTOBER_MS + 99 * HOUR_MS }), {
        nil: undefined,
      }),
      ending: fc.constantFrom<TaskEnding>(...Object.values(EXIT_CODES), 'unexplained'),
      phases: fc.dictionary(fc.constantFrom('pull', 'start', 'run'), fc.integer({ min: 0, max: 5000 })),
    })
    .map((changes) => settled('fargate', changes as Partial<SettledTask>));

  it('should add up to the same in each view, and have no part that is larger than the whole', () => {
    const all = fc.array(task, { maxLength: 30 });
    const views = fc.subarray([...DIMENSIONS]);
    fc.assert(
      fc.property(all, views, fc.constantFrom('us-east-1', 'eu-west-2', 'xx-new-1'), (tasks, by, region) => {
        const [whole, shares] = [sumOf(costs(tasks, [], region)), costs(tasks, by, region)];
        for (const [key, sum] of Object.entries(sumOf(shares)))
          expect(sum).toBeCloseTo(whole[key as keyof CostSum], 9);
        expect(whole.tasks).toBe(tasks.length);
        const names = shares.map((share) => JSON.stringify(by.map((dimension) => share[dimension])));
        expect(new Set(names).size).toBe(names.length);
        const wanted = tasks.flatMap((task) =>
          costs([task], by, region).map((one) => JSON.stringify(by.map((dimension) => one[dimension]))),
        );
        expect(new Set(names)).toEqual(new Set(wanted));
        for (const { usd, idleUsd, bootUsd, spotSavedUsd } of shares) {
          expect(idleUsd + bootUsd).toBeLessThanOrEqual(usd + 1e-12);
          expect(Math.min(usd, idleUsd, bootUsd, spotSavedUsd)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
