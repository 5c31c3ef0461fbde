/**
 * Webhook calls: signed, sent once, given 10 seconds, recorded. GitHub never redelivers by itself
 * (docs.github.com: Handling failed webhook deliveries).
 */
import { createHmac } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { WorldClock } from '../world/clock.ts';
import type { Faults } from '../world/faults.ts';
import type { Identifiers } from './identifiers.ts';
import type { Delivery } from './types.ts';
import type { WebhookEvent } from './webhooks.ts';

/** docs.github.com: respond with a 2XX within 10 seconds. Real time: the receiver answers in it. */
export const ANSWER_LIMIT_MS = 10_000;
/** docs.github.com: deliveries are kept for 3 days. */
const KEPT_MS = 3 * 24 * 3_600_000;

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

interface Outcome extends RawAnswer {
  readonly text: string;
}

const FAILED = { headers: {}, body: '' } as const;

export class Deliveries extends EventEmitter<{ delivery: [Delivery] }> {
  readonly hook: Hook;
  readonly #clock: WorldClock;
  readonly #faults: Faults;
  readonly #ids: Identifiers;
  #log: Delivery[] = [];
  #closed = false;
  /** How long a redelivery is missing from the list, in world time. */
  listLagMs = 0;
  /** Nobody can be reached: every delivery fails, and is recorded. */
  isDown = false;
  /** Calls that are being made. */
  readonly #open = new Set<Promise<unknown>>();

  constructor(hook: Hook, clock: WorldClock, faults: Faults, ids: Identifiers) {
    super();
    this.hook = hook;
    this.#clock = clock;
    this.#faults = faults;
    this.#ids = ids;
  }

  /** Newest first, those that GitHub still keeps. */
  all(): Delivery[] {
    const oldestMs = this.#clock.nowMs() - KEPT_MS;
    this.#log = this.#log.filter(({ deliveredAtMs }) => deliveredAtMs >= oldestMs);
    // By id: a slow call is recorded after later ones, and pages by cursor count on the order.
    return this.#log.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** As the API lists them, which is behind. */
  listed(): Delivery[] {
    const shownMs = this.#clock.nowMs() - this.listLagMs;
    return this.all().filter(({ redelivery, deliveredAtMs }) => !redelivery || deliveredAtMs <= shownMs);
  }

  get(id: bigint): Delivery | undefined {
    return this.all().find((delivery) => delivery.id === id);
  }

  /** Delivers an event, twice if that fault strikes. */
  async send(event: WebhookEvent): Promise<void> {
    const times = this.#faults.strikes('duplicate-webhook') ? 2 : 1;
    const calls = Array.from({ length: times }, () => this.sendOnce(event));
    await Promise.all(calls);
  }

  /** Delivers an event once, whatever the faults. */
  sendOnce(event: WebhookEvent): Promise<Delivery> {
    return this.#deliver(event, this.#ids.guid(), false);
  }

  /** Delivers an event after a while of world time. */
  sendAfter(event: WebhookEvent, delayMs: number): void {
    const wait = this.#clock.sleep(delayMs).then(() => (this.#closed ? undefined : this.send(event)));
    void this.#tracked(wait);
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
    const id = this.#ids.delivery();
    const deliveredAtMs = this.#clock.nowMs();
    const requestHeaders = this.#headers(event.event, guid, event.payload);
    const lost = this.isDown || this.#faults.strikes('lost-webhook');
    const outcome = lost ? UNREACHABLE : await this.#attempt(event.payload, requestHeaders);
    const delivery: Delivery = {
      id,
      guid,
      deliveredAtMs,
      redelivery,
      durationSeconds: (this.#clock.nowMs() - deliveredAtMs) / 1000,
      status: outcome.text,
      statusCode: outcome.status,
      event: event.event,
      action: event.action,
      installationId: event.installationId,
      repositoryId: event.repositoryId,
      url: this.hook.url ?? '',
      requestHeaders,
      payload: event.payload,
      responseHeaders: outcome.headers,
      responseBody: outcome.body,
      jobId: event.jobId,
    };
    this.#log.push(delivery);
    this.emit('delivery', delivery);
    return delivery;
  }

  async #attempt(body: string, headers: Record<string, string>): Promise<Outcome> {
    try {
      const answer = await this.#post(body, headers);
      const good = answer.status >= 200 && answer.status < 300;
      return { ...answer, text: good ? 'OK' : `Invalid HTTP Response: ${answer.status}` };
    } catch (error) {
      const late = error instanceof Error && error.name === 'TimeoutError';
      return late ? { ...FAILED, status: 504, text: 'timed out' } : UNREACHABLE;
    }
  }

  async #post(body: string | Uint8Array, headers: Record<string, string>): Promise<RawAnswer> {
    if (this.hook.url === undefined) throw new Error('The App has no webhook URL');
    const signal = AbortSignal.timeout(this.hook.limitMs);
    const response = await fetch(this.hook.url, { method: 'POST', body: Buffer.from(body), headers, signal });
    const answered = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), body: answered };
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

/** As GitHub's log words it. */
const UNREACHABLE: Outcome = { ...FAILED, status: 502, text: 'failed to connect to host' };
