import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTurn } from '../../functions/core/pace.ts';

const NOW_MS = 1_000_000_000;
/** GitHub's: 900 points a minute, 5 for a write. */
const LIMIT = 180;
const ages = fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 300 });
/** Of a minute in which no launch more has room. */
const full = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 174, maxLength: 200 });
const launchedAt = (agesMs: readonly number[]) => agesMs.map((ageMs) => NOW_MS - ageMs);
const ofLastMinute = (times: readonly number[], nowMs: number) =>
  times.filter((atMs) => nowMs - atMs < 60_000).length;

describe('a turn', () => {
  it('should launch all at once what the minute has room for twice over', () => {
    expect(planTurn([], 5, NOW_MS)).toEqual({ launch: 5 });
    expect(planTurn([], 87, NOW_MS)).toEqual({ launch: 87 });
  });

  it('should leave the other half of the room to a reconcile that looks at the same moment', () => {
    fc.assert(
      fc.property(ages, fc.integer({ min: 1, max: 1000 }), (agesMs, left) => {
        const times = launchedAt(agesMs.slice(0, 170));
        const turn = planTurn(times, left, NOW_MS);
        const taken = 'launch' in turn ? turn.launch : 0;
        expect(ofLastMinute(times, NOW_MS) + taken).toBeLessThanOrEqual(LIMIT);
        if (taken > 12) expect(ofLastMinute(times, NOW_MS) + 2 * taken).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });

  it('should wait no longer than until there is room, and no shorter', () => {
    fc.assert(
      fc.property(full, fc.integer({ min: 1, max: 1000 }), (agesMs, left) => {
        const times = launchedAt(agesMs);
        const turn = planTurn(times, left, NOW_MS);
        if (!('waitMs' in turn)) throw new Error('there was room in a full minute');
        expect(turn.waitMs).toBeLessThanOrEqual(60_500);
        const isEarly = turn.waitMs > 1_000;
        if (isEarly) expect(planTurn(times, left, NOW_MS + turn.waitMs - 1)).toHaveProperty('waitMs');
        expect(planTurn(times, left, NOW_MS + turn.waitMs)).toHaveProperty('launch');
      }),
    );
  });

  it('should use a minute and never pass it, turn after turn', () => {
    const times: number[] = [];
    for (let nowMs = NOW_MS, left = 1000; left > 0; ) {
      const turn = planTurn(times, left, nowMs);
      if ('waitMs' in turn) nowMs += turn.waitMs;
      else {
        for (let n = 0; n < turn.launch; n++) {
          nowMs += 110;
          times.push(nowMs);
        }
        left -= turn.launch;
        for (const atMs of times)
          expect(
            ofLastMinute(
              times.filter((t) => t <= atMs),
              atMs,
            ),
          ).toBeLessThanOrEqual(LIMIT);
      }
    }
    // 1,000 in turns of 174 a minute: the sixth minute's end.
    const lastS = ((times.at(-1) ?? 0) - NOW_MS) / 1000;
    expect(lastS).toBeLessThan(345);
  });
});
