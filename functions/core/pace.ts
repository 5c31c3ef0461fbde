/**
 * How many JIT configs may be asked for in any minute. GitHub takes 900 points a minute, a write costs 5: 180
 * (docs.github.com, Rate limits for the REST API). A little less, for what two reconciles do not see of each other.
 */
const MOST_A_MINUTE = 177;
/** A little more than GitHub's minute: a task's time is ECS's, and not that of its JIT config. */
const WINDOW_MS = 60_200;
/** Fewer at once are not worth another look at the tasks. */
const LEAST_AT_ONCE = 6;
/** ECS takes 20 RunTask calls a second (docs.aws.amazon.com, Request throttling for the Amazon ECS API). */
const SPACING_MS = 55;
/** Reconciles of other repositories that are at work: those whose launches ECS shows of so short a time ago. */
const AT_WORK_MS = 10_000;
/** Another one may be at work that has launched nothing yet. */
const LEAST_SHARES = 2;
/** Another that looked at the same moment has launched something by then, and ECS shows it. */
const ALONE_AFTER_MS = 5_000;

/** A launch of this deployment: its own, or seen in ECS. Each stands for a JIT config of its minute. */
export interface PastLaunch {
  readonly atMs: number;
  readonly isOwn: boolean;
  /** The repository whose reconcile made it; `undefined` for a webhook's. */
  readonly reconciledId: number | undefined;
}

/** Launch so many now, so far apart, or look again after so long. */
export type Turn = { readonly launch: number; readonly spacingMs: number } | { readonly waitMs: number };

/**
 * The next turn of a reconcile that has `left` launches to make. Takes what the minute has left; its share of that only, as
 * long as it may not be alone: in its first seconds, and while the minute holds launches of others. Pure.
 */
export function planTurn(past: readonly PastLaunch[], left: number, nowMs: number): Turn {
  const recent = past.filter(({ atMs }) => nowMs - atMs < WINDOW_MS).toSorted((a, b) => a.atMs - b.atMs);
  const isAlone = recent.every(({ isOwn }) => isOwn) && nowMs - (recent[0]?.atMs ?? nowMs) > ALONE_AFTER_MS;
  const others = new Set(
    recent.flatMap((one) => (!one.isOwn && nowMs - one.atMs < AT_WORK_MS ? (one.reconciledId ?? []) : [])),
  );
  const shares = isAlone ? 1 : Math.max(LEAST_SHARES, 1 + others.size);
  const room = MOST_A_MINUTE - recent.length;
  const wanted = Math.min(left, LEAST_AT_ONCE) * shares;
  if (room >= wanted)
    return { launch: Math.min(left, Math.floor(room / shares)), spacingMs: SPACING_MS * shares };
  // The launch that must leave the minute for there to be room for as many as are wanted.
  const last = recent[wanted - room - 1]?.atMs ?? nowMs;
  return { waitMs: Math.max(500, last + WINDOW_MS - nowMs) };
}
