import { describe, expect, it } from 'vitest';
import { play } from './random/play.ts';

/** Enough to notice a lie early; `npm run test:supervisor` plays any number. */
const RUNS = 6;
const seeds = Array.from({ length: RUNS }, (_, seed) => seed);

describe.concurrent('a listener that behaves at random', () => {
  it.for(seeds)('should not make the supervisor lie: npm run test:supervisor -- --seed %i', async (seed) => {
    const { faults, story } = await play(seed);
    expect(faults, story).toEqual([]);
  });
});
