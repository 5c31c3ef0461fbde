import { describe, expect, it } from 'vitest';
import { ASSIGNMENT_POLICIES, BURST_LABELS, type Workload } from '../../../simulation/options.ts';
import { type Result, simulate } from '../../../simulation/simulate.ts';
import { storyOf } from '../../../simulation/story.ts';
import { MINUTE, NO_FAULTS } from '../../../simulation/world.ts';

/** The wait that this share of the jobs stays under, seconds. */
const waitOf = ({ waitsMs }: Result, share: number): number =>
  (waitsMs.toSorted((a, b) => a - b)[Math.floor(waitsMs.length * share)] ?? 0) / 1000;

/** The most JIT configs that became tasks in one minute. */
const mostInAMinute = ({ launchesMs }: Result): number =>
  Math.max(
    ...launchesMs.map((atMs) => launchesMs.filter((other) => other > atMs - MINUTE && other <= atMs).length),
  );

describe.each(ASSIGNMENT_POLICIES)('a burst, where GitHub gives a runner by the policy %s', (assigns) => {
  // GitHub takes 180 JIT configs in any minute: of a thousand the first at once, the last hundred after five.
  const boundSeconds = Math.floor(999 / 180) * 60;
  const burst = (jobs: number, workload: Workload) =>
    simulate({ seed: 1, jobs, faults: NO_FAULTS, workload: { ...workload, assigns, labels: BURST_LABELS } });

  it('should serve 300 jobs within two seconds of each other in two minutes', async () => {
    const result = await burst(300, { burstOf: 300, spreadMs: 2_000 });
    expect(storyOf(result)).toEqual([]);
    expect(waitOf(result, 0.5)).toBeLessThan(60);
    expect(waitOf(result, 0.95)).toBeLessThan(116);
    expect((result.launchesMs.at(-1) ?? 0) / 1000).toBeLessThan(130);
    expect(result.mostLaunches).toBeLessThanOrEqual(3);
  });

  it('should launch 1,000 jobs as fast as GitHub allows, or nearly', async () => {
    const result = await burst(1000, { burstOf: 250, spreadMs: 20_000 });
    expect(storyOf(result)).toEqual([]);
    expect((result.launchesMs.at(-1) ?? 0) / 1000).toBeLessThan(boundSeconds * 1.1);
    expect(waitOf(result, 0.95) / boundSeconds).toBeLessThan(1.18);
    expect(mostInAMinute(result)).toBeLessThanOrEqual(180);
    expect(result.mostLaunches).toBeLessThanOrEqual(3);
    expect(result.counts.refused / result.counts.launchCalls).toBeLessThan(0.12);
  });

  it('should launch 1,000 jobs of three repositories with few launches too many', async () => {
    const result = await burst(1000, { burstOf: 50, isAcross: true, spreadMs: 20_000 });
    expect(storyOf(result)).toEqual([]);
    // Supply is counted by repository, and an organisation's runners are for all of them (ADR 23).
    expect(result.surplus).toBeLessThanOrEqual(assigns === 'own' ? 0 : 100);
  });
});

describe('a limit on what runs at once', () => {
  it('should cost no wait while there is room, and be kept by 300 deliveries within two seconds', async () => {
    const workload: Workload = { burstOf: 300, spreadMs: 2_000 };
    const concurrency = { runners: 100 };
    const { mostAtOnce, launchesMs } = await simulate({
      seed: 1,
      jobs: 300,
      faults: NO_FAULTS,
      workload,
      concurrency,
    });
    expect(mostAtOnce).toBeLessThanOrEqual(100);
    expect(launchesMs.filter((atMs) => atMs < 10_000).length).toBeGreaterThan(30);
  });
});
