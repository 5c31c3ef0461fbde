/**
 * Gives out turns that are at least so far apart, whoever asks: launches of one reconcile run in parallel and still
 * keep under GitHub's and ECS's rates. Spacing is not waiting for a refusal to pass (rule 8).
 */
export function createPacer(
  spacingMs: number,
  now: () => number,
  pause: (milliseconds: number) => Promise<void>,
) {
  let nextTurnAtMs = Number.NEGATIVE_INFINITY;
  return async (): Promise<void> => {
    const waitMs = Math.max(0, nextTurnAtMs - now());
    nextTurnAtMs = now() + waitMs + spacingMs;
    if (waitMs > 0) await pause(waitMs);
  };
}
