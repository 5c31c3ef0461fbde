import { clockTime } from '../units.ts';
import { explainUnread } from './explain.ts';
import type { LogGroup, ReadPage, Slice } from './log-reader.ts';
import type { LogRecord } from './records.ts';

export interface HistoryOptions {
  readonly groups: readonly LogGroup[];
  /** What is newer is not read here. */
  readonly endMs: number;
  /** Pages that may be read in all. */
  readonly mostReads: number;
  readonly readPage: ReadPage;
}

const HOUR_MS = 3_600_000;
const LONGEST_SLICE_MS = 8 * HOUR_MS;
const RETRY_AFTER_MS = 30_000;

/**
 * The older part of the logs, read once, slice by slice from the newest to the oldest: CloudWatch Logs tells a slice from its
 * oldest line on, and a person asks for what happened last. Where little is found, the next slice is longer.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #found: LogRecord[] = [];
  /** All that is newer has been read. */
  #backToMs: number;
  #wantedMs: number;
  #sliceMs = HOUR_MS;
  #reads = 0;
  #isReading = false;
  #failure: { readonly error: unknown; readonly atMs: number } | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#backToMs = options.endMs;
    this.#wantedMs = options.endMs;
  }

  /** Reads back to `sinceMs` behind the caller's back; one that is under way goes that far. Never throws. */
  reach(sinceMs: number, nowMs: number): void {
    this.#wantedMs = Math.min(this.#wantedMs, sinceMs);
    const isPausing = this.#failure !== undefined && nowMs < this.#failure.atMs + RETRY_AFTER_MS;
    if (!this.#isReading && !isPausing) void this.#read(nowMs);
  }

  /** What was read since this was called last. */
  take(): readonly LogRecord[] {
    return this.#found.splice(0);
  }

  /** Why it is not whole back to there, as a sentence with the fix; `undefined` where it is. */
  missing(sinceMs: number): string | undefined {
    if (this.#backToMs <= sinceMs) return undefined;
    const before = `What was logged before ${clockTime(this.#backToMs)}`;
    if (this.#failure !== undefined)
      return explainUnread(before, 'logs:FilterLogEvents', this.#failure.error);
    return this.#isSpent()
      ? `${before} was not read: this page may read ${this.#options.mostReads} pages of older lines, and has; choose a shorter time, or use the saved queries of CloudWatch Logs`
      : `${before} is still being read`;
  }

  #isSpent(): boolean {
    return this.#reads >= this.#options.mostReads;
  }

  async #read(nowMs: number): Promise<void> {
    this.#isReading = true;
    this.#failure = undefined;
    try {
      while (this.#backToMs > this.#wantedMs && !this.#isSpent()) await this.#readSlices();
    } catch (error) {
      this.#failure = { error, atMs: nowMs };
    }
    this.#isReading = false;
  }

  async #readSlices(): Promise<void> {
    const { groups } = this.#options;
    const before = this.#reads;
    const startMs = Math.max(this.#wantedMs, this.#backToMs - this.#sliceMs);
    for (const group of groups)
      if (!(await this.#readSlice({ group, startMs, endMs: this.#backToMs }))) return;
    this.#backToMs = startMs;
    if (this.#reads - before <= groups.length) this.#sliceMs = Math.min(2 * this.#sliceMs, LONGEST_SLICE_MS);
  }

  /** False where the reads that are allowed did not reach to its end. */
  async #readSlice(slice: Slice): Promise<boolean> {
    let next: string | undefined;
    do {
      if (this.#isSpent()) return false;
      this.#reads += 1;
      const page = await this.#options.readPage(slice, next);
      this.#found.push(...page.records);
      next = page.next;
    } while (next !== undefined);
    return true;
  }
}
