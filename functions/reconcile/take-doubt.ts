import type { DeadLetterPort } from '../core/plan/dead-letter.ts';
import { type Doubt, readDoubt } from '../core/plan/doubt.ts';
import type { ReconcileReport } from './reconcile.ts';

/** A message of the doubt queue. */
export interface DoubtMessage {
  readonly id: string;
  readonly group: string;
  readonly body: string;
}

export interface TakeDoubtPorts extends DeadLetterPort {
  reconcile(doubt: Doubt): Promise<ReconcileReport>;
}

/** What came of a message. Only a failed one is left in the queue, to come again. */
export type TakenDoubt =
  | { readonly kind: 'reconciled'; readonly doubt: Doubt; readonly report: ReconcileReport }
  | { readonly kind: 'buried' }
  | { readonly kind: 'failed'; readonly doubt: Doubt | undefined; readonly error: unknown };

/** Takes one message to its outcome; never throws. What cannot be read is buried, and read by no second attempt. */
export async function takeDoubt(
  message: DoubtMessage,
  ports: TakeDoubtPorts,
  nowMs: number,
): Promise<TakenDoubt> {
  const doubt = readDoubt(message.body, nowMs);
  try {
    if (doubt !== undefined) return { kind: 'reconciled', doubt, report: await ports.reconcile(doubt) };
    await ports.bury({ ...message, reason: 'not a doubt: no repository that can be read' });
    return { kind: 'buried' };
  } catch (error) {
    return { kind: 'failed', doubt, error };
  }
}
