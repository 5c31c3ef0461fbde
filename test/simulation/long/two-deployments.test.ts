import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../simulation/faults.ts';
import { GitHub } from '../../../simulation/github/github.ts';
import { deploy } from '../../../simulation/simulate.ts';
import { leftOver } from '../../../simulation/verdict.ts';
import { arrive } from '../../../simulation/workload.ts';
import { ALL_FAULTS, FAULTS_LAST_MS, MINUTE, NO_FAULTS, START_MS, World } from '../../../simulation/world.ts';

/** As infra/cluster.yml names runners: the stack, and digits of its id. */
const EAST = 'oneshot-prod-51af3dc0';
const WEST = 'oneshot-prod-0a1b2c3d';
/** As docs/deploy.md has it: two deployments serve the same repositories, each by a label of its own. */
const LABELS = [['fargate'], ['self-hosted', 'fargate'], ['west'], ['self-hosted', 'west'], ['west/spot']];
const JOBS = 40;
/** Forged deliveries know only the one name of other runs. */
const FAULTS = new Set([...ALL_FAULTS].filter((fault) => fault !== 'stranger-webhook'));

/** Two `prod` of one organisation, in two regions, whose Apps are told of each job alike. */
async function play(
  seed: number,
  faults: ReadonlySet<Fault>,
  [east, west]: readonly [string, string] = [EAST, WEST],
) {
  const world = new World({ seed, jobs: JOBS, faults, workload: { labels: LABELS } });
  const github = new GitHub(world);
  const { policy } = world;
  const first = deploy(world, github, { policy, prefix: east }).services;
  const second = deploy(world, github, { policy: { ...policy, labelPrefix: 'west' }, prefix: west }).services;
  const both = [first, second];
  github.onEvent = (...event) => {
    for (const { deliveries } of both) deliveries.send(...event);
  };
  arrive(first, { seed, jobs: JOBS, faults });
  await world.clock.runUntil(START_MS + FAULTS_LAST_MS + 120 * MINUTE);
  return { world, github, both };
}

const seeds = (count: number) => Array.from({ length: count }, (_, index) => 60_000 + index);

describe('two deployments of one stage in two regions', () => {
  it('should each launch once for each of its own jobs, and for none of the other', async () => {
    for (const seed of seeds(2)) {
      const { world, github, both } = await play(seed, NO_FAULTS);
      expect(world.violations).toEqual([]);
      const jobs = [...github.jobs.values()];
      const launchedBy = both.map(({ ecs }) => ecs.tasks.length);
      const west = jobs.filter(({ labels }) => labels.some((label) => label.startsWith('west'))).length;
      expect(launchedBy).toEqual([JOBS - west, west]);
      for (const { runner, labels } of jobs)
        expect(runner?.name).toMatch(labels.join().includes('west') ? WEST : EAST);
    }
  }, 300_000);

  it('should lose nothing and never remove a runner of the other, whatever fails', async () => {
    for (const seed of seeds(6)) {
      const { world, both } = await play(seed, FAULTS);
      expect({ seed, violations: world.violations }).toEqual({ seed, violations: [] });
      expect(both.flatMap(leftOver)).toEqual([]);
    }
  }, 300_000);

  it('would remove each other’s, if their runners had the same names', async () => {
    const found = await Promise.all(seeds(2).map((seed) => play(seed, FAULTS, [EAST, EAST])));
    const kinds = found.flatMap(({ world }) => world.violations.map(({ kind }) => kind));
    expect(kinds).toContain('removed another’s');
  }, 300_000);
});
