/** The registered runners, by scope. A removed one is remembered by its key only, so that it can be told. */
import { isTaken, NEW_RUNNER } from '../../model/github/job.ts';
import type { WorldClock } from '../world/clock.ts';
import { ApiError } from './api-error.ts';
import type { Identifiers } from './identifiers.ts';
import { type RunnerRecord, type Scope, scopeKey } from './records.ts';

export type NewRunner = Pick<RunnerRecord, 'scope' | 'name' | 'group' | 'labels' | 'publicKey'>;

export class RunnerRegistry {
  readonly #byId = new Map<number, RunnerRecord>();
  readonly #byClient = new Map<string, RunnerRecord>();
  readonly #clock: WorldClock;
  readonly #ids: Identifiers;

  constructor(clock: WorldClock, ids: Identifiers) {
    this.#clock = clock;
    this.#ids = ids;
  }

  all(): RunnerRecord[] {
    return [...this.#byId.values()];
  }

  inScope(scope: Scope): RunnerRecord[] {
    return this.all().filter((record) => scopeKey(record.scope) === scopeKey(scope));
  }

  get(id: number): RunnerRecord | undefined {
    return this.#byId.get(id);
  }

  /** Finds removed ones too. */
  byClient(clientId: string): RunnerRecord | undefined {
    return this.#byClient.get(clientId);
  }

  register(runner: NewRunner): RunnerRecord {
    if (isTaken(runner.name, this.inScope(runner.scope)))
      throw new ApiError(409, `Already exists - A runner with the name ${runner.name} already exists.`);
    const record: RunnerRecord = {
      ...NEW_RUNNER,
      ...runner,
      labels: [...new Set(runner.labels.map((label) => label.toLowerCase()))],
      id: this.#ids.next('runner'),
      clientId: this.#ids.guid(),
      createdAtMs: this.#clock.nowMs(),
      sessionId: null,
      connected: false,
      polls: 0,
      seenAtMs: this.#clock.nowMs(),
      removed: false,
      ghost: false,
      endedAtMs: null,
      inbox: [],
      acknowledged: null,
      messages: 0,
      wake: () => {},
    };
    this.#byId.set(record.id, record);
    this.#byClient.set(record.clientId, record);
    return record;
  }

  /** Takes the registration away; an open poll hears of it at once. */
  drop(record: RunnerRecord): void {
    this.#byId.delete(record.id);
    record.removed = true;
    record.connected = false;
    record.wake();
  }
}
