/** What a queue needs to know of a message that it holds. */
export interface Held {
  /** Messages of one group are handed out one after the other (FIFO queues). */
  readonly groupId?: string | undefined;
  /** When it may be received: after its delay, or when its visibility timeout is over. Epoch milliseconds. */
  visibleAtMs: number;
  receives: number;
}

/** SQS developer guide: "deduplication interval". */
const DEDUPLICATION_MS = 5 * 60_000;

/** What a FIFO queue accepted under which deduplication id, for five minutes. */
export class Accepted<Kept> {
  readonly #kept = new Map<string, { readonly what: Kept; readonly atMs: number }>();

  /** What was accepted under this id; `undefined` where a message with it is a new one. */
  find(id: string, nowMs: number): Kept | undefined {
    const known = this.#kept.get(id);
    return known !== undefined && nowMs - known.atMs < DEDUPLICATION_MS ? known.what : undefined;
  }

  keep(id: string, what: Kept, nowMs: number): void {
    this.#kept.set(id, { what, atMs: nowMs });
  }
}

/** What may be received now, in order; of a FIFO queue nothing that comes after a hidden message of its group. */
export function available<Message extends Held>(
  messages: readonly Message[],
  nowMs: number,
  isFifo: boolean,
): Message[] {
  const blocked = new Set<string | undefined>();
  return messages.filter(({ groupId, visibleAtMs }) => {
    if (visibleAtMs > nowMs) blocked.add(isFifo ? groupId : undefined);
    return visibleAtMs <= nowMs && !(isFifo && blocked.has(groupId));
  });
}

/** Received often enough: it goes to the dead-letter queue instead of being received again. */
export const isSpent = ({ receives }: Held, maximumReceives: number): boolean => receives >= maximumReceives;

/** Hands a message out, which hides it. */
export function lend(message: Held, nowMs: number, visibilityMs: number): void {
  message.receives += 1;
  message.visibleAtMs = nowMs + visibilityMs;
}
