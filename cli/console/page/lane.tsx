import type { JobRow } from '../view.ts';
import { span } from './format.ts';

/** The time that all lanes have in common. */
export interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A lane that shows less would be all of one colour. */
const SHORTEST_MS = 60_000;

export function axisOf(jobs: readonly JobRow[], nowMs: number): Axis {
  const begun = jobs.flatMap(({ phase, queuedAtMs }) => (phase === 'ignored' ? [] : (queuedAtMs ?? [])));
  return { fromMs: Math.min(nowMs - SHORTEST_MS, ...begun), toMs: nowMs };
}

interface Part {
  readonly phase: 'queued' | 'starting' | 'running';
  readonly fromMs: number;
  readonly toMs: number;
}

function partsOf({ phase, queuedAtMs, launchedAtMs, startedAtMs, endedAtMs }: JobRow): Part[] {
  if (queuedAtMs === undefined || endedAtMs === undefined || phase === 'ignored') return [];
  // Its runner may have been taken by another job: then it waits for the next.
  const isStarting = phase !== 'queued' && launchedAtMs !== undefined;
  const launched = Math.min(isStarting ? launchedAtMs : endedAtMs, startedAtMs ?? endedAtMs);
  const started = startedAtMs ?? endedAtMs;
  const parts: Part[] = [
    { phase: 'queued', fromMs: queuedAtMs, toMs: launched },
    { phase: 'starting', fromMs: launched, toMs: started },
    { phase: 'running', fromMs: started, toMs: endedAtMs },
  ];
  return parts.filter(({ fromMs, toMs }) => toMs > fromMs);
}

const WIDTH = 1000;

export function Lane({ job, axis }: { readonly job: JobRow; readonly axis: Axis }) {
  const parts = partsOf(job);
  if (parts.length === 0) return null;
  const x = (atMs: number) =>
    Math.max(0, ((atMs - axis.fromMs) / Math.max(1, axis.toMs - axis.fromMs)) * WIDTH);
  const words = parts.map(({ phase, fromMs, toMs }) => `${phase} ${span(toMs - fromMs)}`).join(', ');
  return (
    <svg class="lane" role="img" aria-label={words} viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none">
      <title>{words}</title>
      {parts.map(({ phase, fromMs, toMs }) => (
        <rect
          key={phase}
          class={phase}
          x={x(fromMs)}
          width={Math.max(2, x(toMs) - x(fromMs))}
          y={phase === 'queued' ? 3.5 : phase === 'starting' ? 2 : 0}
          height={phase === 'queued' ? 3 : phase === 'starting' ? 6 : 10}
        />
      ))}
    </svg>
  );
}
