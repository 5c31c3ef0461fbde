import type { DeliveryFact } from '../ports.ts';

const MINUTE_MS = 60_000;
/** The most attempts of a delivery, the first one included (rule 22). */
const MOST_ATTEMPTS = 3;
/** The function's own answer may still be on its way: GitHub waits ten seconds for it. */
const YOUNGEST_MS = MINUTE_MS / 3;
/** At most this many a sweep: each starts a task, and GitHub takes 180 JIT configs a minute. */
const MOST_AT_ONCE = 50;
/** GitHub's list shows a redelivery within this; until then it counts as under way. */
const UNDER_WAY_MS = 5 * MINUTE_MS;
/** How far back deliveries are listed. Older ones are for reconcile, which has long seen what they would have said. */
export const OLDEST_DELIVERY_MS = 2 * 60 * MINUTE_MS;

const isDone = ({ statusCode }: DeliveryFact): boolean => statusCode >= 200 && statusCode < 300;
/** A delivery that is refused for what it is would be refused again. */
const isHopeless = ({ statusCode }: DeliveryFact): boolean =>
  statusCode === 400 || statusCode === 401 || statusCode === 413;

export interface Redelivery {
  readonly id: string;
  readonly guid: string;
}

/** What is known beside GitHub's list. */
export interface RedeliveryFacts {
  /** Ids of the repositories that are served; `undefined` where they could not be listed. */
  readonly servedIds: ReadonlySet<number> | undefined;
  /** When a delivery was sent again, by its GUID. */
  readonly redeliveries: ReadonlyMap<string, number>;
  /** Whether ends of jobs are sent again too: with `spot.rerun` they say which job was lost on another job's runner. */
  readonly areEndsWanted?: boolean;
}

/**
 * Which failed deliveries are to be sent again (rule 22): judged from GitHub's own list, where all attempts of a
 * delivery have one GUID, so that no memory is needed to see whether a later attempt succeeded. Oldest first, of served
 * repositories only, and of a flood no more than a sweep can have sent again.
 */
export function planRedelivery(
  deliveries: readonly DeliveryFact[],
  facts: RedeliveryFacts,
  nowMs: number,
): readonly Redelivery[] {
  return (
    [...byGuid(deliveries).values()]
      .flatMap((attempts) => dueAttempt(attempts, facts, nowMs) ?? [])
      // An end starts no task, so it comes after all that may.
      .toSorted((a, b) => Number(isEnd(a)) - Number(isEnd(b)) || a.deliveredAtMs - b.deliveredAtMs)
      .slice(0, MOST_AT_ONCE)
      .map(({ id, guid }) => ({ id, guid }))
  );
}

function byGuid(deliveries: readonly DeliveryFact[]): ReadonlyMap<string, readonly DeliveryFact[]> {
  const found = new Map<string, DeliveryFact[]>();
  for (const delivery of deliveries) {
    const attempts = found.get(delivery.guid);
    if (attempts === undefined) found.set(delivery.guid, [delivery]);
    else attempts.push(delivery);
  }
  return found;
}

/** The newest attempt of a delivery that is to be sent again; `undefined` where it is not. */
function dueAttempt(
  attempts: readonly DeliveryFact[],
  facts: RedeliveryFacts,
  nowMs: number,
): DeliveryFact | undefined {
  if (attempts.some(isDone)) return undefined;
  const newest = attempts.toSorted((a, b) => b.deliveredAtMs - a.deliveredAtMs)[0];
  // Without the first attempt the list does not go back far enough to count them all.
  const first = attempts.find(({ isRedelivery }) => !isRedelivery);
  if (!newest || !first || !isWanted(newest, facts) || isHopeless(newest)) return undefined;
  const isUnderWay = nowMs - (facts.redeliveries.get(newest.guid) ?? 0) < UNDER_WAY_MS;
  const isDue = nowMs - newest.deliveredAtMs >= YOUNGEST_MS && !isUnderWay;
  const isOld = nowMs - first.deliveredAtMs > OLDEST_DELIVERY_MS;
  return isDue && !isOld && attempts.length < MOST_ATTEMPTS ? newest : undefined;
}

const isEnd = ({ action }: DeliveryFact): boolean => action === 'completed';

function isWanted(delivery: DeliveryFact, { servedIds, areEndsWanted = false }: RedeliveryFacts): boolean {
  const { event, action, repositoryId } = delivery;
  const isServed = repositoryId === undefined || servedIds === undefined || servedIds.has(repositoryId);
  const isNeeded = action === 'queued' || action === 'in_progress' || (areEndsWanted && isEnd(delivery));
  return isServed && event === 'workflow_job' && isNeeded;
}
