import type { WorldClock } from '../world/clock.ts';

/** A token bucket in world time, the way AWS limits its APIs (ECS developer guide: Request throttling). */
export interface Bucket {
  /** Takes `count` tokens, or none and says no. */
  take(count?: number): boolean;
}

export function createBucket(clock: WorldClock, capacity: number, refillPerSecond: number): Bucket {
  let tokens = capacity;
  let filledAtMs = clock.nowMs();
  const refill = () => {
    const nowMs = clock.nowMs();
    tokens = Math.min(capacity, tokens + ((nowMs - filledAtMs) / 1000) * refillPerSecond);
    filledAtMs = nowMs;
  };
  return {
    take(count = 1) {
      refill();
      if (tokens < count) return false;
      tokens -= count;
      return true;
    },
  };
}
