import type { LaunchOutcome } from './outcomes.ts';

/**
 * What a warm process remembers of a limit: until when GitHub asked to be left alone. Launches meanwhile go into doubt
 * without a call that would only be refused. Forgetting it costs a refused call, never a job.
 */
export interface Cooling {
  isCooling(nowMs: number): boolean;
  note(outcome: LaunchOutcome, nowMs: number): void;
}

export function createCooling(): Cooling {
  let untilMs = 0;
  return {
    isCooling: (nowMs) => nowMs < untilMs,
    note(outcome, nowMs) {
      if (outcome.kind === 'refused' && outcome.retryAfterSeconds !== undefined)
        untilMs = Math.max(untilMs, nowMs + outcome.retryAfterSeconds * 1000);
    },
  };
}
