import { clockTime, duration } from '../../units.ts';
import { type Axis, hasSeconds } from './axis.ts';

export { clockTime, dollars } from '../../units.ts';

const DAY_SECONDS = 86_400;

/** `45 s`, `2:05 min`, `1:02:03 h`, `3 d`. */
export function span(milliseconds: number): string {
  const all = Math.max(0, Math.round(milliseconds / 1000));
  if (all < 60) return `${all} s`;
  if (all >= DAY_SECONDS) return `${Math.floor(all / DAY_SECONDS)} d`;
  return `${duration(milliseconds)} ${all < 3600 ? 'min' : 'h'}`;
}

export const seconds = (value: number): string => (value < 10 ? `${value.toFixed(1)} s` : span(value * 1000));

export const plural = (count: number, one: string, more = `${one}s`): string =>
  `${count} ${count === 1 ? one : more}`;

/** As exact as the axis needs it. */
export const tickTime = (atMs: number, axis: Axis): string =>
  new Date(atMs).toLocaleTimeString(undefined, {
    ...{ hour: '2-digit', minute: '2-digit' },
    ...(hasSeconds(axis) && { second: '2-digit' }),
  });

/** The time of day, and the day where it is not today's. */
export function finishTime(atMs: number, nowMs: number): string {
  const [at, now] = [new Date(atMs), new Date(nowMs)];
  const day = at.toLocaleDateString(undefined, { weekday: 'short' });
  return at.toDateString() === now.toDateString() ? clockTime(atMs) : `${day} ${clockTime(atMs)}`;
}
