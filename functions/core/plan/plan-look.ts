import type { Doubt } from './doubt.ts';
import type { CallBudget } from './job-look.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** The share of an hour's calls that one look may spend: of 5,000 it is 100, 25 or 10. A matrix of 256 jobs takes seven. */
const SHARES = { ahead: 1 / 50, behind: 1 / 200, scarce: 1 / 500 } as const;
/** Fewer do not get beyond the lists of runs. */
const LEAST_READS = 8;
/** Before an installation's first answer; GitHub gives none less (GH-40). */
export const LEAST_CALLS_AN_HOUR = 5_000;
/** Below this share of the hour repositories are read less, below that only jobs that are named. */
const SCARCE_SHARE = 1 / 3;
const NAMED_ONLY_SHARE = 1 / 10;
/** Kept for removals and for what an answer that is still under way has spent. */
const RESERVE_CALLS = 50;

/** A look may take this long, and longer for a repository whose last looks did not come to an end in it. */
const LOOK_MS = 20 * SECOND_MS;
const LONGEST_LOOK_MS = 160 * SECOND_MS;

export type Plenty = keyof typeof SHARES;

/** What may be read now, or how long to wait before anything is. */
export type LookPlan =
  | {
      readonly mostReads: number;
      readonly isNamedOnly: boolean;
      readonly longestMs: number;
      /** Whether what this look leaves unread is read next; else it is the next doubt's, which continues there. */
      readonly isContinued: boolean;
    }
  | { readonly waitUntilMs: number };

/** How an installation stands: with more of its calls left than of its hour, with less, or with little. */
export function plentyOf(budget: CallBudget | undefined, nowMs: number): Plenty {
  if (budget === undefined) return 'ahead';
  const share = budget.remaining / budget.limit;
  const timeLeft = Math.min(1, Math.max(0, budget.resetsAtMs - nowMs) / HOUR_MS);
  if (timeLeft === 0) return 'ahead';
  if (share < SCARCE_SHARE) return 'scarce';
  return share < timeLeft - 0.1 ? 'behind' : 'ahead';
}

/** Under a tenth of the hour: only jobs that are named are read, and what must be removed is. */
export const isNearlySpent = (budget: CallBudget | undefined, nowMs: number): boolean =>
  budget !== undefined && nowMs < budget.resetsAtMs && budget.remaining < budget.limit * NAMED_ONLY_SHARE;

const isSpent = ({ remaining, resetsAtMs }: CallBudget, nowMs: number): boolean =>
  remaining <= RESERVE_CALLS && resetsAtMs > nowMs;

/** Plans one look at a doubted repository within what its installation's hour has left. `undefined` budget: not known yet. */
export function planLook(doubt: Doubt, budget: CallBudget | undefined, nowMs: number): LookPlan {
  const plenty = plentyOf(budget, nowMs);
  const isLittle = isNearlySpent(budget, nowMs);
  if (budget !== undefined && (isSpent(budget, nowMs) || (isLittle && doubt.jobIds.length === 0)))
    return { waitUntilMs: budget.resetsAtMs };
  return {
    mostReads: Math.max(LEAST_READS, Math.floor((budget?.limit ?? LEAST_CALLS_AN_HOUR) * SHARES[plenty])),
    isNamedOnly: isLittle || doubt.endedJob !== undefined,
    longestMs: Math.min(LOOK_MS * 2 ** Math.min(doubt.failures, 10), LONGEST_LOOK_MS),
    isContinued: plenty === 'ahead',
  };
}
