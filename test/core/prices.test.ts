import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateCostUsd, type TaskHardware, taskCostUsd } from '../../functions/core/task/prices.ts';

const TASK: TaskHardware = { vcpu: 1, memoryGiB: 2, storageGiB: 20, arch: 'x64', provider: 'fargate' };
const hardware: fc.Arbitrary<TaskHardware> = fc.record({
  vcpu: fc.constantFrom(0.25, 0.5, 1, 2, 4, 8, 16),
  memoryGiB: fc.integer({ min: 1, max: 120 }),
  storageGiB: fc.integer({ min: 20, max: 200 }),
  arch: fc.constantFrom('x64', 'arm64'),
  provider: fc.constantFrom(...(['fargate', 'fargate-spot'] as const)),
});

describe('an estimated cost', () => {
  it('should be what the price list says for an hour', () => {
    expect(estimateCostUsd(TASK, 3600)).toBeCloseTo(0.04048 + 2 * 0.004445, 6);
    expect(estimateCostUsd({ ...TASK, arch: 'arm64' }, 3600)).toBeCloseTo(0.03238 + 2 * 0.00356, 6);
    expect(estimateCostUsd({ ...TASK, storageGiB: 120 }, 3600)).toBeCloseTo(
      0.04048 + 2 * 0.004445 + 0.0111,
      6,
    );
  });

  it('should be the price of an instance that is large enough, with Docker', () => {
    const task: TaskHardware = { ...TASK, vcpu: 8, memoryGiB: 16, provider: 'docker' };
    expect(estimateCostUsd(task, 3600)).toBeCloseTo(0.306 + 0.037, 6);
    expect(estimateCostUsd({ ...task, vcpu: 2 }, 3600)).toBeCloseTo(0.343, 6);
    expect(estimateCostUsd({ ...task, memoryGiB: 2 }, 3600)).toBeCloseTo(0.343, 6);
  });

  it('should bill a minute at least, more for more, and less for Spot and arm64', () => {
    fc.assert(
      fc.property(hardware, fc.integer({ min: 0, max: 21_600 }), (task, seconds) => {
        const usd = estimateCostUsd(task, seconds);
        expect(usd).toBeGreaterThanOrEqual(estimateCostUsd(task, 60) - 1e-12);
        expect(estimateCostUsd(task, seconds + 60)).toBeGreaterThan(usd - 1e-12);
        expect(estimateCostUsd({ ...task, provider: 'fargate-spot' }, seconds)).toBeLessThanOrEqual(usd);
        expect(estimateCostUsd({ ...task, arch: 'arm64' }, seconds)).toBeLessThanOrEqual(
          estimateCostUsd({ ...task, arch: 'x64' }, seconds),
        );
      }),
    );
  });

  it.each([
    ['its image was never pulled', undefined, 5_000],
    ['it ended before', 5_000, 4_000],
  ])('should be nothing for a task where %s', (_, pullStartedAtMs, endedAtMs) => {
    expect(taskCostUsd(TASK, pullStartedAtMs, endedAtMs)).toBe(0);
  });

  it('should run from the pull of the image to the end', () => {
    expect(taskCostUsd(TASK, 1_000, 101_000)).toBe(estimateCostUsd(TASK, 100));
  });
});
