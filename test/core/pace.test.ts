import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PastLaunch, planTurn } from '../../functions/core/plan/pace.ts';

const NOW_MS = 1_000_000_000;
/** GitHub's: 900 points a minute, 5 for a write. */
const LIMIT = 180;
const OWN = 1;
/** A round that began a moment ago, and one that has seen what others began with it. */
const begun = { repositoryId: OWN, atMs: NOW_MS };
const settled = { repositoryId: OWN, atMs: NOW_MS - 5_001 };

const left = fc.integer({ min: 1, max: 1000 });
const rounds = fc.constantFrom(begun, settled);
const pasts = fc.array(
  fc.record({
    atMs: fc.integer({ min: NOW_MS - 120_000, max: NOW_MS }),
    repositoryId: fc.integer({ min: OWN, max: OWN + 3 }),
  }),
  { maxLength: 300 },
);
/** Launches of a repository, by how long ago each was. */
const launched = (repositoryId: number, ...agesMs: readonly number[]): PastLaunch[] =>
  agesMs.map((ageMs) => ({ atMs: NOW_MS - ageMs, repositoryId }));
const ofLastMinute = (past: readonly PastLaunch[], nowMs: number) =>
  past.filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < 60_000).length;
const takenBy = (past: readonly PastLaunch[], wanted: number, round = settled) => {
  const turn = planTurn(past, wanted, round, NOW_MS);
  return 'launch' in turn ? turn.launch : 0;
};

describe('a turn', () => {
  it('should never take more than the minute has left', () => {
    fc.assert(
      fc.property(pasts, left, rounds, (past, wanted, round) => {
        const before = ofLastMinute(past, NOW_MS);
        expect(before + takenBy(past, wanted, round)).toBeLessThanOrEqual(Math.max(before, LIMIT));
      }),
    );
  });

  it('should leave half of the room to a round that may have begun at the same moment', () => {
    expect(planTurn([], 5, begun, NOW_MS)).toEqual({ launch: 5, spacingMs: 102 });
    expect(planTurn([], 1000, begun, NOW_MS)).toEqual({ launch: 88, spacingMs: 102 });
    fc.assert(
      fc.property(pasts, left, (past, wanted) => {
        const taken = takenBy(past, wanted, begun);
        if (taken > 0) expect(ofLastMinute(past, NOW_MS) + 2 * taken).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });

  it('should take all the room, twice as fast, once five seconds have shown that nobody else is at work', () => {
    const atMs = (ageMs: number) => ({ repositoryId: OWN, atMs: NOW_MS - ageMs });
    expect(planTurn([], 1000, atMs(5_000), NOW_MS)).toEqual({ launch: 88, spacingMs: 102 });
    expect(planTurn([], 1000, atMs(5_001), NOW_MS)).toEqual({ launch: 177, spacingMs: 51 });
  });

  it('should take one share of as many as there are repositories at work', () => {
    const past = [...launched(2, 1_000, 2_000), ...launched(3, 9_999), ...launched(4, 500)];
    for (const round of [begun, settled]) {
      // 177 less four, among four.
      expect(planTurn(past, 1000, round, NOW_MS)).toEqual({ launch: 43, spacingMs: 4 * 51 });
      expect(planTurn(past, 20, round, NOW_MS)).toEqual({ launch: 20, spacingMs: 4 * 51 });
    }
  });

  it('should give no share to itself, nor to what has launched nothing for ten seconds', () => {
    const past = [...launched(OWN, 1, 2), ...launched(2, 10_000), ...launched(3, 30_000)];
    expect(planTurn(past, 1000, settled, NOW_MS)).toEqual({ launch: 173, spacingMs: 51 });
    // One that is seen at work is the one that may have begun at the same moment.
    expect(planTurn([...past, ...launched(4, 9_999)], 1000, begun, NOW_MS)).toMatchObject({ spacingMs: 102 });
  });

  it('should leave each of them its share, and take its own, however many are at work', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), left, (others, wanted) => {
        const past = Array.from({ length: others }, (_, index) => launched(OWN + 1 + index, 1_000)).flat();
        const shares = others + 1;
        const taken = takenBy(past, wanted);
        expect(past.length + shares * taken).toBeLessThanOrEqual(LIMIT);
        expect(taken).toBeGreaterThan(0);
      }),
    );
  });

  const full = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 177, maxLength: 200 });

  it('should wait in a full minute until there is room, even if others have filled it', () => {
    fc.assert(
      fc.property(full, fc.constantFrom(OWN, 2), rounds, left, (agesMs, repositoryId, round, wanted) => {
        const past = launched(repositoryId, ...agesMs);
        const turn = planTurn(past, wanted, round, NOW_MS);
        if (!('waitMs' in turn)) throw new Error('there was room in a full minute');
        expect(turn.waitMs).toBeLessThanOrEqual(60_100);
        expect(planTurn(past, wanted, round, NOW_MS + turn.waitMs)).toHaveProperty('launch');
      }),
    );
  });

  it('should wait until then and no longer, where it is alone', () => {
    fc.assert(
      fc.property(full, left, (agesMs, wanted) => {
        const past = launched(OWN, ...agesMs);
        const turn = planTurn(past, wanted, settled, NOW_MS);
        // Less than half a second is not worth a look at the tasks.
        const soonerMs = 'waitMs' in turn && turn.waitMs > 500 ? turn.waitMs - 1 : 0;
        expect(planTurn(past, wanted, settled, NOW_MS + soonerMs)).toHaveProperty('waitMs');
      }),
    );
  });

  it('should use a minute and never pass it, turn after turn', () => {
    const past: PastLaunch[] = [];
    let nowMs = NOW_MS;
    for (let remaining = 1000; remaining > 0; ) {
      const turn = planTurn(past, remaining, begun, nowMs);
      if ('waitMs' in turn) {
        nowMs += turn.waitMs;
        continue;
      }
      for (let n = 0; n < turn.launch; n++) {
        past.push({ atMs: nowMs, repositoryId: OWN });
        expect(ofLastMinute(past, nowMs)).toBeLessThanOrEqual(LIMIT);
        nowMs += turn.spacingMs;
      }
      remaining -= turn.launch;
    }
    // 1,000 at 177 a minute: the sixth minute, and its launches one after another.
    expect((nowMs - NOW_MS) / 1000).toBeLessThan(330);
  });
});
