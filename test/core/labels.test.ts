import { describe, expect, it } from 'vitest';
import { readLabels, withoutMarks } from '../../functions/core/job/labels.ts';
import { POLICY } from '../fixtures/policy.ts';

const read = (...labels: string[]) => readLabels(labels, POLICY);
const given = (...labels: string[]) => {
  const reading = read(...labels);
  if (reading.kind !== 'ours') throw new Error(`${labels} is ${reading.kind}: ${reading.reason}`);
  return reading.given;
};

describe('readLabels', () => {
  it.each([
    [['fargate'], { vcpu: 1, memoryGiB: 2, storageGiB: 20, arch: 'x64', provider: 'fargate' }],
    [['self-hosted', 'Linux', 'X64', 'Fargate'], { vcpu: 1, memoryGiB: 2, arch: 'x64' }],
    [['fargate', 'arm64'], { arch: 'arm64' }],
    [
      ['FARGATE/CPU=4/MEMORY=16/ARCH=ARM64/STORAGE=100/SPOT'],
      { vcpu: 4, memoryGiB: 16, arch: 'arm64', storageGiB: 100, provider: 'fargate-spot' },
    ],
    [['fargate/large'], { vcpu: 4, memoryGiB: 16 }],
    [['fargate/small'], { vcpu: 0.25, memoryGiB: 0.5 }],
    [['fargate/large/spot/storage=50'], { vcpu: 4, memoryGiB: 16, provider: 'fargate-spot', storageGiB: 50 }],
    [['fargate/large/cpu=2'], { vcpu: 2, memoryGiB: 16 }],
    [['fargate/cpu=2', 'fargate/memory=8'], { vcpu: 2, memoryGiB: 8 }],
    [['fargate/cpu=.5'], { vcpu: 0.5, memoryGiB: 2 }],
    [['fargate/arm', 'fargate'], { arch: 'arm64', vcpu: 2 }],
    [['fargate/cpu=4/run=1234567890'], { vcpu: 4, memoryGiB: 8 }],
    [['fargate/run=7/id=shard-3_a.b'], { vcpu: 1 }],
    [['fargate/large/id=7', 'self-hosted'], { vcpu: 4 }],
    [['fargate/docker'], { vcpu: 1, memoryGiB: 2, arch: 'x64', provider: 'docker' }],
    [['self-hosted', 'Fargate/CPU=6/Docker'], { vcpu: 6, memoryGiB: 12, provider: 'docker' }],
    [['fargate/arm/docker'], { vcpu: 2, memoryGiB: 4, arch: 'arm64', provider: 'docker' }],
    [['fargate/cpu=4/docker', 'fargate/docker'], { vcpu: 4, provider: 'docker' }],
  ])('should serve %j', (labels, size) => {
    expect(given(...labels)).toMatchObject(size);
  });

  it.each([
    // Between two sizes: the next that Fargate has. Memory beyond what so few vCPU can have: more vCPU.
    [['fargate/cpu=3'], { vcpu: 4, memoryGiB: 8 }],
    [['fargate/cpu=1/memory=2.5'], { vcpu: 1, memoryGiB: 3 }],
    [['fargate/memory=12'], { vcpu: 2, memoryGiB: 12 }],
    [['fargate/storage=7'], { storageGiB: 20 }],
    // No grid on an instance: quarters of a vCPU, halves of a GiB.
    [['fargate/cpu=2.1/memory=5.3/docker'], { vcpu: 2.25, memoryGiB: 5.5, provider: 'docker' }],
  ])('should round %j up and say what was asked', (labels, size) => {
    const reading = read(...labels);
    expect(reading).toMatchObject({ kind: 'ours', given: size });
    expect(reading.kind === 'ours' && reading.asked).not.toMatchObject(size);
  });

  it.each([
    [['ubuntu-latest'], 'label-not-ours', 'ubuntu-latest'],
    [['fargate', 'gpu'], 'label-not-ours', 'gpu'],
    [['fargate', 'windows'], 'label-not-ours', 'windows'],
    [['fargatex'], 'label-not-ours', 'fargatex'],
    [['self-hosted', 'linux'], 'label-missing', undefined],
    [[], 'label-missing', undefined],
    [['fargate', 'constructor'], 'label-not-ours', 'constructor'],
  ])('should leave %j to others', (labels, reason, detail) => {
    expect(read(...labels)).toEqual({ kind: 'foreign', reason, ...(detail !== undefined && { detail }) });
  });

  it.each([
    [['fargate/cpu=64'], 'size-not-available'],
    [['fargate/cpu=9/docker'], 'docker-size-over-limit'],
    [['fargate/memory=33/docker'], 'docker-size-over-limit'],
    [['fargate/docker/spot'], 'docker-has-no-spot'],
    [['fargate/docker', 'fargate/docker/spot'], 'docker-has-no-spot'],
    [['fargate/docker/storage=50'], 'docker-has-its-own-disk'],
    [['fargate/docker=1'], 'label-not-understood'],
    // Its runner would take plain jobs, too.
    [['fargate', 'fargate/docker'], 'labels-contradict'],
    [['fargate/docker', 'fargate/cpu=2'], 'labels-contradict'],
    [['fargate/cpu=4/memory=100/storage=20'], 'size-over-limit'],
    [['fargate/cpu=8'], 'size-over-limit'],
    [['fargate/storage=150'], 'size-over-limit'],
    [['fargate/storage=201'], 'size-not-available'],
    [['fargate/huge'], 'size-unknown'],
    [['fargate/constructor'], 'size-unknown'],
    [['fargate/'], 'size-unknown'],
    [['fargate/run='], 'label-not-understood'],
    [['fargate/run=$' + '{{ github.run_id }}'], 'label-not-understood'],
    [['fargate/id=1=2'], 'label-not-understood'],
    [[`fargate/id=${'x'.repeat(65)}`], 'label-not-understood'],
    [['fargate/cpu=4/'], 'label-not-understood'],
    [['fargate/cpu=two'], 'label-not-understood'],
    [['fargate/cpu=-1'], 'label-not-understood'],
    [['fargate/cpu=0'], 'label-not-understood'],
    [['fargate/cpu=1=2'], 'label-not-understood'],
    [['fargate/cores=4'], 'label-not-understood'],
    [['fargate/arch=riscv'], 'label-not-understood'],
    [['fargate/cpu=2/cpu=4'], 'labels-contradict'],
    [['fargate/cpu=2', 'fargate/cpu=4'], 'labels-contradict'],
    [['x64', 'fargate/arch=arm64'], 'labels-contradict'],
    [['fargate/arm', 'x64'], 'labels-contradict'],
  ])('should read as unservable: %j', (labels, reason) => {
    expect(read(...labels)).toMatchObject({ kind: 'unservable', reason });
  });

  it('should read as unservable: Spot where the policy does not allow it', () => {
    const policy = { ...POLICY, limits: { ...POLICY.limits, spot: false } };
    expect(readLabels(['fargate/spot'], policy)).toMatchObject({
      kind: 'unservable',
      reason: 'spot-not-allowed',
    });
  });

  it('should read as unservable: arm64 where the policy does not allow it, also where it is the default', () => {
    const policy = { ...POLICY, limits: { ...POLICY.limits, arm64: false } };
    const unservable = { kind: 'unservable', reason: 'arm64-not-allowed' };
    expect(readLabels(['fargate/arch=arm64'], policy)).toMatchObject(unservable);
    expect(readLabels(['arm64', 'fargate'], policy)).toMatchObject(unservable);
    expect(readLabels(['fargate/docker/arch=arm64'], policy)).toMatchObject(unservable);
    expect(readLabels(['fargate'], policy)).toMatchObject({ kind: 'ours' });
    const limits = { ...POLICY.docker.limits, arm64: false };
    const withoutDocker = { ...POLICY, docker: { ...POLICY.docker, limits } };
    expect(readLabels(['fargate/docker/arch=arm64'], withoutDocker)).toMatchObject(unservable);
    expect(readLabels(['fargate/arch=arm64'], withoutDocker)).toMatchObject({ kind: 'ours' });
  });

  it.each([
    ['fargate/cpu=4/run=7', 'fargate/cpu=4'],
    ['fargate/run=7/spot/id=a', 'fargate/spot'],
    ['fargate/run=7', 'fargate'],
    ['self-hosted', 'self-hosted'],
  ])('should be %s without its marks: %s', (label, kind) => {
    expect(withoutMarks(label)).toBe(kind);
  });

  it('should read a label of others as the one that it means', () => {
    const policy = { ...POLICY, aliases: { dependabot: 'fargate/large', images: 'fargate/docker' } };
    expect(readLabels(['Dependabot'], policy)).toMatchObject({ kind: 'ours', given: { vcpu: 4 } });
    expect(readLabels(['self-hosted', 'images'], policy)).toMatchObject({ given: { provider: 'docker' } });
    expect(readLabels(['images', 'dependabot'], policy)).toMatchObject({ reason: 'labels-contradict' });
    expect(readLabels(['constructor'], policy)).toMatchObject({ kind: 'foreign' });
    expect(readLabels(['dependabot'], POLICY)).toMatchObject({ kind: 'foreign' });
  });

  it('should know a prefix that was configured, and no other', () => {
    const policy = { ...POLICY, labelPrefix: 'oneshot' };
    expect(readLabels(['oneshot/cpu=2'], policy)).toMatchObject({ kind: 'ours' });
    expect(readLabels(['fargate'], policy)).toMatchObject({ kind: 'foreign' });
  });
});
