import type { DeliveryFact } from '../functions/core/ports.ts';
import { DeliveryLog, departures, leavesAfterMs, UNREACHABLE } from '../model/github/deliveries.ts';
import type { Fault } from './faults.ts';
import type { GitHub } from './github/github.ts';
import type { Job, Repository } from './github/types.ts';
import { payloadOf } from './payload.ts';
import { namesakesDelivery, strangersDelivery } from './strangers.ts';
import type { World } from './world.ts';

type Action = 'queued' | 'in_progress' | 'completed';

interface Record {
  readonly id: string;
  readonly guid: string;
  readonly body: string;
  readonly action: Action;
  readonly job: Job;
  readonly deliveredAtMs: number;
  readonly redelivery: boolean;
  statusCode: number;
  /** As GitHub lists it once it was answered. */
  shown?: DeliveryFact;
}

/** Webhook deliveries: each once, unless a fault loses, doubles, delays or reorders it. GitHub never sends again. */
export class Deliveries {
  readonly #log = new DeliveryLog<Record>();
  readonly #world: World;
  readonly #github: GitHub;
  readonly #repositories: readonly Repository[];
  /** When a delivery of a job's end was answered first. */
  readonly endsHeardAtMs = new Map<Job, number>();
  /** Hands a delivery to the function; tells the status that GitHub gets. */
  receive: (body: string, answer: (status: number) => void) => void = () => undefined;

  constructor(world: World, github: GitHub, repositories: readonly Repository[]) {
    this.#world = world;
    this.#github = github;
    this.#repositories = repositories;
  }

  send(job: Job, action: Action, status: string): void {
    const world = this.#world;
    if (world.strikes('stranger-webhook'))
      for (let n = 0; n < (world.workload.strangersAtOnce ?? 1); n++)
        this.#sendUnrecorded(strangersDelivery(world, this.#github));
    if (world.strikes('namesake-webhook'))
      this.#sendUnrecorded(namesakesDelivery(world, this.#github, this.#repositories));
    if (world.isAway(job.repository)) return;
    const hasBegun = action !== 'queued' && job.runner !== undefined;
    const body = payloadOf({ ...job, action, status, hasBegun, runner: job.runner ?? job.namedRunner });
    let copy = 0;
    const strikes = (fault: Fault) => world.strikes(fault);
    for (const delayMs of departures(action, strikes, world.random, world.workload.spreadMs)) {
      const guid = `${job.id}-${action}-${status}-${copy++}`;
      world.clock.after(delayMs, () => this.#deliver({ guid, body, action, job, redelivery: false }));
    }
  }

  #sendUnrecorded(body: string | undefined): void {
    if (body === undefined) return;
    this.#afterAWhile(() => this.receive(body, () => undefined));
  }

  redeliver(id: string): void {
    const record = this.#log.find(id);
    if (record === undefined) return;
    const { guid, body, action, job } = record;
    this.#world.tell(() => `delivery ${guid} is sent again`);
    this.#afterAWhile(() => this.#deliver({ guid, body, action, job, redelivery: true }));
  }

  #afterAWhile(action: () => void): void {
    this.#world.clock.after(leavesAfterMs(this.#world.random), action);
  }

  list(sinceMs: number): DeliveryFact[] {
    return this.#log.list(this.#world.nowMs, { sinceMs }).map((record) => {
      record.shown ??= factOf(record);
      return record.shown;
    });
  }

  #deliver(sent: Omit<Record, 'id' | 'deliveredAtMs' | 'statusCode'>): void {
    const id = String(this.#log.length + 1);
    const record: Record = { ...sent, id, deliveredAtMs: this.#world.nowMs, statusCode: 0 };
    this.#log.add(record);
    this.#world.counts.deliveries += 1;
    const isLost = this.#world.isDuring('webhooks-down') || this.#world.strikes('lost-webhook');
    if (isLost) record.statusCode = UNREACHABLE;
    else
      this.receive(sent.body, (status) => {
        record.statusCode = status;
        if (sent.action === 'completed' && status < 300 && !this.endsHeardAtMs.has(sent.job))
          this.endsHeardAtMs.set(sent.job, this.#world.nowMs);
      });
  }
}

const factOf = ({ redelivery: isRedelivery, job, ...record }: Record): DeliveryFact => ({
  ...record,
  ...{ isRedelivery, repositoryId: job.repository.id },
  ...{ event: 'workflow_job', installationId: 77 },
});
