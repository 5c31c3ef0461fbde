import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PastLaunch, planTurn } from '../../functions/core/pace.ts';

const NOW_MS = 1_000_000_000;
/** GitHub's: 900 points a minute, 5 for a write. */
const LIMIT = 180;
const ages = fc.array(fc.record({ ageMs: fc.integer({ min: 0, max: 120_000 }), isOwn: fc.boolean() }), {
  maxLength: 300,
});
const left = fc.integer({ min: 1, max: 1000 });
const launched = (made: readonly { ageMs: number; isOwn: boolean }[]): PastLaunch[] =>
  made.map(({ ageMs, isOwn }) => ({ atMs: NOW_MS - ageMs, isOwn, reconciledId: isOwn ? 1 : undefined }));
/** The launches of another repository's reconcile. */
const reconciled = (reconciledId: number, ...agesMs: readonly number[]): PastLaunch[] =>
  agesMs.map((ageMs) => ({ atMs: NOW_MS - ageMs, isOwn: false, reconciledId }));
const own = (...agesMs: readonly number[]) => launched(agesMs.map((ageMs) => ({ ageMs, isOwn: true })));
const others = (...agesMs: readonly number[]) => launched(agesMs.map((ageMs) => ({ ageMs, isOwn: false })));
const ofLastMinute = (past: readonly PastLaunch[], nowMs: number) =>
  past.filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < 60_000).length;
const takenBy = (past: readonly PastLaunch[], wanted: number) => {
  const turn = planTurn(past, wanted, NOW_MS);
  return 'launch' in turn ? turn.launch : 0;
};

describe('a turn', () => {
  it('should launch all at once what the minute has room for twice over', () => {
    expect(planTurn([], 5, NOW_MS)).toEqual({ launch: 5, spacingMs: 110 });
    expect(planTurn([], 88, NOW_MS)).toEqual({ launch: 88, spacingMs: 110 });
  });

  it('should never take more than the minute has left', () => {
    fc.assert(
      fc.property(ages, left, (made, wanted) => {
        const past = launched(made);
        const before = ofLastMinute(past, NOW_MS);
        expect(before + takenBy(past, wanted)).toBeLessThanOrEqual(Math.max(before, LIMIT));
      }),
    );
  });

  it('should leave a share of the room to a reconcile that may look at the same moment', () => {
    fc.assert(
      fc.property(ages, left, (made, wanted) => {
        const past = launched([...made, { ageMs: 30_000, isOwn: false }]);
        const taken = takenBy(past, wanted);
        if (taken > 0) expect(ofLastMinute(past, NOW_MS) + 2 * taken).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });

  it('should take all the room, twice as fast, once it has launched for a while and nobody else has', () => {
    expect(planTurn(own(100, 5_100), 1000, NOW_MS)).toEqual({ launch: 175, spacingMs: 55 });
    expect(planTurn(own(100, 4_900), 1000, NOW_MS)).toEqual({ launch: 87, spacingMs: 110 });
    expect(planTurn([...own(5_100), ...others(59_000)], 1000, NOW_MS)).toEqual({
      launch: 87,
      spacingMs: 110,
    });
    expect(planTurn([...own(5_100), ...others(61_000)], 1000, NOW_MS)).toMatchObject({ spacingMs: 55 });
  });

  it('should take one share of as many as there are reconciles at work', () => {
    const past = [...reconciled(2, 1_000, 2_000), ...reconciled(3, 9_999), ...reconciled(4, 500)];
    // 177 less four, among four.
    expect(planTurn(past, 1000, NOW_MS)).toEqual({ launch: 43, spacingMs: 4 * 55 });
    expect(planTurn(past, 20, NOW_MS)).toEqual({ launch: 20, spacingMs: 4 * 55 });
  });

  it('should count no reconcile that has launched nothing for ten seconds, nor a webhook, nor itself', () => {
    const quiet = [...reconciled(2, 10_000), ...reconciled(3, 30_000)];
    const webhooks = others(1, 2, 3, 4);
    expect(planTurn([...quiet, ...webhooks, ...own(1), ...reconciled(4, 9)], 1000, NOW_MS)).toEqual({
      launch: 84,
      spacingMs: 2 * 55,
    });
  });

  it('should leave each of them its share, however many are at work', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 2, max: 100 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(ids, left, (atWork, wanted) => {
        const past = atWork.flatMap((id) => reconciled(id, 1_000));
        const shares = atWork.length + 1;
        expect(past.length + shares * takenBy(past, wanted)).toBeLessThanOrEqual(LIMIT);
      }),
    );
  });

  it('should wait no longer than until there is room, and no shorter', () => {
    const full = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 177, maxLength: 200 });
    fc.assert(
      fc.property(full, fc.boolean(), left, (agesMs, isOwn, wanted) => {
        const past = isOwn ? own(...agesMs) : others(...agesMs);
        const turn = planTurn(past, wanted, NOW_MS);
        if (!('waitMs' in turn)) throw new Error('there was room in a full minute');
        expect(turn.waitMs).toBeLessThanOrEqual(60_200);
        const isEarly = turn.waitMs > 500;
        if (isEarly) expect(planTurn(past, wanted, NOW_MS + turn.waitMs - 1)).toHaveProperty('waitMs');
        expect(planTurn(past, wanted, NOW_MS + turn.waitMs)).toHaveProperty('launch');
      }),
    );
  });

  it('should use a minute and never pass it, turn after turn', () => {
    const past: PastLaunch[] = [];
    let nowMs = NOW_MS;
    for (let remaining = 1000; remaining > 0; ) {
      const turn = planTurn(past, remaining, nowMs);
      if ('waitMs' in turn) {
        nowMs += turn.waitMs;
        continue;
      }
      for (let n = 0; n < turn.launch; n++) {
        past.push({ atMs: nowMs, isOwn: true, reconciledId: 1 });
        expect(ofLastMinute(past, nowMs)).toBeLessThanOrEqual(LIMIT);
        nowMs += turn.spacingMs;
      }
      remaining -= turn.launch;
    }
    // 1,000 at 177 a minute: the sixth minute, and its launches one after another.
    expect((nowMs - NOW_MS) / 1000).toBeLessThan(330);
  });
});
