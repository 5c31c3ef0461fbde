/**
 * The embedded world's clock: starts at the real time and runs `speed` times as fast, so that every waiting
 * time of the product shrinks by the same factor and no rule needs a switch for tests.
 */
export interface WorldClock {
  /** World seconds that pass in one real second. */
  readonly speed: number;
  /** Real epoch milliseconds at which world and real time were equal. */
  readonly epochMs: number;
  /** World time, epoch milliseconds. */
  nowMs(): number;
  /** World time as ISO 8601. */
  nowIso(): string;
  /** Resolves after `worldMs` of world time. */
  sleep(worldMs: number): Promise<void>;
  /** Calls `action` after `worldMs` of world time; returns a function that cancels it. */
  after(worldMs: number, action: () => void): () => void;
}

export function createClock(speed: number, epochMs: number = Date.now()): WorldClock {
  if (!(speed > 0)) throw new RangeError(`speed must be a number above 0, not ${speed}`);
  const nowMs = () => Math.round(epochMs + (Date.now() - epochMs) * speed);
  const after = (worldMs: number, action: () => void) => {
    const timer = setTimeout(action, worldMs / speed);
    return () => clearTimeout(timer);
  };
  return {
    speed,
    epochMs,
    nowMs,
    nowIso: () => new Date(nowMs()).toISOString(),
    sleep: (worldMs) => new Promise((resolve) => void after(worldMs, resolve)),
    after,
  };
}
