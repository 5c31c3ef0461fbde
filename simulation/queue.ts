import type { DoubtMessage } from '../functions/reconcile/take-doubt.ts';
import { readDeployment } from '../local/world/deployment.ts';
import { Accepted, available, type Held, isSpent, lend } from '../model/queue.ts';
import { SECOND, type World } from './world.ts';

interface Message extends DoubtMessage, Held {
  readonly groupId: string;
}

/** As infra/queue.yml and serverless.yml set it. */
const { queue, functions } = readDeployment();
const DELAY_MS = queue.delaySeconds * SECOND;
const VISIBILITY_MS = queue.visibilitySeconds * SECOND;
const MOST_RECEIVES = queue.maximumReceives;
const TRIGGER = functions.flatMap(({ triggers }) => triggers).find(({ kind }) => kind === 'queue');
const CONCURRENCY = TRIGGER?.kind === 'queue' ? TRIGGER.maximumConcurrency : 0;

/** An SQS FIFO queue and the Lambda poller on it: one message a batch, one batch a group at a time. */
export class DoubtQueue {
  #messages: Message[] = [];
  /** Groups, in the order in which they came first. */
  readonly #groups: string[] = [];
  readonly #accepted = new Accepted<true>();
  readonly #world: World;
  #running = 0;
  #nextId = 1;
  /** Says, once and for all, whether the message was handled. */
  consume: (message: DoubtMessage, done: (isHandled: boolean) => void) => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get size(): number {
    return this.#messages.length;
  }

  send(body: string, group: string, deduplicationId: string): void {
    const { nowMs } = this.#world;
    if (this.#accepted.find(deduplicationId, nowMs)) return;
    this.#accepted.keep(deduplicationId, true, nowMs);
    // A message that is not a doubt, in the same group and before this one.
    if (this.#world.strikes('queue-poison')) this.#add('{"repository":"all"}', group);
    if (this.#world.strikes('queue-lost')) return;
    this.#world.tell(() => `doubt of ${group}`);
    this.#add(body, group);
  }

  #add(body: string, groupId: string): void {
    const id = String(this.#nextId++);
    const message = { id, body, group: groupId, groupId, receives: 0 };
    this.#messages.push(this.#expect({ ...message, visibleAtMs: this.#world.nowMs + DELAY_MS }));
  }

  /** Polls when it can be received. */
  #expect(message: Message): Message {
    if (!this.#groups.includes(message.groupId)) this.#groups.push(message.groupId);
    this.#world.clock.at(message.visibleAtMs, () => this.#poll());
    return message;
  }

  #poll(): void {
    while (this.#running < CONCURRENCY) {
      const due = this.#due();
      if (due.length === 0) return;
      this.#receive(this.#world.pick(due));
    }
  }

  /** The first of each group that may be received. */
  #due(): Message[] {
    const messages = available(this.#messages, this.#world.nowMs, true);
    if (messages.length < 2) return messages;
    return this.#groups.flatMap((group) => messages.find(({ groupId }) => groupId === group) ?? []);
  }

  #receive(message: Message): void {
    if (isSpent(message, MOST_RECEIVES)) {
      this.#world.counts.deadLetters += 1;
      this.#remove(message);
      return;
    }
    lend(message, this.#world.nowMs, VISIBILITY_MS);
    this.#running += 1;
    this.consume(message, (isHandled) => {
      this.#running -= 1;
      if (!isHandled) this.#world.clock.at(message.visibleAtMs, () => this.#poll());
      else {
        this.#remove(message);
        if (this.#world.strikes('queue-twice'))
          this.#messages.unshift(this.#expect({ ...message, visibleAtMs: this.#world.nowMs, receives: 0 }));
      }
      this.#poll();
    });
  }

  #remove(message: Message): void {
    this.#messages = this.#messages.filter((other) => other !== message);
  }
}
