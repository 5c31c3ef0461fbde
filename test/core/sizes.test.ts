import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cpuUnits,
  FARGATE_SIZES,
  leastMemoryGiB,
  memoryMiB,
  roundUpSize,
} from '../../functions/core/job/sizes.ts';

const asked = fc.record({
  vcpu: fc.double({ min: 0.01, max: 20, noNaN: true }),
  memoryGiB: fc.double({ min: 0.01, max: 140, noNaN: true }),
});

describe('Fargate sizes', () => {
  it('should hold every size of the documentation and no other', () => {
    const count = (vcpu: number) => FARGATE_SIZES.filter((size) => size.vcpu === vcpu).length;
    expect([0.25, 0.5, 1, 2, 4, 8, 16].map(count)).toEqual([3, 4, 7, 13, 23, 12, 12]);
  });

  it('should round up to a size that suffices, and to the smallest such', () => {
    fc.assert(
      fc.property(asked, (size) => {
        const given = roundUpSize(size);
        const fits = FARGATE_SIZES.filter(
          ({ vcpu, memoryGiB }) => vcpu >= size.vcpu && memoryGiB >= size.memoryGiB,
        );
        if (fits.length === 0) expect(given).toBeUndefined();
        else {
          const vcpu = Math.min(...fits.map((fit) => fit.vcpu));
          const memoryGiB = Math.min(...fits.filter((fit) => fit.vcpu === vcpu).map((fit) => fit.memoryGiB));
          expect(given).toEqual({ vcpu, memoryGiB });
        }
      }),
    );
  });

  it('should leave a size that Fargate has as it is', () => {
    for (const size of FARGATE_SIZES) expect(roundUpSize(size)).toEqual(size);
  });

  it('should know the least memory, and none for more vCPU than there are', () => {
    expect([0.25, 3, 16, 17].map(leastMemoryGiB)).toEqual([0.5, 8, 32, undefined]);
  });

  it('should speak ECS’s units', () => {
    expect([cpuUnits(0.25), cpuUnits(16), memoryMiB(0.5), memoryMiB(120)]).toEqual([
      '256',
      '16384',
      '512',
      '122880',
    ]);
  });
});
