import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FARGATE_PRICES } from '../../functions/core/task/fargate-prices.ts';
import {
  billedSeconds,
  estimateCostUsd,
  secondsOfCost,
  spotSavedUsd,
  standInsFor,
  type TaskHardware,
  taskCostUsd,
} from '../../functions/core/task/prices.ts';

const HOME = 'us-east-1';
const TASK: TaskHardware = { vcpu: 1, memoryGiB: 2, storageGiB: 20, arch: 'x64', provider: 'fargate' };
const hardware: fc.Arbitrary<TaskHardware> = fc.record({
  vcpu: fc.constantFrom(0.25, 0.5, 1, 2, 4, 8, 16),
  memoryGiB: fc.integer({ min: 1, max: 120 }),
  storageGiB: fc.integer({ min: 20, max: 200 }),
  arch: fc.constantFrom('x64', 'arm64'),
  provider: fc.constantFrom(...(['fargate', 'fargate-spot'] as const)),
});
const region = fc.constantFrom(...Object.keys(FARGATE_PRICES), 'xx-new-1');

describe('an estimated cost', () => {
  it('should be what the price list says for an hour', () => {
    expect(estimateCostUsd(TASK, 3600, HOME)).toBeCloseTo(0.04048 + 2 * 0.004445, 6);
    expect(estimateCostUsd({ ...TASK, arch: 'arm64' }, 3600, HOME)).toBeCloseTo(0.03238 + 2 * 0.00356, 6);
    expect(estimateCostUsd({ ...TASK, storageGiB: 120 }, 3600, HOME)).toBeCloseTo(
      0.04048 + 2 * 0.004445 + 0.0111,
      6,
    );
  });

  it('should be the price of an instance that is large enough, with Docker', () => {
    const task: TaskHardware = { ...TASK, vcpu: 8, memoryGiB: 16, provider: 'docker' };
    expect(estimateCostUsd(task, 3600, HOME)).toBeCloseTo(0.306 + 0.037, 6);
    expect(estimateCostUsd({ ...task, vcpu: 2 }, 3600, HOME)).toBeCloseTo(0.343, 6);
    expect(estimateCostUsd({ ...task, memoryGiB: 2 }, 3600, HOME)).toBeCloseTo(0.343, 6);
  });

  it('should bill a minute at least, more for more, and less for Spot and arm64, in each region', () => {
    fc.assert(
      fc.property(hardware, fc.integer({ min: 0, max: 21_600 }), region, (task, seconds, region) => {
        const usdOf = (changes: Partial<TaskHardware>, more = 0) =>
          estimateCostUsd({ ...task, ...changes }, seconds + more, region);
        const usd = usdOf({});
        expect(usd).toBeGreaterThanOrEqual(estimateCostUsd(task, 60, region) - 1e-12);
        expect(usdOf({}, 60)).toBeGreaterThan(usd - 1e-12);
        expect(usdOf({ provider: 'fargate-spot' })).toBeLessThanOrEqual(usd);
        expect(usdOf({ arch: 'arm64' })).toBeLessThanOrEqual(usdOf({ arch: 'x64' }));
      }),
    );
  });

  it('should be nothing for a task whose image was never pulled, or that ended before', () => {
    expect(billedSeconds(undefined, 5_000)).toBe(0);
    expect(billedSeconds(5_000, 4_000)).toBe(0);
    expect(taskCostUsd(TASK, 0, HOME)).toBe(0);
  });

  it('should run from the pull of the image to the end, a minute at least', () => {
    expect(billedSeconds(1_000, 101_000)).toBe(100);
    expect(billedSeconds(1_000, 11_000)).toBe(60);
    expect(taskCostUsd(TASK, 100, HOME)).toBe(estimateCostUsd(TASK, 100, HOME));
  });
});

