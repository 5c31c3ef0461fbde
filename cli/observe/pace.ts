/** How often calls may be made: a token bucket in the caller's time. */
export interface Pace {
  /** True, and the call is counted, when it may be made now. */
  take(nowMs: number): boolean;
  /** How long until the next call may be made. */
  waitMs(nowMs: number): number;
}

export function createPace(burst: number, perSecond: number): Pace {
  let tokens = burst;
  let filledAtMs = Number.NEGATIVE_INFINITY;
  const fill = (nowMs: number): void => {
    const earnedSeconds = Math.max(0, nowMs - filledAtMs) / 1000;
    tokens = Math.min(burst, tokens + earnedSeconds * perSecond);
    filledAtMs = nowMs;
  };
  return {
    take(nowMs) {
      fill(nowMs);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs(nowMs) {
      fill(nowMs);
      return Math.max(0, Math.ceil(((1 - tokens) / perSecond) * 1000));
    },
  };
}
