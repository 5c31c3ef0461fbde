import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULT_NAMES } from '../../simulation/faults.ts';
import { breakCode, readMutants } from '../../simulation/mutants.ts';
import { DOCKER_LABELS } from '../../simulation/options.ts';
import { BESIDE_OTHERS, MIXED, ONE_PART_AWAY, type Profile } from '../../simulation/profiles.ts';
import { ONE_FAULT } from '../../simulation/profiles-one-fault.ts';
import { simulate } from '../../simulation/simulate.ts';
import { storyOf } from '../../simulation/story.ts';
import { ALL_FAULTS, NO_FAULTS } from '../../simulation/world.ts';

const JOBS = 30;
/** Not those of `npm run simulate`, which start at 0. */
const FIRST_SEED = 50_000;
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
      expect(await failuresOf(profile, profile.name === 'all' ? 8 : 3)).toEqual([]);
    },
  );

  it.each(ONE_PART_AWAY)('should do so with its safety nets away ($name)', async (profile) => {
    expect(await failuresOf(profile, 2)).toEqual([]);
  });

  it.each(BESIDE_OTHERS)(
    'should do so beside other repositories, owners and strangers ($name)',
    async (profile) => {
      expect(await failuresOf(profile, profile.name === 'idle-1000' ? 1 : 2)).toEqual([]);
    },
  );

  it.each(ONE_FAULT)(
    'should cost no more than is known when one fault strikes once ($name)',
    async (profile) => {
      expect(await failuresOf(profile, 2)).toEqual([]);
    },
  );

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

  it('should strike with every fault that it has', { timeout: 600_000 }, async () => {
    const struck = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      // Every other seed has jobs with Docker: some faults strike only those.
      const workload = seed % 2 === 0 ? {} : { labels: DOCKER_LABELS };
      const { injected } = await simulate({ seed, jobs: JOBS, faults: ALL_FAULTS, workload });
      for (const fault of injected.keys()) struck.add(fault);
    }
    // Lags are not events: a listing is always as old as it is.
    const events = FAULT_NAMES.filter((fault) => fault !== 'github-lag' && fault !== 'ecs-lag');
    expect(events.filter((fault) => !struck.has(fault))).toEqual([]);
  });
});
