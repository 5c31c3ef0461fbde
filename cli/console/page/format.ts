/** `45 s`, `2:05 min`, `1:02:03 h`. */
export function span(milliseconds: number): string {
  const all = Math.max(0, Math.round(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (hours > 0) return `${hours}:${two(minutes)}:${two(seconds)} h`;
  return minutes > 0 ? `${minutes}:${two(seconds)} min` : `${seconds} s`;
}

export const seconds = (value: number): string => (value < 10 ? `${value.toFixed(1)} s` : span(value * 1000));

export const dollars = (usd: number): string => `$${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;

/** Of the clock that the view has, which in an embedded world runs faster than this machine's. */
export const clockTime = (atMs: number): string =>
  new Date(atMs).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
