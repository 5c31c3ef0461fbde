/** Work of this machine that the world's time waits for: a function, a task's processes, a delivery under way. */
export interface Hold {
  /** The work waits for the world itself: time may pass, though it is not over. */
  pause(): void;
  /** It works again. */
  resume(): void;
  /** It is over. */
  release(): void;
}

/** The embedded world's clock. All of the world lives by it; what it does on a real clock too is said where it differs. */
export interface WorldClock {
  /** By how much it is faster than the processes that live in real time beside it. */
  readonly speed: number;
  /** World time at the start, epoch milliseconds. */
  readonly epochMs: number;
  /** True where time waits for holds, and processes are told the time. */
  readonly standsStill: boolean;
  /** World time, epoch milliseconds. */
  nowMs(): number;
  /** World time as ISO 8601. */
  nowIso(): string;
  /** Calls `action` after `worldMs` of world time; returns a function that cancels it. */
  after(worldMs: number, action: () => void): () => void;
  /** Resolves after `worldMs` of world time. Somebody outside waits: time jumps where it may. */
  sleep(worldMs: number): Promise<void>;
  /** As `after`, though somebody works meanwhile: an answer that is late is late whatever this machine does. */
  lag(worldMs: number): Promise<void>;
  /** Begins a work that time waits for. `slackMs`: this much may pass before it does, so that works overlap. */
  hold(slackMs?: number): Hold;
  /** Somebody outside waits: where nobody works, time jumps to what is due next, until the answer is called. */
  hurry(): () => void;
  /** Time jumps until `isSo`; it is asked before each step. False where `withinMs` of world time pass before. */
  until(isSo: () => boolean, withinMs?: number): Promise<boolean>;
  /** Nothing that is due happens any more. */
  stop(): void;
}

/** Resolves after `worldMs` of world time, which nobody outside waits for. */
export const pass = (clock: WorldClock, worldMs: number): Promise<void> =>
  new Promise((resolve) => void clock.after(worldMs, resolve));

/** What a clock answers that waits for nobody. */
export const UNHELD = {
  standsStill: false,
  hold: (): Hold => ({ pause: () => undefined, resume: () => undefined, release: () => undefined }),
  hurry: () => () => undefined,
  stop: () => undefined,
} as const;

const LOOK_EVERY_MS = 20;

/** A clock that starts at the real time, waits for nobody, and runs `speed` times as fast. */
export function createClock(speed: number, epochMs: number = Date.now()): WorldClock {
  if (!(speed > 0)) throw new RangeError(`speed must be a number above 0, not ${speed}`);
  const timers = new Set<NodeJS.Timeout>();
  let hasStopped = false;
  const nowMs = () => Math.round(epochMs + (Date.now() - epochMs) * speed);
  const after = (worldMs: number, action: () => void) => {
    if (hasStopped) return () => undefined;
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, worldMs / speed);
    timers.add(timer);
    return () => {
      timers.delete(timer);
      clearTimeout(timer);
    };
  };
  const sleep = (worldMs: number) => new Promise<void>((resolve) => void after(worldMs, resolve));
  return {
    ...UNHELD,
    speed,
    epochMs,
    nowMs,
    nowIso: () => new Date(nowMs()).toISOString(),
    after,
    sleep,
    lag: sleep,
    async until(isSo, withinMs = Number.POSITIVE_INFINITY) {
      const endsAtMs = nowMs() + withinMs;
      while (!isSo()) {
        if (hasStopped || nowMs() >= endsAtMs) return false;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
      return true;
    },
    stop() {
      hasStopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
