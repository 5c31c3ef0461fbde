interface Timer {
  readonly dueMs: number;
  readonly action: () => void;
}

/** What is due when, in order; of one instant, what was asked for first. */
export class Timers {
  readonly #timers: Timer[] = [];

  /** When the next is due. */
  get nextMs(): number | undefined {
    return this.#timers[0]?.dueMs;
  }

  /** Returns a function that cancels it. */
  add(dueMs: number, action: () => void): () => void {
    const timer = { dueMs, action };
    const index = this.#timers.findLastIndex((other) => other.dueMs <= dueMs);
    this.#timers.splice(index + 1, 0, timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  /** Takes out the next that is due by then. */
  take(byMs: number): (() => void) | undefined {
    const [first] = this.#timers;
    if (first === undefined || first.dueMs > byMs) return undefined;
    this.#timers.shift();
    return first.action;
  }

  clear(): void {
    this.#timers.length = 0;
  }
}
