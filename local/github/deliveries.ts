/** Webhook calls: signed, sent once, given a time to answer, recorded. */
import { createHmac } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { DeliveryLog, UNREACHABLE } from '../../model/github/deliveries.ts';
import { type Hold, pass, type WorldClock } from '../world/clock.ts';
import type { Faults } from '../world/faults.ts';
import type { Identifiers } from './identifiers.ts';
import type { Delivery } from './types.ts';
import type { WebhookEvent } from './webhooks.ts';

export interface Hook {
  readonly id: number;
  readonly appId: number;
  readonly limitMs: number;
  url: string | undefined;
  secret: string;
}

export interface RawDelivery {
  readonly body: string | Uint8Array;
  readonly event?: string;
  readonly guid?: string;
  /** The whole header; null sends none. Without it the body is signed properly. */
  readonly signature?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const sign = (algorithm: 'sha1' | 'sha256', secret: string, body: string | Uint8Array): string =>
  `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;

const UNANSWERED = { durationSeconds: 0, status: '', statusCode: 0, responseHeaders: {}, responseBody: '' };
/** As GitHub's log words it. */
const FAILED = { status: 'failed to connect to host', statusCode: UNREACHABLE };

export class Deliveries extends EventEmitter<{ delivery: [Delivery] }> {
  readonly hook: Hook;
  readonly #clock: WorldClock;
  readonly #faults: Faults;
  readonly #ids: Identifiers;
  readonly #log = new DeliveryLog<Delivery>();
  #closed = false;
  /** How long a redelivery is missing from the list, in world time. */
  listLagMs = 0;
  /** Nobody can be reached: every delivery fails, and is recorded. */
  isDown = false;
  /** Calls that are being made. */
  readonly #open = new Set<Promise<unknown>>();
  /** The work that each of them is, by its GUID. */
  readonly #works = new Map<string, Hold>();

  constructor(hook: Hook, clock: WorldClock, faults: Faults, ids: Identifiers) {
    super();
    this.hook = hook;
    this.#clock = clock;
    this.#faults = faults;
    this.#ids = ids;
  }

  /** Newest first, those that GitHub still keeps. */
  all(): Delivery[] {
    return this.#log.list(this.#clock.nowMs());
  }

  /** As the API lists them, which is behind. */
  listed(): Delivery[] {
    return this.#log.list(this.#clock.nowMs(), { lagMs: this.listLagMs });
  }

  get(id: bigint): Delivery | undefined {
    return this.all().find((delivery) => delivery.id === id);
  }

  /** Delivers an event, at once. */
  send(event: WebhookEvent): Promise<Delivery> {
    return this.#deliver(event, this.#ids.guid(), false);
  }

  /** Delivers an event after a while of world time. */
  sendAfter(event: WebhookEvent, delayMs: number): void {
    const wait = pass(this.#clock, delayMs).then(() => (this.#closed ? undefined : this.send(event)));
    void this.#tracked(wait);
  }

  /** The work of the delivery of this GUID, while it is under way. */
  workOf(guid: string): Hold | undefined {
    return this.#works.get(guid);
  }

  /** Sends nothing more. */
  close(): void {
    this.#closed = true;
  }

  /** The same call again: the guid stays, the id is new. */
  redeliver(delivery: Delivery): Promise<Delivery> {
    return this.#deliver(delivery, delivery.guid, true);
  }

  /** Sends anything at all, by nobody GitHub knows: it is not recorded. */
  async raw(delivery: RawDelivery): Promise<RawAnswer> {
    const { event = 'workflow_job', guid = this.#ids.guid(), body, signature } = delivery;
    const headers = this.#headers(event, guid, body);
    if (signature !== undefined) {
      delete headers['x-hub-signature'];
      delete headers['x-hub-signature-256'];
    }
    if (typeof signature === 'string') headers['x-hub-signature-256'] = signature;
    return this.#tracked(this.#post(body, { ...headers, ...delivery.headers }));
  }

  /** Resolves when no call is being made. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.allSettled(this.#open);
  }

  #deliver(event: WebhookEvent, guid: string, redelivery: boolean): Promise<Delivery> {
    return this.#tracked(this.#record(event, guid, redelivery));
  }

  #tracked<T>(call: Promise<T>): Promise<T> {
    const settled = call.finally(() => this.#open.delete(settled));
    this.#open.add(settled);
    return settled;
  }

  async #record(event: WebhookEvent, guid: string, redelivery: boolean): Promise<Delivery> {
    const deliveredAtMs = this.#clock.nowMs();
    const requestHeaders = this.#headers(event.event, guid, event.payload);
    const delivery = this.#log.add({
      ...event,
      ...UNANSWERED,
      ...{ id: this.#ids.delivery(), guid, deliveredAtMs, redelivery, requestHeaders },
      url: this.hook.url ?? '',
    });
    const isLost = this.isDown || this.#faults.strikes('lost-webhook');
    const answer = isLost ? FAILED : await this.#attempt(event.payload, requestHeaders);
    Object.assign(delivery, answer, { durationSeconds: (this.#clock.nowMs() - deliveredAtMs) / 1000 });
    this.emit('delivery', delivery);
    return delivery;
  }

  async #attempt(body: string, headers: Record<string, string>): Promise<Partial<Delivery>> {
    try {
      const {
        status: statusCode,
        headers: responseHeaders,
        body: responseBody,
      } = await this.#post(body, headers);
      const isGood = statusCode >= 200 && statusCode < 300;
      const status = isGood ? 'OK' : `Invalid HTTP Response: ${statusCode}`;
      return { status, statusCode, responseHeaders, responseBody };
    } catch (error) {
      const isLate = error instanceof Error && error.name === 'TimeoutError';
      return isLate ? { status: 'timed out', statusCode: 504 } : FAILED;
    }
  }

  async #post(body: string | Uint8Array, headers: Record<string, string>): Promise<RawAnswer> {
    if (this.hook.url === undefined) throw new Error('The App has no webhook URL');
    const { 'x-github-delivery': guid = '' } = headers;
    const work = this.#clock.hold();
    const late = new AbortController();
    const cancel = this.#clock.after(this.hook.limitMs, () =>
      late.abort(new DOMException('late', 'TimeoutError')),
    );
    this.#works.set(guid, work);
    try {
      const init = { method: 'POST', body: Buffer.from(body), headers, signal: late.signal };
      const response = await fetch(this.hook.url, init);
      const answered = await response.text();
      return { status: response.status, headers: Object.fromEntries(response.headers), body: answered };
    } finally {
      cancel();
      this.#works.delete(guid);
      work.release();
    }
  }

  #headers(event: string, guid: string, body: string | Uint8Array): Record<string, string> {
    const { id, appId, secret } = this.hook;
    return {
      accept: '*/*',
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/44a5f1c',
      'x-github-delivery': guid,
      'x-github-event': event,
      'x-github-hook-id': `${id}`,
      'x-github-hook-installation-target-id': `${appId}`,
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature': sign('sha1', secret, body),
      'x-hub-signature-256': sign('sha256', secret, body),
    };
  }
}
