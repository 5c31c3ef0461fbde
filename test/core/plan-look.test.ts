import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { raiseDoubt } from '../../functions/core/plan/doubt.ts';
import type { CallBudget } from '../../functions/core/plan/job-look.ts';
import { isNearlySpent, planLook, plentyOf } from '../../functions/core/plan/plan-look.ts';
import { WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_000 * MINUTE_MS;
/** How many of 5,000 calls are left, and how many minutes of the hour. */
const budget = (remaining: number, minutesLeft: number): CallBudget => ({
  limit: 5_000,
  remaining,
  resetsAtMs: NOW_MS + minutesLeft * MINUTE_MS,
});
const fresh = raiseDoubt(WEB, NOW_MS);
const named = { ...fresh, jobIds: [7] };
const ahead = { mostReads: 100, isNamedOnly: false, longestMs: 20_000, isContinued: true };

describe('how an installation stands', () => {
  it.each<[string, CallBudget | undefined, string]>([
    ['nothing is known of it', undefined, 'ahead'],
    ['more is left of its calls than of its hour', budget(4_000, 30), 'ahead'],
    ['a little less is left of its calls than of its hour', budget(2_000, 30), 'ahead'],
    ['less is left of its calls than of its hour', budget(1_990, 30), 'behind'],
    ['less than a third is left', budget(1_666, 5), 'scarce'],
    ['a third is left near the end', budget(1_667, 5), 'ahead'],
    ['nothing was left and its hour is over', budget(0, 0), 'ahead'],
    ['nothing was left long ago', budget(0, -600), 'ahead'],
    ['its clock runs ahead', budget(4_600, 90), 'ahead'],
  ])('should be seen where %s', (_, known, expected) => {
    expect(plentyOf(known, NOW_MS)).toBe(expected);
  });

  it('should be nearly spent under a tenth, until its hour is over', () => {
    expect([budget(500, 5), budget(499, 5), budget(499, 0)].map((one) => isNearlySpent(one, NOW_MS))).toEqual(
      [false, true, false],
    );
    expect(isNearlySpent(undefined, NOW_MS)).toBe(false);
  });
});

describe('planLook', () => {
  it.each<[string, CallBudget | undefined, object]>([
    ['an unknown budget', undefined, ahead],
    ['plenty', budget(5_000, 60), ahead],
    ['less than the hour’s share', budget(1_990, 30), { ...ahead, mostReads: 25, isContinued: false }],
    ['less than a third', budget(1_600, 30), { ...ahead, mostReads: 10, isContinued: false }],
    ['an hour that is over', budget(0, 0), ahead],
  ])('should read as much as %s allows', (_, known, expected) => {
    expect(planLook(fresh, known, NOW_MS)).toEqual(expected);
  });

  it('should read named jobs alone where the hour is nearly spent, and wait for the reset without any', () => {
    const little = budget(499, 5);
    expect(planLook(named, little, NOW_MS)).toMatchObject({ isNamedOnly: true, mostReads: 10 });
    expect(planLook(fresh, little, NOW_MS)).toEqual({ waitUntilMs: little.resetsAtMs });
  });

  it('should read nothing at all of the last fifty calls, which removals need', () => {
    const spent = budget(50, 5);
    expect(planLook(named, spent, NOW_MS)).toEqual({ waitUntilMs: spent.resetsAtMs });
    expect(planLook(named, budget(51, 5), NOW_MS)).toHaveProperty('mostReads');
    expect(planLook(named, budget(50, 0), NOW_MS)).toEqual(ahead);
  });

  it('should look at named jobs alone where a job has ended', () => {
    const ended = { ...named, endedJob: { runId: 5, atMs: NOW_MS } };
    expect(planLook(ended, undefined, NOW_MS)).toEqual({ ...ahead, isNamedOnly: true });
  });

  it('should give twice the time after each look that came to nothing, up to 160 s', () => {
    const times = [0, 1, 2, 3, 4, 100, Number.MAX_SAFE_INTEGER].map((failures) => {
      const plan = planLook({ ...fresh, failures }, undefined, NOW_MS);
      return 'longestMs' in plan && plan.longestMs / 1_000;
    });
    expect(times).toEqual([20, 40, 80, 160, 160, 160, 160]);
  });

  it('should either read something within its bounds or wait for a time that is still to come', () => {
    const budgets = fc.record({
      limit: fc.integer({ min: 0, max: 15_000 }),
      remaining: fc.integer({ min: 0, max: 15_000 }),
      resetsAtMs: fc.integer({ min: NOW_MS - 90 * MINUTE_MS, max: NOW_MS + 90 * MINUTE_MS }),
    });
    fc.assert(
      fc.property(fc.option(budgets, { nil: undefined }), fc.constantFrom(fresh, named), (known, doubt) => {
        const plan = planLook(doubt, known, NOW_MS);
        if ('waitUntilMs' in plan) expect(plan.waitUntilMs).toBeGreaterThan(NOW_MS);
        else expect(plan.mostReads).toSatisfy((n) => n === 8 || (n > 8 && n <= (known?.limit ?? 5_000) / 50));
      }),
    );
  });
});
