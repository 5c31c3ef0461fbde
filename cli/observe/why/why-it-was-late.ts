import { explain } from '../../../functions/core/words/reasons.ts';
import { span } from '../../units.ts';
import type { JobView, LaunchView } from '../snapshot.ts';

/** A webhook that begins later than this after GitHub queued the job leaves the launch to reconcile (rule 9). */
const LATE_MS = 30_000;

/** Why a job was launched later than a webhook in time would have launched it, and when; `undefined` where it was not. */
export function whyItWasLate({ queuedAtMs, delivery, launches }: JobView): string | undefined {
  const repair = launches.find(({ by, outcome }) => by === 'reconcile' && outcome === 'launched');
  const lateMs = delivery === undefined || queuedAtMs === undefined ? 0 : delivery.atMs - queuedAtMs;
  if (repair === undefined)
    return lateMs > LATE_MS && launches.length > 0 ? `${cameLate(lateMs)}.` : undefined;
  const after = queuedAtMs === undefined ? '' : `, ${span(repair.atMs - queuedAtMs)} after it was queued`;
  const launched = `reconcile launched it at ${timeOfDay(repair.atMs)}${after}`;
  const earlier = launches.find((one) => one !== repair && one.atMs < repair.atMs);
  return `${cause(earlier, queuedAtMs, delivery)}: ${launched}.`;
}

function cause(
  earlier: LaunchView | undefined,
  queuedAtMs: number | undefined,
  delivery: JobView['delivery'],
): string {
  if (earlier?.outcome === 'launched') return 'Its first runner did not run it';
  if (earlier?.outcome === 'refused') return 'Its first launch was refused';
  if (delivery === undefined) return 'No webhook of it came';
  const lateMs = queuedAtMs === undefined ? 0 : delivery.atMs - queuedAtMs;
  if (lateMs > LATE_MS) return cameLate(lateMs);
  return `Its webhook left it to reconcile${delivery.reason ? ` (${explain(delivery.reason)})` : ''}`;
}

const cameLate = (lateMs: number): string => `Its webhook came late, ${span(lateMs)} after it was queued`;

/** `14:03:27 UTC`, the same on every machine. */
const timeOfDay = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)} UTC`;
