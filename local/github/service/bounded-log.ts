/** Text that jobs write, kept within a budget: its newest lines stay. */

/** Bytes of one log, and of all logs of a world together. */
interface LogBudget {
  readonly logBytes: number;
  readonly worldBytes: number;
}

const LOG_BUDGET: LogBudget = { logBytes: 4 * 1024 ** 2, worldBytes: 256 * 1024 ** 2 };

/** The runner begins each block that it uploads with one (StreamWriter of .NET, PagingLogger.cs). */
const BYTE_ORDER_MARK = /^\uFEFF/;

const size = (line: string): number => Buffer.byteLength(line) + 1;

/** All logs of a world, the one that was written to last at the end. */
export class LogShelf {
  readonly budget: LogBudget;
  readonly #logs = new Set<BoundedLog>();
  #bytes = 0;

  constructor(budget: LogBudget = LOG_BUDGET) {
    this.budget = budget;
  }

  /** A new, empty log. */
  create(): BoundedLog {
    return new BoundedLog(this.budget.logBytes, (log, bytes) => this.#grew(log, bytes));
  }

  #grew(log: BoundedLog, bytes: number): void {
    this.#bytes += bytes;
    this.#logs.delete(log);
    if (log.bytes > 0) this.#logs.add(log);
    for (const oldest of this.#logs) {
      if (this.#bytes <= this.budget.worldBytes || oldest === log) return;
      oldest.drop();
    }
  }
}

export class BoundedLog {
  readonly #budget: number;
  readonly #grew: (log: BoundedLog, bytes: number) => void;
  #lines: string[] = [];
  #dropped = 0;
  /** Of what is kept. */
  bytes = 0;

  constructor(budget: number, grew: (log: BoundedLog, bytes: number) => void) {
    this.#budget = budget;
    this.#grew = grew;
  }

  /** Lines without their ends. One that is longer than the whole budget is cut. */
  append(lines: readonly string[]): void {
    const before = this.bytes;
    for (const line of lines) {
      const kept = size(line) > this.#budget ? line.slice(0, Math.floor(this.#budget / 4)) : line;
      this.#lines.push(kept);
      this.bytes += size(kept);
    }
    this.#trim();
    this.#grew(this, this.bytes - before);
  }

  /** A block as the runner uploads it: whole lines. */
  appendText(text: string): void {
    const plain = text.replace(BYTE_ORDER_MARK, '');
    if (plain !== '') this.append(plain.replace(/\n$/, '').split('\n'));
  }

  #trim(): void {
    let dropped = 0;
    while (this.bytes > this.#budget) this.bytes -= size(this.#lines[dropped++] ?? '');
    this.#lines.splice(0, dropped);
    this.#dropped += dropped;
  }

  /** Everything goes, to make room for newer logs. */
  drop(): void {
    const { bytes } = this;
    this.#dropped += this.#lines.length;
    this.#lines = [];
    this.bytes = 0;
    this.#grew(this, -bytes);
  }

  /** What is kept, after a line that says how much is not. */
  lines(): string[] {
    if (this.#dropped === 0) return [...this.#lines];
    return [
      `(The ${this.#dropped} oldest lines are not kept: the log is larger than this world keeps.)`,
      ...this.#lines,
    ];
  }
}
