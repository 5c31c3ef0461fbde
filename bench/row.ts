/** One line of the bench: what was measured, what bounds it, and what we want of it. */
export interface Row {
  readonly id: string;
  readonly what: string;
  /** Of `measured`, `bound` and `goal`. */
  readonly unit: string;
  readonly measured: number;
  /** What physics or a vendor's limit sets; measured in the same run wherever it depends on the machine. */
  readonly bound: number;
  readonly boundIs: string;
  /** `measured` must not be above it, or not below it where `more is better`. */
  readonly goal: number;
  readonly goalIs: string;
  readonly isMoreBetter?: boolean;
  /** Today's best peer, measured elsewhere: see the table of docs/performance.md. */
  readonly peer: string;
  /** Anything that a reader must know to read the figure right. */
  readonly note?: string;
}

export type Bench = () => Promise<readonly Row[]>;

export const isMet = ({ measured, goal, isMoreBetter }: Row): boolean =>
  isMoreBetter ? measured >= goal : measured <= goal;

/** As many digits as mean something. */
export const figure = (value: number): string =>
  value.toLocaleString('en', { maximumSignificantDigits: value < 10 ? 2 : value < 1000 ? 3 : 5 });

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
