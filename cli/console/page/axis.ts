/** The time that all lanes have in common. */
export interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Spanned {
  readonly phase: string;
  readonly queuedAtMs: number | undefined;
}

/** A lane that shows less would be all of one colour. */
const SHORTEST_MS = 60_000;

/** As long as the jobs that are shown need, and no longer than the window: a short job stays wide enough to be read. */
export function axisOf(jobs: readonly Spanned[], nowMs: number, windowMs: number): Axis {
  const begun = jobs.flatMap(({ phase, queuedAtMs }) => (phase === 'ignored' ? [] : (queuedAtMs ?? [])));
  const earliest = Math.min(nowMs - SHORTEST_MS, ...begun);
  return { fromMs: Math.max(earliest, nowMs - windowMs), toMs: nowMs };
}

const [SECOND_MS, MINUTE_MS, HOUR_MS] = [1_000, 60_000, 3_600_000];
const STEPS_MS = [
  ...[10, 15, 30].map((count) => count * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR_MS),
];
/** More would stand one in another; with its seconds a time is longer. */
const MOST_TICKS = { withSeconds: 2, withMinutes: 4 };
/** An axis that is shorter needs seconds. */
const SHORT_MS = 150_000;

export const hasSeconds = ({ fromMs, toMs }: Axis): boolean => toMs - fromMs < SHORT_MS;

/** Round times of the local clock on an axis. `offsetMs` is how far that is ahead of UTC. */
export function ticksOf({ fromMs, toMs }: Axis, offsetMs: number): number[] {
  const most = hasSeconds({ fromMs, toMs }) ? MOST_TICKS.withSeconds : MOST_TICKS.withMinutes;
  const step = STEPS_MS.find((each) => (toMs - fromMs) / each <= most) ?? 12 * HOUR_MS;
  const first = Math.ceil((fromMs + offsetMs) / step) * step - offsetMs;
  const count = Math.max(0, Math.floor((toMs - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** Where a time is on it: 0 at its beginning, 1 at its end. */
export const placeOn = ({ fromMs, toMs }: Axis, atMs: number): number =>
  Math.min(1, Math.max(0, (atMs - fromMs) / Math.max(1, toMs - fromMs)));
