import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Workload } from '../../test/simulation/options.ts';
import { simulate } from '../../test/simulation/simulate.ts';
import { NO_FAULTS } from '../../test/simulation/world.ts';
import { burstPlot } from '../plot.ts';
import type { Bench } from '../row.ts';

const JOBS = 1000;
/** 900 points a minute, 5 for a write (docs.github.com, Rate limits for the REST API). */
const JIT_A_MINUTE = 180;
const MINUTE_MS = 60_000;
const PLOT = path.join(import.meta.dirname, '../../docs/burst.svg');

/** The most of these that lie within one minute. */
const mostInAMinute = (timesMs: readonly number[]): number =>
  Math.max(
    ...timesMs.map((atMs) => timesMs.filter((other) => other > atMs - MINUTE_MS && other <= atMs).length),
  );

/** In virtual time: the real flows on the models of test/simulation, which keep GitHub's and ECS's limits. */
export const burst: Bench = async () => {
  const workload: Workload = { burstOf: 250, spreadMs: 20_000 };
  const result = await simulate({ seed: 1, jobs: JOBS, faults: NO_FAULTS, workload });
  const { launchesMs, counts, violations } = result;
  if (violations.length > 0) throw new Error(`the burst went wrong: ${JSON.stringify(violations)}`);
  await writeFile(PLOT, burstPlot(launchesMs, JIT_A_MINUTE));
  const lastMs = launchesMs.at(-1) ?? 0;
  const boundMs = Math.floor((JOBS - 1) / JIT_A_MINUTE) * MINUTE_MS;
  return [
    {
      id: 'burst',
      what: `Burst of ${JOBS} jobs within 20 s: to the last launch, virtual time`,
      unit: 's',
      measured: lastMs / 1000,
      bound: boundMs / 1000,
      boundIs: 'the first 180 JIT configs at once, then 180 in any minute',
      goal: (1.1 * boundMs) / 1000,
      goalIs: 'within 10 % of the bound, nothing lost',
      peer: '17 minutes at one JIT config a second',
      note: `Lost: 0. Calls of GitHub and ECS that were refused: ${((100 * counts.refused) / counts.launchCalls).toFixed(1)} %.`,
    },
    {
      id: 'jit-a-minute',
      what: 'JIT configs that became tasks, in the fullest minute of that burst',
      unit: 'a minute',
      measured: mostInAMinute(launchesMs),
      bound: JIT_A_MINUTE,
      boundIs: 'GitHub’s 900 points a minute',
      goal: 0.9 * JIT_A_MINUTE,
      goalIs: 'at least 90 % of the bound, never over it',
      isMoreBetter: true,
      peer: '60 (a hidden limit of one write a second)',
    },
  ];
};
