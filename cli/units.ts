/** Milliseconds as `1:02:03` or `2:03`. */
export function duration(milliseconds: number): string {
  const all = Math.max(0, Math.round(milliseconds / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** The time of day, on this machine. */
export const clockTime = (atMs: number): string =>
  new Date(atMs).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const DAY_SECONDS = 86_400;

/** `45 s`, `2:05 min`, `1:02:03 h`, `3 d`. */
export function span(milliseconds: number): string {
  const all = Math.max(0, Math.round(milliseconds / 1000));
  if (all < 60) return `${all} s`;
  if (all >= DAY_SECONDS) return `${Math.floor(all / DAY_SECONDS)} d`;
  return `${duration(milliseconds)} ${all < 3600 ? 'min' : 'h'}`;
}

export const dollars = (usd: number): string => `$${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;

/** Nearest rank; `undefined` for an empty list. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
