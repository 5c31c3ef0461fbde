import { randomUUID } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { Accepted, available, type Held, isSpent, lend } from '../../../model/queue.ts';
import type { WorldClock } from '../../world/clock.ts';
import { AwsError } from '../errors.ts';

export interface QueueSettings {
  readonly name: string;
  readonly delaySeconds?: number;
  readonly visibilityTimeoutSeconds?: number;
  readonly retentionSeconds?: number;
  readonly maximumMessageBytes?: number;
  readonly contentBasedDeduplication?: boolean;
  /** The dead-letter queue, and after how many receives a message goes there. */
  readonly redrive?: { readonly queue: Queue; readonly maximumReceives: number };
}

export interface NewMessage {
  readonly body: string;
  readonly attributes?: Record<string, MessageAttributeValue> | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  /** System attribute `AWSTraceHeader`: which chain of invocations sent it (SQS API reference, SendMessage). */
  readonly traceHeader?: string | undefined;
  /** Standard queues only: instead of the queue's own delay. */
  readonly delaySeconds?: number | undefined;
}

export interface Message extends NewMessage, Held {
  readonly groupId: string | undefined;
  readonly id: string;
  readonly sequence: number;
  readonly sentAtMs: number;
  firstReceivedAtMs?: number;
  /** Of the last receive. */
  receipt?: string;
}

const DAY_SECONDS = 86_400;

/** One SQS queue, standard or FIFO by its name, in world time. (SQS developer guide.) */
export class Queue {
  readonly name: string;
  readonly arn: string;
  readonly isFifo: boolean;
  readonly settings: Required<Omit<QueueSettings, 'redrive'>> & Pick<QueueSettings, 'redrive'>;
  readonly createdAtMs: number;
  readonly #clock: WorldClock;
  #messages: Message[] = [];
  readonly #accepted = new Accepted<{ id: string; sequence: number }>();
  /** Receipts that were given out, so that one that has expired is told apart from one that never was. */
  readonly #receipts = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #sequence = 0;

  constructor(settings: QueueSettings, arnPrefix: string, clock: WorldClock) {
    this.name = settings.name;
    this.arn = `${arnPrefix}:${settings.name}`;
    this.isFifo = settings.name.endsWith('.fifo');
    this.settings = {
      delaySeconds: 0,
      visibilityTimeoutSeconds: 30,
      retentionSeconds: 4 * DAY_SECONDS,
      maximumMessageBytes: 1_048_576,
      contentBasedDeduplication: false,
      ...settings,
    };
    this.#clock = clock;
    this.createdAtMs = clock.nowMs();
  }

  /** Keeps a message, unless it is a duplicate within five minutes: then the first one's identity is returned. */
  send(message: NewMessage): { id: string; sequence: number } {
    const nowMs = this.#clock.nowMs();
    const { groupId, deduplicationId } = message;
    const earlier = deduplicationId && this.#accepted.find(deduplicationId, nowMs);
    if (earlier) return earlier;
    this.#sequence += 1;
    const kept = { id: randomUUID(), sequence: this.#sequence };
    if (deduplicationId) this.#accepted.keep(deduplicationId, kept, nowMs);
    const delayMs = (message.delaySeconds ?? this.settings.delaySeconds) * 1000;
    this.#add({ ...message, ...kept, groupId, sentAtMs: nowMs, visibleAtMs: nowMs + delayMs, receives: 0 });
    return kept;
  }

  /** Up to `maximum` messages; in a FIFO queue in order, and none of a group that has one in flight. */
  receive(maximum: number, visibilitySeconds = this.settings.visibilityTimeoutSeconds): Message[] {
    const nowMs = this.#clock.nowMs();
    this.#expire(nowMs);
    this.#redrive(nowMs);
    const received = this.#available(nowMs).slice(0, maximum);
    for (const message of received) this.#lend(message, nowMs, visibilitySeconds);
    return received.map((message) => ({ ...message }));
  }

  /** Resolves when a message may have become receivable, or after `worldMs`. */
  async waitForMessage(worldMs: number): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const next = Math.min(...this.#messages.map(({ visibleAtMs }) => visibleAtMs).filter((at) => at > nowMs));
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(Math.max(1, Math.min(worldMs, next - nowMs)), resolve);
    this.#listeners.add(resolve);
    await promise;
    cancel();
    this.#listeners.delete(resolve);
  }

  delete(receipt: string): void {
    const message = this.#byReceipt(receipt);
    // A standard queue takes an outdated receipt and keeps the message; a FIFO queue refuses it.
    if (!message && !this.isFifo) return;
    if (!message || message.visibleAtMs <= this.#clock.nowMs()) throw expiredReceipt(receipt);
    this.#messages = this.#messages.filter((other) => other !== message);
    this.#wake();
  }

  changeVisibility(receipt: string, seconds: number): void {
    const message = this.#byReceipt(receipt);
    const nowMs = this.#clock.nowMs();
    if (!message || message.visibleAtMs <= nowMs) {
      throw new AwsError('MessageNotInflight', 'The message referred to is not in flight.');
    }
    message.visibleAtMs = nowMs + seconds * 1000;
    this.#wake();
  }

  purge(): void {
    this.#messages = [];
  }

  /** Messages by state: receivable, delayed, in flight. */
  depth(): { visible: number; delayed: number; inFlight: number } {
    const nowMs = this.#clock.nowMs();
    this.#expire(nowMs);
    const hidden = this.#messages.filter(({ visibleAtMs }) => visibleAtMs > nowMs);
    const inFlight = hidden.filter(({ receipt }) => receipt !== undefined).length;
    return { visible: this.#messages.length - hidden.length, delayed: hidden.length - inFlight, inFlight };
  }

  #add(message: Message): void {
    this.#messages.push(message);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#listeners) resolve();
  }

  #lend(message: Message, nowMs: number, visibilitySeconds: number): void {
    lend(message, nowMs, visibilitySeconds * 1000);
    message.firstReceivedAtMs ??= nowMs;
    message.receipt = Buffer.from(`${message.id}/${randomUUID()}`).toString('base64');
    this.#receipts.add(message.receipt);
  }

  #available(nowMs: number): Message[] {
    return available(this.#messages, nowMs, this.isFifo);
  }

  /** What has been received often enough goes to the dead-letter queue instead of being received again. */
  #redrive(nowMs: number): void {
    const { redrive } = this.settings;
    if (!redrive) return;
    const over = this.#available(nowMs).filter((message) => isSpent(message, redrive.maximumReceives));
    this.#messages = this.#messages.filter((message) => !over.includes(message));
    for (const message of over) {
      const { receipt: _, ...moved } = message;
      redrive.queue.#add({ ...moved, visibleAtMs: nowMs });
    }
  }

  #expire(nowMs: number): void {
    const oldestMs = nowMs - this.settings.retentionSeconds * 1000;
    this.#messages = this.#messages.filter(({ sentAtMs }) => sentAtMs >= oldestMs);
  }

  #byReceipt(receipt: string): Message | undefined {
    if (!this.#receipts.has(receipt)) {
      throw new AwsError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${receipt}" is not a valid receipt handle.`,
        404,
      );
    }
    return this.#messages.find((message) => message.receipt === receipt);
  }
}

function expiredReceipt(receipt: string): AwsError {
  const reason = 'Reason: The receipt handle has expired.';
  return new AwsError(
    'InvalidParameterValue',
    `Value ${receipt} for parameter ReceiptHandle is invalid. ${reason}`,
  );
}
