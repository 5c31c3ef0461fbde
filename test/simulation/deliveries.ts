import type { DeliveryFact } from '../../functions/core/ports.ts';
import type { Job } from './github/types.ts';
import { MINUTE, SECOND, type World } from './world.ts';

type Action = 'queued' | 'in_progress' | 'completed';

interface Record {
  readonly id: string;
  readonly guid: string;
  readonly body: string;
  readonly action: Action;
  readonly deliveredAtMs: number;
  readonly isRedelivery: boolean;
  statusCode: number;
}

/** Webhook deliveries: each once, unless a fault loses, doubles, delays or reorders it. GitHub never sends again. */
export class Deliveries {
  readonly #records: Record[] = [];
  readonly #world: World;
  /** Hands a delivery to the function; tells the status that GitHub gets. */
  receive: (body: string, answer: (status: number) => void) => void = () => undefined;

  constructor(world: World) {
    this.#world = world;
  }

  send(job: Job, action: Action, status: string): void {
    const world = this.#world;
    if (action === 'in_progress' && world.strikes('inProgressLost')) return;
    if (world.strikes('deliveryLostSilently')) return;
    const body = payload(job, action, status);
    const copies = world.strikes('deliveryDuplicated') ? 2 : 1;
    for (let n = 0; n < copies; n++) {
      const lateMs = world.strikes('deliveryLate') ? 83 * MINUTE : 0;
      const disorderMs = world.strikes('deliveryReordered') ? world.between(0, 60) * SECOND : 0;
      const delayMs =
        world.between(0.2, 2) * SECOND +
        lateMs +
        disorderMs +
        world.random() * (world.workload.spreadMs ?? 0);
      const guid = `${job.id}-${action}-${status}-${n}`;
      world.clock.after(delayMs, () => this.#deliver(guid, body, action, false));
    }
  }

  redeliver(id: string): void {
    const record = this.#records.find((one) => one.id === id);
    if (record === undefined) return;
    const { guid, body, action } = record;
    this.#world.tell(() => `delivery ${guid} is sent again`);
    this.#world.clock.after(this.#world.between(0.2, 2) * SECOND, () =>
      this.#deliver(guid, body, action, true),
    );
  }

  list(sinceMs: number): DeliveryFact[] {
    const recent: DeliveryFact[] = [];
    for (let index = this.#records.length - 1; index >= 0; index--) {
      const record = this.#records[index] as Record;
      if (record.deliveredAtMs < sinceMs) break;
      // GitHub lists a delivery once it was answered.
      if (record.statusCode !== 0)
        recent.push({ ...record, event: 'workflow_job', repositoryId: undefined, installationId: undefined });
    }
    return recent;
  }

  #deliver(guid: string, body: string, action: Action, isRedelivery: boolean): void {
    const id = String(this.#records.length + 1);
    const deliveredAtMs = this.#world.nowMs;
    const record: Record = { id, guid, body, action, deliveredAtMs, isRedelivery, statusCode: 0 };
    this.#records.push(record);
    this.#world.counts.deliveries += 1;
    if (this.#world.strikes('deliveryLostRecorded')) record.statusCode = 502;
    else
      this.receive(body, (status) => {
        record.statusCode = status;
      });
  }
}

function payload(
  { id, runId, labels, createdAtMs, startedAtMs, runner, repository }: Job,
  action: Action,
  status: string,
): string {
  const { id: repositoryId, name } = repository;
  return JSON.stringify({
    action,
    workflow_job: {
      id,
      run_id: runId,
      run_attempt: 1,
      status,
      labels,
      created_at: new Date(createdAtMs).toISOString(),
      ...(startedAtMs !== undefined && { started_at: new Date(startedAtMs).toISOString() }),
      runner_name: runner?.name ?? null,
    },
    repository: {
      id: repositoryId,
      name,
      full_name: `acme/${name}`,
      private: true,
      owner: { login: 'acme', id: 42, type: 'Organization' },
    },
    organization: { login: 'acme', id: 42 },
    installation: { id: 77 },
  });
}
