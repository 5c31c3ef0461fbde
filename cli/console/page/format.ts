import { clockTime, span } from '../../units.ts';
import { type Axis, hasSeconds } from './axis.ts';

export { counted } from '../../../functions/core/words/count.ts';
export { clockTime, dollars, span } from '../../units.ts';

export const seconds = (value: number): string => (value < 10 ? `${value.toFixed(1)} s` : span(value * 1000));

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
