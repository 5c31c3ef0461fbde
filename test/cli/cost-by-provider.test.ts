import { describe, expect, it } from 'vitest';
import { costByRepository, costOfSettled } from '../../cli/observe/cost.ts';
import type { ProviderName } from '../../functions/core/job/providers.ts';
import { taskCostUsd } from '../../functions/core/task/prices.ts';

const HOUR_MS = 3_600_000;

/** An hour on 8 vCPU and 16 GiB. */
function settled(provider: ProviderName): Parameters<typeof costOfSettled>[0] {
  const hardware = { vcpu: 8, memoryGiB: 16, storageGiB: 20, arch: 'x64' as const, provider };
  return {
    version: 1,
    taskArn: 'arn',
    runnerName: 'runner',
    repository: 'acme/web',
    hardware,
    costUsd: taskCostUsd(hardware, 0, HOUR_MS),
    createdAtMs: 0,
    startedAtMs: 0,
    stoppedAtMs: HOUR_MS,
    ending: 'ran-succeeded',
    stopCode: undefined,
    stoppedReason: undefined,
    phases: {},
  } as unknown as Parameters<typeof costOfSettled>[0];
}

describe('costs', () => {
  it('should be told apart by where tasks ran, as AWS bills them', () => {
    const providers: ProviderName[] = ['fargate', 'fargate-spot', 'docker', 'docker'];
    const shares = costByRepository(providers.map((provider) => costOfSettled(settled(provider))));
    const told = shares.map(({ size, tasks, usd }) => [size, tasks, (usd / tasks).toFixed(3)]);
    expect(told).toEqual([
      ['8 vCPU, 16 GiB, x64, Docker', 2, '0.343'],
      ['8 vCPU, 16 GiB, x64', 1, '0.395'],
      ['8 vCPU, 16 GiB, x64, Spot', 1, '0.118'],
    ]);
  });
});
