import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULT_NAMES } from './faults.ts';
import { breakCode, readMutants } from './mutants.ts';
import { ASSIGNMENT_POLICIES, BURST_LABELS, type Workload } from './options.ts';
import { BESIDE_OTHERS, MIXED, ONE_PART_AWAY, type Profile } from './profiles.ts';
import { ONE_FAULT } from './profiles-one-fault.ts';
import { type Result, simulate } from './simulate.ts';
import { ALL_FAULTS, MINUTE, NO_FAULTS } from './world.ts';

const JOBS = 30;
/** Not those of `npm run simulate`, which start at 0. */
const FIRST_SEED = 50_000;
/** The command that shows what happened stands in the failure. */
const storyOf = ({ violations, options }: Result, profile = 'all') =>
  violations.map(
    ({ kind, detail }) =>
      `--profile ${profile} --seed ${options.seed} --jobs ${options.jobs}: ${kind}: ${detail}`,
  );

async function failuresOf({ name, ...profile }: Profile, seeds: number): Promise<string[]> {
  const failures: string[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++)
    failures.push(...storyOf(await simulate({ jobs: JOBS, ...profile, seed }), name));
  return failures;
}

describe('simulation', () => {
  it.each(MIXED)(
    'should lose, double and leave nothing with many faults at once ($name)',
    async (profile) => {
      expect(await failuresOf(profile, profile.name === 'all' ? 30 : 8)).toEqual([]);
    },
  );

  it.each(ONE_PART_AWAY)('should do so with its safety nets away ($name)', async (profile) => {
    expect(await failuresOf(profile, 3)).toEqual([]);
  });

  it.each(BESIDE_OTHERS)(
    'should do so beside other repositories, owners and strangers ($name)',
    async (profile) => {
      expect(await failuresOf(profile, profile.name === 'idle-1000' ? 1 : 2)).toEqual([]);
    },
  );

  it('should cost no more than is known when one fault strikes once', async () => {
    for (const profile of ONE_FAULT) expect(await failuresOf(profile, 2)).toEqual([]);
  });

  it('should still have the code that its mutants break', () => {
    for (const mutant of readMutants()) {
      const code = readFileSync(join(import.meta.dirname, '../../functions', mutant.file), 'utf8');
      expect(breakCode(code, mutant)).not.toBe(code);
    }
  });

  it('should launch once for each job when nothing goes wrong', async () => {
    const workload = { assigns: 'own' } as const;
    const { jobs, surplus, counts } = await simulate({ seed: 7, jobs: 200, faults: NO_FAULTS, workload });
    expect({ tasks: counts.tasks, surplus }).toEqual({ tasks: jobs, surplus: 0 });
  });

  it('should play a seed in the same way each time', async () => {
    const play = () => simulate({ seed: 11, jobs: JOBS, faults: ALL_FAULTS, keepsStory: true });
    const first = await play();
    expect(first.story.length).toBeGreaterThan(100);
    expect((await play()).story).toEqual(first.story);
  });

  it('should strike with every fault that it has', async () => {
    const struck = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const { injected } = await simulate({ seed, jobs: JOBS, faults: ALL_FAULTS });
      for (const fault of injected.keys()) struck.add(fault);
    }
    // Lags are not events: a listing is always as old as it is.
    const events = FAULT_NAMES.filter((fault) => fault !== 'githubLag' && fault !== 'ecsLag');
    expect(events.filter((fault) => !struck.has(fault))).toEqual([]);
  });
});

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
    const capacity = { maximumRunners: 100 };
    const { mostAtOnce, launchesMs } = await simulate({
      seed: 1,
      jobs: 300,
      faults: NO_FAULTS,
      workload,
      capacity,
    });
    expect(mostAtOnce).toBeLessThanOrEqual(100);
    expect(launchesMs.filter((atMs) => atMs < 10_000).length).toBeGreaterThan(30);
  });
});
