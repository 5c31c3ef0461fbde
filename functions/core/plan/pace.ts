/**
 * How many JIT configs may be asked for in any minute. GitHub takes 900 points a minute, a write costs 5: 180
 * (GH-42). A little less, for what two reconciles do not see of each other.
 */
const MOST_A_MINUTE = 177;
/** A little more than GitHub's minute: a task's time is ECS's, and not that of its JIT config. */
const WINDOW_MS = 60_100;
/** Fewer at once are not worth another look at the tasks. */
const LEAST_AT_ONCE = 6;
/** ECS takes 20 RunTask calls a second (AWS-5). */
const SPACING_MS = 51;
/** Others are at work whose launches ECS shows of so short a time ago. */
const AT_WORK_MS = 10_000;
/** Another reconcile that began at the same moment has launched something by then, and ECS shows it. */
const ALONE_AFTER_MS = 5_000;

/** A launch of this owner's: stands for a JIT config of its minute. */
export interface PastLaunch {
  readonly atMs: number;
  readonly repositoryId: number;
}

/** Launch this many now with this spacing, or wait this long and look again. */
export type Turn = { readonly launch: number; readonly spacingMs: number } | { readonly waitMs: number };

/** Whose round it is, and since when, epoch milliseconds. */
export interface RoundStart {
  readonly repositoryId: number;
  readonly atMs: number;
}

/**
 * The next turn of a reconcile that has `left` launches to make. Takes what the minute has left, or its share of it where
 * other repositories of the owner are at work, or may be: in its first seconds. Pure.
 */
export function planTurn(past: readonly PastLaunch[], left: number, round: RoundStart, nowMs: number): Turn {
  const recent = past.filter(({ atMs }) => nowMs - atMs < WINDOW_MS).toSorted((a, b) => a.atMs - b.atMs);
  const shares = sharesOf(recent, round, nowMs);
  const room = MOST_A_MINUTE - recent.length;
  // Where many share the minute, as many of each as would fill half of it.
  const worthwhile = Math.min(LEAST_AT_ONCE, Math.max(1, Math.floor(MOST_A_MINUTE / 2 / shares)));
  const wanted = Math.min(left, worthwhile) * shares;
  if (room >= wanted)
    return { launch: Math.min(left, Math.floor(room / shares)), spacingMs: SPACING_MS * shares };
  // The launch that must leave the minute for there to be room for as many as are wanted.
  const last = recent[wanted - room - 1]?.atMs ?? nowMs;
  return { waitMs: Math.max(500, last + WINDOW_MS - nowMs) };
}

function sharesOf(recent: readonly PastLaunch[], { repositoryId, atMs }: RoundStart, nowMs: number): number {
  const atWork = recent.filter((one) => one.repositoryId !== repositoryId && nowMs - one.atMs < AT_WORK_MS);
  const others = new Set(atWork.map((one) => one.repositoryId)).size;
  return others > 0 || nowMs - atMs > ALONE_AFTER_MS ? 1 + others : 2;
}