describe('the prices of a region', () => {
  it('should be its own', () => {
    expect(estimateCostUsd(TASK, 3600, 'eu-central-1')).toBeCloseTo(0.04656 + 2 * 0.00511, 6);
    expect(estimateCostUsd({ ...TASK, arch: 'arm64' }, 3600, 'ap-south-1')).toBeCloseTo(
      0.02383 + 2 * 0.00261,
      6,
    );
    expect(estimateCostUsd({ ...TASK, storageGiB: 120 }, 3600, 'eu-west-2')).toBeCloseTo(
      0.04656 + 2 * 0.00511 + 0.0129,
      6,
    );
  });

  it.each([
    ['xx-new-1', {}, ['x64']],
    ['constructor', {}, ['x64']],
    ['eu-central-1', {}, []],
    ['eu-central-1', { arch: 'arm64' }, ['arm64']],
    ['eu-central-1', { storageGiB: 21 }, ['storage']],
    ['eu-central-1', { arch: 'arm64', storageGiB: 21, provider: 'fargate-spot' }, ['arm64', 'storage']],
    ['eu-central-1', { provider: 'docker' }, ['instances']],
    ['us-east-1', { arch: 'arm64', storageGiB: 21 }, []],
    ['us-east-1', { provider: 'docker' }, []],
  ] as const)('should say for what those of us-east-1 stand in: %s, %j', (region, changes, standIns) => {
    const task: TaskHardware = { ...TASK, ...changes };
    expect(standInsFor(task, region)).toEqual(standIns);
  });

  it('should be those of us-east-1 where, and only where, it says so', () => {
    fc.assert(
      fc.property(hardware, region, (task, region) => {
        const [here, home] = [region, HOME].map((one) => estimateCostUsd(task, 3600, one));
        const hasOwn = FARGATE_PRICES[region]?.[task.arch] !== undefined;
        expect(standInsFor(task, region).includes(task.arch)).toBe(!hasOwn);
        if (!hasOwn && task.storageGiB === 20) expect(here).toBe(home);
      }),
    );
  });

  it('should all be there for us-east-1, and be prices', () => {
    expect(Object.keys(FARGATE_PRICES[HOME] ?? {}).toSorted()).toEqual(['arm64', 'storageGiB', 'x64']);
    for (const { x64, arm64, storageGiB } of Object.values(FARGATE_PRICES)) {
      for (const [vcpu, memoryGiB] of [x64, arm64].filter((one) => one !== undefined)) {
        expect(vcpu).toBeGreaterThan(0.02);
        expect(vcpu).toBeLessThan(0.1);
        // Memory is about a ninth of it everywhere.
        expect(vcpu / memoryGiB).toBeGreaterThan(8.8);
        expect(vcpu / memoryGiB).toBeLessThan(9.4);
      }
      if (storageGiB !== undefined) expect(storageGiB).toBeLessThan(0.0005);
    }
  });
});

describe('what Spot saved', () => {
  it('should be what the same task costs more on demand, and nothing elsewhere', () => {
    fc.assert(
      fc.property(hardware, fc.integer({ min: 0, max: 21_600 }), region, (task, seconds, region) => {
        const onDemand = estimateCostUsd({ ...task, provider: 'fargate' }, seconds, region);
        const own = estimateCostUsd(task, seconds, region);
        expect(spotSavedUsd(task, seconds, region)).toBeCloseTo(onDemand - own, 9);
      }),
    );
    expect(spotSavedUsd({ ...TASK, provider: 'docker' }, 3600, HOME)).toBe(0);
  });
});

describe('a record without its billed seconds', () => {
  it('should be billed the seconds that its cost at the prices of us-east-1 came from', () => {
    fc.assert(
      fc.property(hardware, fc.integer({ min: 60, max: 21_600 }), (task, seconds) => {
        expect(secondsOfCost(task, estimateCostUsd(task, seconds, HOME))).toBeCloseTo(seconds, 6);
      }),
    );
    expect(secondsOfCost({ ...TASK, vcpu: 0, memoryGiB: 0 }, 0)).toBe(0);
  });
});
