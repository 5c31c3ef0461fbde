import type { LaunchOutcome } from '../core/words/outcomes.ts';

/**
 * What a warm process remembers of limits: until when GitHub asked to be left alone, for each owner, as limits are an
 * installation's. Launches meanwhile go into doubt without a call that would only be refused. Forgetting it costs a
 * refused call, never a job.
 */
export interface Cooling {
  isCooling(owner: string, nowMs: number): boolean;
  note(owner: string, outcome: LaunchOutcome, nowMs: number): void;
}

/** Owners in runners.yml are few; this bounds what a mistake could make of it. */
const MOST_OWNERS = 1_000;

export function createCooling(): Cooling {
  const untilMs = new Map<string, number>();
  return {
    isCooling: (owner, nowMs) => nowMs < (untilMs.get(owner) ?? 0),
    note(owner, outcome, nowMs) {
      if (outcome.kind !== 'refused' || outcome.retryAfterSeconds === undefined) return;
      if (untilMs.size >= MOST_OWNERS) untilMs.clear();
      untilMs.set(owner, Math.max(untilMs.get(owner) ?? 0, nowMs + outcome.retryAfterSeconds * 1000));
    },
  };
}
