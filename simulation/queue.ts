import type { DoubtMessage } from '../functions/reconcile/take-doubt.ts';
import { readDeployment } from '../local/world/deployment.ts';
import { MINUTE, SECOND, type World } from './world.ts';

interface Message extends DoubtMessage {
  readonly visibleAtMs: number;
  receives: number;
}

/** As infra/queue.yml and serverless.yml set it. */
const { queue, functions } = readDeployment();
const DELAY_MS = queue.delaySeconds * SECOND;
const VISIBILITY_MS = queue.visibilitySeconds * SECOND;
const MOST_RECEIVES = queue.maximumReceives;
const TRIGGER = functions.flatMap(({ triggers }) => triggers).find(({ kind }) => kind === 'queue');
const CONCURRENCY = TRIGGER?.kind === 'queue' ? TRIGGER.maximumConcurrency : 0;
const DEDUPLICATION_MS = 5 * MINUTE;

/** An SQS FIFO queue and the Lambda poller on it: one message a batch, one batch a group at a time. */
export class DoubtQueue {
  readonly #groups = new Map<string, Message[]>();
  readonly #blocked = new Set<string>();
  readonly #sent = new Map<string, number>();
  readonly #world: World;
  #running = 0;
  #nextId = 1;
  /** Says, once and for all, whether the message was handled. */
  consume: (message: DoubtMessage, done: (isHandled: boolean) => void) => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get size(): number {
    return [...this.#groups.values()].reduce((sum, group) => sum + group.length, 0);
  }

  send(body: string, group: string, deduplicationId: string): void {
    const { nowMs } = this.#world;
    if (nowMs - (this.#sent.get(deduplicationId) ?? -Infinity) < DEDUPLICATION_MS) return;
    this.#sent.set(deduplicationId, nowMs);
    // A message that is not a doubt, in the same group and before this one.
    if (this.#world.strikes('queue-poison')) this.#add('{"repository":"all"}', group);
    if (this.#world.strikes('queue-lost')) return;
    this.#world.tell(() => `doubt of ${group}`);
    this.#add(body, group);
  }

  #add(body: string, group: string): void {
    const id = String(this.#nextId++);
    this.#put({ id, body, group, visibleAtMs: this.#world.nowMs + DELAY_MS, receives: 0 });
  }

  #put(message: Message, atHead = false): void {
    const messages = this.#groups.get(message.group) ?? [];
    this.#groups.set(message.group, atHead ? [message, ...messages] : [...messages, message]);
    this.#world.clock.at(message.visibleAtMs, () => this.#poll());
  }

  #poll(): void {
    while (this.#running < CONCURRENCY) {
      const due: Message[] = [];
      for (const [group, [head]] of this.#groups)
        if (head && head.visibleAtMs <= this.#world.nowMs && !this.#blocked.has(group)) due.push(head);
      if (due.length === 0) return;
      this.#receive(this.#world.pick(due));
    }
  }

  #receive(message: Message): void {
    const { group } = message;
    message.receives += 1;
    if (message.receives > MOST_RECEIVES) {
      this.#world.counts.deadLetters += 1;
      this.#groups.get(group)?.shift();
      return;
    }
    this.#blocked.add(group);
    this.#running += 1;
    const receivedAtMs = this.#world.nowMs;
    this.consume(message, (isHandled) => {
      this.#running -= 1;
      if (isHandled) {
        this.#groups.get(group)?.shift();
        this.#blocked.delete(group);
        if (this.#world.strikes('queue-twice'))
          this.#put({ ...message, visibleAtMs: this.#world.nowMs, receives: 0 }, true);
      } else
        this.#world.clock.at(receivedAtMs + VISIBILITY_MS, () => {
          this.#blocked.delete(group);
          this.#poll();
        });
      this.#poll();
    });
  }
}
