import { span } from '../../units.ts';
import type { Phase, PhaseSpread } from '../snapshot.ts';

/** How long a phase takes here, beside how long this one has taken. */
interface Compared {
  /** `: 12 s until now, usually 19 s, and 95 of 100 within 23 s`. */
  readonly words: string;
  readonly isLonger: boolean;
}

/** A phase that is short, or was seen a few times, can take this much longer by chance. */
const LEAST_EXCESS_SECONDS = 10;
const EXCESS = 1.5;

/** `sinceMs` is when the phase began, where that is known. */
export function compare(
  phases: readonly PhaseSpread[],
  phase: Phase,
  sinceMs: number | undefined,
  nowMs: number,
): Compared {
  const spread = phases.find((one) => one.phase === phase);
  const elapsedMs = sinceMs === undefined ? undefined : Math.max(0, nowMs - sinceMs);
  const lasts = elapsedMs === undefined ? undefined : `${span(elapsedMs)} until now`;
  if (spread === undefined) return { words: lasts === undefined ? '' : `: ${lasts}`, isLonger: false };
  const { p50, p95 } = spread;
  const limit = Math.max(p95 * EXCESS, p95 + LEAST_EXCESS_SECONDS);
  const isLonger = elapsedMs !== undefined && elapsedMs / 1000 > limit;
  const usual = `${isLonger ? 'longer than usual: ' : 'usually '}${seconds(p50)}, and 95 of 100 within ${seconds(p95)}`;
  const words = [lasts, usual].filter((part) => part !== undefined).join(', ');
  return { words: `: ${words}`, isLonger };
}

const seconds = (value: number): string => (value < 1 ? 'less than 1 s' : span(value * 1000));
