/** What the page has heard. Times are of `performance.now`: the world's clock may run at another pace, or stand still. */
export interface Heard {
  /** What it shows last, and when that was seen. */
  readonly data: { readonly seenAtMs: number } | undefined;
  /** Why the last look failed. */
  readonly problem: string | undefined;
  /** When the console is asked again, where it does not answer. */
  readonly againAtMs: number | undefined;
}

export type Freshness =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' | 'old' | 'failing'; readonly ageMs: number }
  | { readonly kind: 'stopped'; readonly ageMs: number | undefined; readonly againInMs: number };

/** A look takes seconds on a large deployment: what is older has missed several. */
const OLD_MS = 15_000;

/** How old what the page shows is, and whether more of it is to come. Pure. */
export function freshnessOf({ data, problem, againAtMs }: Heard, nowMs: number): Freshness {
  const ageMs = data === undefined ? undefined : Math.max(0, nowMs - data.seenAtMs);
  if (againAtMs !== undefined) return { kind: 'stopped', ageMs, againInMs: Math.max(0, againAtMs - nowMs) };
  if (ageMs === undefined) return { kind: 'connecting' };
  if (problem !== undefined) return { kind: 'failing', ageMs };
  return { kind: ageMs > OLD_MS ? 'old' : 'live', ageMs };
}
