/** Webhook deliveries: GitHub sends each once, and never again by itself (GH-4). */
import { between } from '../dice.ts';
import type { SimulatedFault } from '../faults.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** A receiver must answer within this (GH-4). */
export const ANSWER_LIMIT_MS = 10 * SECOND_MS;
/** How long deliveries are listed (GH-9). */
const KEPT_MS = 3 * 24 * 60 * MINUTE_MS;
/** What the log says of a receiver that cannot be reached. */
export const UNREACHABLE = 502;

/** How long after its event a delivery leaves GitHub. */
export const leavesAfterMs = (random: () => number): number => between(random, 0.2, 2) * SECOND_MS;

/**
 * The delays after which the copies of a delivery leave: one, two by a fault, or none, and then no record has it.
 * `spreadMs`: how long GitHub takes for the deliveries of one moment.
 */
export function* departures(
  action: string,
  strikes: (fault: SimulatedFault) => boolean,
  random: () => number,
  spreadMs = 0,
): Generator<number> {
  if (action === 'in_progress' && strikes('lost-start-webhook')) return;
  if (strikes('unrecorded-webhook')) return;
  const copies = strikes('duplicate-webhook') ? 2 : 1;
  for (let n = 0; n < copies; n++) {
    const lateMs = strikes('late-webhook') ? 83 * MINUTE_MS : 0;
    const disorderMs = strikes('reordered-webhook') ? random() * MINUTE_MS : 0;
    yield leavesAfterMs(random) + lateMs + disorderMs + random() * spreadMs;
  }
}

interface Recorded {
  readonly id: unknown;
  readonly deliveredAtMs: number;
  readonly redelivery: boolean;
  /** 0 until it is answered. */
  readonly statusCode: number;
}

/** GitHub's log, to which deliveries are added as they leave. */
export class DeliveryLog<D extends Recorded> {
  readonly #records: D[] = [];
  readonly #byId = new Map<unknown, D>();

  get length(): number {
    return this.#records.length;
  }

  add(record: D): D {
    this.#records.push(record);
    this.#byId.set(record.id, record);
    return record;
  }

  find(id: unknown): D | undefined {
    return this.#byId.get(id);
  }

  /** Newest first, those that were answered; redeliveries are seen `lagMs` late. */
  list(nowMs: number, { sinceMs = nowMs - KEPT_MS, lagMs = 0 } = {}): D[] {
    const listed: D[] = [];
    for (let index = this.#records.length - 1; index >= 0; index--) {
      const record = this.#records[index] as D;
      if (record.deliveredAtMs < sinceMs) break;
      const isSeen = !record.redelivery || record.deliveredAtMs <= nowMs - lagMs;
      if (record.statusCode !== 0 && isSeen) listed.push(record);
    }
    return listed;
  }
}
