import { duration } from '../../units.ts';

/** `45 s`, `2:05 min`, `1:02:03 h`. */
export function span(milliseconds: number): string {
  const all = Math.max(0, Math.round(milliseconds / 1000));
  if (all < 60) return `${all} s`;
  return `${duration(milliseconds)} ${all < 3600 ? 'min' : 'h'}`;
}

export const seconds = (value: number): string => (value < 10 ? `${value.toFixed(1)} s` : span(value * 1000));

/** Of the clock that the view has, which in an embedded world runs faster than this machine's. */
export const clockTime = (atMs: number): string =>
  new Date(atMs).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
