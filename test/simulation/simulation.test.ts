import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULT_NAMES } from './faults.ts';
import { breakCode, readMutants } from './mutants.ts';
import { MIXED, type Profile } from './profiles.ts';
import { ALONE } from './profiles-alone.ts';
import { NEIGHBOURLY } from './profiles-neighbours.ts';
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
      expect(await failuresOf(profile, profile.name === 'all' ? 100 : 20)).toEqual([]);
    },
  );

  it.each(ALONE)('should do so with its safety nets away ($name)', async (profile) => {
    expect(await failuresOf(profile, 5)).toEqual([]);
  });

  it.each(NEIGHBOURLY)(
    'should do so beside other repositories, owners and strangers ($name)',
    async (profile) => {
      expect(await failuresOf(profile, 4)).toEqual([]);
    },
  );

  it('should cost no more than is known when one fault strikes once', async () => {
    for (const profile of ONE_FAULT) expect(await failuresOf(profile, 3)).toEqual([]);
  });

  it('should still have the code that its mutants break', () => {
    for (const mutant of readMutants()) {
      const code = readFileSync(join(import.meta.dirname, '../../functions', mutant.file), 'utf8');
      expect(breakCode(code, mutant)).not.toBe(code);
    }
  });

  it('should launch once for each job when nothing goes wrong', async () => {
    const { jobs, surplus, counts } = await simulate({ seed: 7, jobs: 200, faults: NO_FAULTS });
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
    for (let seed = 0; seed < 60; seed++) {
      const { injected } = await simulate({ seed, jobs: JOBS, faults: ALL_FAULTS });
      for (const fault of injected.keys()) struck.add(fault);
    }
    // Lags are not events: a listing is always as old as it is.
    const events = FAULT_NAMES.filter((fault) => fault !== 'githubLag' && fault !== 'ecsLag');
    expect(events.filter((fault) => !struck.has(fault))).toEqual([]);
  });
});

describe('a burst', () => {
  // GitHub takes 180 JIT configs in any minute: the first at once, the last hundred after five.
  const boundMs = Math.floor(999 / 180) * MINUTE;

  it.each([
    ['one repository', { burstOf: 250, spreadMs: 20_000 }, 1.1],
    // Two reconciles at once, which know of each other what ECS shows: docs/adr/0013.
    ['three repositories', { burstOf: 50, isAcross: true, spreadMs: 20_000 }, 1.15],
  ])('should launch 1,000 jobs of %s within a tenth or so of GitHub’s limit', async (_, workload, most) => {
    const result = await simulate({ seed: 1, jobs: 1000, faults: NO_FAULTS, workload });
    expect(storyOf(result)).toEqual([]);
    expect(result.surplus).toBe(0);
    expect((result.launchesMs.at(-1) ?? 0) / boundMs).toBeLessThan(most);
    for (const atMs of result.launchesMs) {
      const ofMinute = result.launchesMs.filter((other) => other > atMs - MINUTE && other <= atMs);
      expect(ofMinute.length).toBeLessThanOrEqual(180);
    }
    expect(result.counts.refused / result.counts.launchCalls).toBeLessThan(0.1);
  });
});
