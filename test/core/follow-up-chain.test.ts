import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Doubt, raiseDoubt, readDoubt, writeDoubt } from '../../functions/core/plan/doubt.ts';
import {
  type FollowUp,
  followFailure,
  followLook,
  type Looked,
  putBack,
} from '../../functions/core/plan/follow-up.ts';
import { WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 1_000_000 * MINUTE_MS;
/** The queue's own: no message comes sooner. */
const QUEUE_DELAY_MS = 20_000;

/** What comes of one receipt of the message; times are from that moment on. */
type Step =
  | { readonly kind: 'failure' }
  | { readonly kind: 'look'; readonly looked: Looked; readonly waitsMs: readonly number[] };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>({ kind: 'failure' }),
  fc.record({
    kind: fc.constant('look' as const),
    looked: fc.record({
      look: fc.record({
        isWhole: fc.boolean(),
        resumeAfterRunId: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
        problem: fc.option(fc.constant('GitHub is down'), { nil: undefined }),
      }),
      isNamedOnly: fc.boolean(),
      waiting: fc.constant([]),
      isHopeless: fc.boolean(),
      isContinued: fc.boolean(),
    }),
    // Never longer than a job's own pause: 55 minutes.
    waitsMs: fc.array(fc.integer({ min: 0, max: 55 * MINUTE_MS }), { maxLength: 12 }),
  }),
);

function follow(doubt: Doubt, step: Step, nowMs: number): FollowUp {
  if (nowMs < doubt.dueAtMs) return putBack(doubt, doubt.dueAtMs, nowMs);
  if (step.kind === 'failure') return followFailure(doubt, new Error('GitHub is down'), nowMs);
  const waiting = step.waitsMs.map((ms, index) => ({ jobId: index + 1, dueAtMs: nowMs + ms }));
  return followLook(doubt, { ...step.looked, waiting }, nowMs);
}

const raised = fc
  .record({
    jobIds: fc.array(fc.integer({ min: 1 }), { maxLength: 10 }),
    hasEnded: fc.boolean(),
    isNews: fc.boolean(),
  })
  .map(({ jobIds, hasEnded, isNews }) =>
    raiseDoubt(WEB, NOW_MS, { jobIds, isNews, ...(hasEnded && { endedJob: { runId: 5, atMs: NOW_MS } }) }),
  );

describe('the messages that come of one doubt', () => {
  it('should come to an end, whatever each look finds', () => {
    fc.assert(
      fc.property(raised, fc.array(steps, { minLength: 1, maxLength: 20 }), (first, found) => {
        let doubt: Doubt | undefined = first;
        let nowMs = NOW_MS;
        let sends = 0;
        // The same looks over and over.
        for (; doubt !== undefined && sends < 10_000; sends++) {
          nowMs += QUEUE_DELAY_MS;
          const message = readDoubt(writeDoubt(doubt), nowMs);
          const step = found[sends % found.length];
          if (message === undefined || step === undefined) throw new Error('the message cannot be read');
          const next = follow(message, step, nowMs);
          doubt = next.kind === 'again' ? next.doubt : undefined;
        }
        expect(sends).toBeLessThanOrEqual(6_001);
        expect(nowMs - NOW_MS).toBeLessThanOrEqual(25 * 60 * MINUTE_MS + QUEUE_DELAY_MS);
      }),
    );
  });

  it('should come to an end too where the queue has no delay', () => {
    const looked = { look: { isWhole: true, resumeAfterRunId: undefined, problem: undefined } };
    let next: FollowUp = { kind: 'again', doubt: raiseDoubt(WEB, NOW_MS) };
    let sends = 0;
    for (; next.kind === 'again' && sends < 10_000; sends++) {
      const waiting = [{ jobId: 1, dueAtMs: NOW_MS }];
      const rest = { isNamedOnly: false, isHopeless: false, isContinued: true, waiting };
      next = followLook(next.doubt, { ...looked, ...rest }, NOW_MS);
    }
    expect([next.kind, sends]).toEqual(['ended', 6_001]);
  });

  it('should never end as settled before lists must show what it was raised for', () => {
    fc.assert(
      fc.property(raised, steps, fc.integer({ min: 0, max: 2 * MINUTE_MS }), (first, step, lateMs) => {
        const nowMs = NOW_MS + lateMs;
        const isSettled = follow(first, step, nowMs).kind === 'settled';
        if (isSettled) expect(nowMs).toBeGreaterThanOrEqual(first.listedAtMs);
      }),
    );
  });

  it('should never be due in the past, and after a failure within 15 minutes and after one', () => {
    fc.assert(
      fc.property(raised, fc.integer({ min: 0, max: 4 }), steps, (first, failures, step) => {
        const next = follow({ ...first, failures }, step, NOW_MS);
        if (next.kind !== 'again') return;
        expect(next.doubt.dueAtMs).toBeGreaterThanOrEqual(NOW_MS);
        expect(next.doubt.jobIds.length).toBeLessThanOrEqual(10);
        if (step.kind === 'failure') expect(next.doubt.dueAtMs).toBeLessThanOrEqual(NOW_MS + 15 * MINUTE_MS);
        if (next.doubt.failures > 0) expect(next.doubt.dueAtMs).toBeGreaterThanOrEqual(NOW_MS + 65_000);
      }),
    );
  });
});
