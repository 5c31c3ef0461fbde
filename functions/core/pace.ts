/**
 * How many JIT configs may be asked for in any minute. GitHub takes 900 points a minute, a write costs 5: 180
 * (docs.github.com, Rate limits for the REST API). A little less, for what two reconciles do not see of each other.
 */
const MOST_A_MINUTE = 174;
/** A little more than GitHub's minute: a task's time is ECS's, and not that of its JIT config. */
const WINDOW_MS = 60_500;
/** Fewer at once are not worth another look at the tasks. */
const LEAST_AT_ONCE = 12;
/**
 * Between two launches of one reconcile: ECS takes 20 RunTask calls a second (docs.aws.amazon.com, Request throttling
 * for the Amazon ECS API), and two reconciles run at once.
 */
export const LAUNCH_SPACING_MS = 110;

/** Launch so many now, or look again after so long. */
export type Turn = { readonly launch: number } | { readonly waitMs: number };

/**
 * The next turn of a reconcile that has `left` launches to make, when `launchedAtMs` is when this deployment's others
 * were made. Takes half of what the minute has left, as another reconcile may look at the same moment. Pure.
 */
export function planTurn(launchedAtMs: readonly number[], left: number, nowMs: number): Turn {
  const recent = launchedAtMs.filter((atMs) => nowMs - atMs < WINDOW_MS).toSorted((a, b) => a - b);
  const room = MOST_A_MINUTE - recent.length;
  const wanted = Math.min(left, LEAST_AT_ONCE);
  if (room >= wanted) return { launch: Math.min(left, room, Math.max(LEAST_AT_ONCE, Math.ceil(room / 2))) };
  // The launch that must leave the minute for there to be room for as many as are wanted.
  const last = recent[wanted - room - 1] ?? nowMs;
  return { waitMs: Math.max(1_000, last + WINDOW_MS - nowMs) };
}
