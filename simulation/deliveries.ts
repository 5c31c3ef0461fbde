import type { DeliveryFact } from '../functions/core/ports.ts';
import type { GitHub } from './github/github.ts';
import type { Job, Repository } from './github/types.ts';
import { payloadOf } from './payload.ts';
import { namesakesDelivery, strangersDelivery } from './strangers.ts';
import { MINUTE, SECOND, type World } from './world.ts';

type Action = 'queued' | 'in_progress' | 'completed';

interface Record {
  readonly id: string;
  readonly guid: string;
  readonly body: string;
  readonly action: Action;
  readonly job: Job;
  readonly deliveredAtMs: number;
  readonly isRedelivery: boolean;
  readonly repositoryId: number;
  statusCode: number;
  /** As GitHub lists it once it was answered. */
  shown?: DeliveryFact;
}

/** Webhook deliveries: each once, unless a fault loses, doubles, delays or reorders it. GitHub never sends again. */
export class Deliveries {
  readonly #records: Record[] = [];
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
    if (action === 'in_progress' && world.strikes('lost-start-webhook')) return;
    if (world.strikes('unrecorded-webhook')) return;
    const hasBegun = action !== 'queued' && job.runner !== undefined;
    const body = payloadOf({ ...job, action, status, hasBegun, runner: job.runner ?? job.namedRunner });
    const copies = world.strikes('duplicate-webhook') ? 2 : 1;
    for (let n = 0; n < copies; n++) {
      const lateMs = world.strikes('late-webhook') ? 83 * MINUTE : 0;
      const disorderMs = world.strikes('reordered-webhook') ? world.between(0, 60) * SECOND : 0;
      const delayMs =
        world.between(0.2, 2) * SECOND +
        lateMs +
        disorderMs +
        world.random() * (world.workload.spreadMs ?? 0);
      const guid = `${job.id}-${action}-${status}-${n}`;
      world.clock.after(delayMs, () =>
        this.#deliver({ guid, body, action, job, repositoryId: job.repository.id, isRedelivery: false }),
      );
    }
  }

  #sendUnrecorded(body: string | undefined): void {
    if (body === undefined) return;
    this.#world.clock.after(this.#world.between(0.2, 2) * SECOND, () => this.receive(body, () => undefined));
  }

  redeliver(id: string): void {
    const record = this.#records[Number(id) - 1];
    if (record === undefined) return;
    const { guid, body, action, job, repositoryId } = record;
    this.#world.tell(() => `delivery ${guid} is sent again`);
    this.#world.clock.after(this.#world.between(0.2, 2) * SECOND, () =>
      this.#deliver({ guid, body, action, job, repositoryId, isRedelivery: true }),
    );
  }

  list(sinceMs: number): DeliveryFact[] {
    const recent: DeliveryFact[] = [];
    for (let index = this.#records.length - 1; index >= 0; index--) {
      const record = this.#records[index] as Record;
      if (record.deliveredAtMs < sinceMs) break;
      if (record.statusCode === 0) continue;
      record.shown ??= { ...record, event: 'workflow_job', installationId: 77 };
      recent.push(record.shown);
    }
    return recent;
  }

  #deliver(sent: Omit<Record, 'id' | 'deliveredAtMs' | 'statusCode'>): void {
    const id = String(this.#records.length + 1);
    const record: Record = { ...sent, id, deliveredAtMs: this.#world.nowMs, statusCode: 0 };
    this.#records.push(record);
    this.#world.counts.deliveries += 1;
    const isLost = this.#world.isDuring('webhooks-down') || this.#world.strikes('lost-webhook');
    if (isLost) record.statusCode = 502;
    else
      this.receive(sent.body, (status) => {
        record.statusCode = status;
        if (sent.action === 'completed' && status < 300 && !this.endsHeardAtMs.has(sent.job))
          this.endsHeardAtMs.set(sent.job, this.#world.nowMs);
      });
  }
}
