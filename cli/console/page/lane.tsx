import type { JobRow } from '../rows.ts';
import { type Axis, placeOn, ticksOf } from './axis.ts';
import { span, tickTime } from './format.ts';

interface Part {
  readonly phase: 'queued' | 'starting' | 'running';
  readonly fromMs: number;
  readonly toMs: number;
}

function partsOf({ phase, queuedAtMs, launchedAtMs, startedAtMs, endedAtMs }: JobRow, nowMs: number): Part[] {
  if (queuedAtMs === undefined || phase === 'ignored') return [];
  const ended = endedAtMs ?? nowMs;
  const started = startedAtMs ?? ended;
  // Its runner may have been taken by another job: then it waits for the next.
  const isStarting = phase !== 'queued' && launchedAtMs !== undefined;
  const launched = Math.min(isStarting ? launchedAtMs : ended, started);
  const parts: Part[] = [
    { phase: 'queued', fromMs: queuedAtMs, toMs: launched },
    { phase: 'starting', fromMs: launched, toMs: started },
    { phase: 'running', fromMs: started, toMs: ended },
  ];
  return parts.filter(({ fromMs, toMs }) => toMs > fromMs);
}

const WIDTH = 1_000;
/** What is shorter could not be seen. */
const LEAST = 6;
const HEIGHTS = { queued: 3, starting: 6, running: 10 };

interface LaneProps {
  readonly job: JobRow;
  readonly axis: Axis;
  readonly ticks: readonly number[];
}

export function Lane({ job, axis, ticks }: LaneProps) {
  const parts = partsOf(job, axis.toMs);
  if (parts.length === 0) return null;
  const x = (atMs: number) => placeOn(axis, atMs) * WIDTH;
  const words = parts.map(({ phase, fromMs, toMs }) => `${phase} ${span(toMs - fromMs)}`).join(', ');
  return (
    <svg class="lane" role="img" aria-label={words} viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none">
      <title>{words}</title>
      {ticks.map((atMs) => (
        <line key={atMs} x1={x(atMs)} x2={x(atMs)} y1="0" y2="10" />
      ))}
      {parts
        .filter(({ toMs }) => toMs >= axis.fromMs)
        .map(({ phase, fromMs, toMs }) => {
          const width = Math.max(LEAST, x(toMs) - x(fromMs));
          const height = HEIGHTS[phase];
          return (
            <rect
              key={phase}
              class={phase}
              x={Math.min(x(fromMs), WIDTH - width)}
              width={width}
              y={(10 - height) / 2}
              height={height}
            />
          );
        })}
    </svg>
  );
}

/** The times of the lanes, above them. */
export const Times = ({ axis, ticks }: Omit<LaneProps, 'job'>) => (
  <span class="times">
    <span class="hidden">Timeline, {span(axis.toMs - axis.fromMs)} until now</span>
    {ticks
      .map((atMs) => ({ atMs, place: `${placeOn(axis, atMs) * 100}%` }))
      .map(({ atMs, place }) => (
        // At either end its own end is there, so that none stands out.
        <span key={atMs} aria-hidden="true" style={{ left: place, transform: `translateX(-${place})` }}>
          {tickTime(atMs, axis)}
        </span>
      ))}
  </span>
);

/** Of the axis that is drawn here. */
export const localTicks = (axis: Axis): number[] =>
  ticksOf(axis, -new Date(axis.toMs).getTimezoneOffset() * 60_000);
