/** One thing that happens at a virtual time. `key` is drawn, so that things of one instant come in seeded order. */
interface Entry {
  readonly atMs: number;
  readonly key: number;
  readonly action: () => void;
}

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.key < b.key);

/**
 * A virtual clock with a seeded order of events. No real timer: between two events only microtasks run, until there
 * are none, so that code that awaits a port continues exactly when the port answers.
 */
export class Clock {
  nowMs: number;
  readonly #random: () => number;
  readonly #heap: Entry[] = [];
  #isWoken = false;

  constructor(startMs: number, random: () => number) {
    this.nowMs = startMs;
    this.#random = random;
  }

  at(atMs: number, action: () => void): void {
    this.#push({ atMs: Math.max(atMs, this.nowMs), key: this.#random(), action });
  }

  after(delayMs: number, action: () => void): void {
    this.at(this.nowMs + delayMs, action);
  }

  /** Says that something was started or answered: microtasks are run before the next event. */
  wake(): void {
    this.#isWoken = true;
  }

  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, () => {
        this.wake();
        resolve();
      });
    });
  }

  /** Runs what is due until then. */
  async runUntil(untilMs: number): Promise<void> {
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= untilMs; first = this.#heap[0]) {
      this.#pop();
      this.nowMs = first.atMs;
      first.action();
      if (!this.#isWoken) continue;
      this.#isWoken = false;
      // Node runs a tick that was set in a microtask once no microtask is left.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above] as Entry;
      if (!isBefore(entry, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = last;
  }
}
