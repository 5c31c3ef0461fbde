import { OLDEST_DELIVERY_MS, planRedelivery, type Redelivery } from '../core/plan/plan-redelivery.ts';
import { applyEach, attempt } from './attempt.ts';
import { type Pass, stepOf } from './pass.ts';

/** Failed deliveries of served repositories are sent again, at most three attempts each (rule 22). Returns their ids. */
export async function redeliver(pass: Pass): Promise<readonly string[]> {
  const { ports, memory, policy, nowMs } = pass;
  const { repositories, repositoriesReadAtMs, redeliveries } = memory;
  const step = stepOf(pass, 'redeliveries');
  const sinceMs = nowMs - OLDEST_DELIVERY_MS;
  const deliveries = await attempt(() => ports.listDeliveries(sinceMs, step.signal), step);
  const servedIds = repositoriesReadAtMs > 0 ? new Set(repositories.map(({ id }) => id)) : undefined;
  const areEndsWanted = policy.spot.rerun === 'once';
  const send = async ({ id, guid }: Redelivery) => {
    // Noted first: one whose answer is lost may well have been sent.
    redeliveries.set(guid, nowMs);
    await ports.redeliver(id, step.signal);
  };
  const plan = planRedelivery(deliveries ?? [], { servedIds, redeliveries, areEndsWanted }, nowMs);
  const sent = await applyEach(plan, send, step);
  for (const [guid, atMs] of redeliveries) if (atMs < sinceMs) redeliveries.delete(guid);
  return sent.map(({ id }) => id);
}
