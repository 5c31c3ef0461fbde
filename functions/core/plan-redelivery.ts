import type { DeliveryFact } from './ports.ts';

const MINUTE_MS = 60_000;
/** At most so many attempts a delivery, the first one included (rule 22). */
const MOST_ATTEMPTS = 3;
/** The function's own answer may still be on its way. */
const YOUNGEST_MS = MINUTE_MS;
/** So far back deliveries are listed. Older ones are for reconcile, which has long seen what they would have said. */
export const OLDEST_DELIVERY_MS = 2 * 60 * MINUTE_MS;

const isDone = ({ statusCode }: DeliveryFact): boolean => statusCode >= 200 && statusCode < 300;
/** A delivery that is refused for what it is would be refused again. */
const isHopeless = ({ statusCode }: DeliveryFact): boolean =>
  statusCode === 400 || statusCode === 401 || statusCode === 413;

/**
 * Which failed deliveries are to be sent again (rule 22): judged from GitHub's own list, where all attempts of a
 * delivery have one GUID, so that whether it was made good needs no memory of ours. Returns ids, oldest first.
 */
export function planRedelivery(deliveries: readonly DeliveryFact[], nowMs: number): string[] {
  const byGuid = new Map<string, DeliveryFact[]>();
  for (const delivery of deliveries)
    byGuid.set(delivery.guid, [...(byGuid.get(delivery.guid) ?? []), delivery]);
  const due = [...byGuid.values()].flatMap((attempts) => {
    const newest = attempts.toSorted((a, b) => b.deliveredAtMs - a.deliveredAtMs)[0];
    const isWanted =
      newest?.event === 'workflow_job' && (newest.action === 'queued' || newest.action === 'in_progress');
    // Without the first attempt the list does not go back far enough to count them all.
    const first = attempts.find(({ isRedelivery }) => !isRedelivery);
    if (!newest || !first || !isWanted || attempts.some(isDone) || isHopeless(newest)) return [];
    const isDue = nowMs - newest.deliveredAtMs >= YOUNGEST_MS;
    const isOld = nowMs - first.deliveredAtMs > OLDEST_DELIVERY_MS;
    return isDue && !isOld && attempts.length < MOST_ATTEMPTS ? [newest] : [];
  });
  return due.toSorted((a, b) => a.deliveredAtMs - b.deliveredAtMs).map(({ id }) => id);
}
