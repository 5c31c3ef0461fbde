/** The registered runners, by scope. A removed one is remembered by its key only, so that it can be told. */
import type { KeyObject } from 'node:crypto';
import type { WorldClock } from '../world/clock.ts';
import { ApiError } from './api-error.ts';
import type { Identifiers } from './identifiers.ts';
import type { JobRecord } from './job-store.ts';
import type { Installation, Repository, Runner, RunnerGroup, RunnerStatus } from './types.ts';

/** Where a runner registers: an organisation, or one repository. */
export interface Scope {
  readonly installation: Installation;
  readonly repository: Repository | null;
}

export type Message =
  | { readonly messageType: 'RunnerJobRequest'; readonly body: { jobId: number; jobName: string } }
  | { readonly messageType: 'JobCancellation'; readonly body: { jobId: number } };

export interface RunnerRecord {
  readonly id: number;
  readonly name: string;
  readonly scope: Scope;
  readonly group: RunnerGroup;
  /** In lower case, as GitHub stores them. */
  readonly labels: readonly string[];
  readonly clientId: string;
  readonly publicKey: KeyObject;
  readonly createdAtMs: number;
  /** Set by the first session, and never again: a JIT config starts once. */
  sessionId: string | null;
  connected: boolean;
  /** Polls that are open now. */
  polls: number;
  seenAtMs: number;
  /** The job that it is given or runs. */
  job: JobRecord | null;
  busy: boolean;
  /** Listed as not busy once, and from then on deletable (terraform-aws-github-runner#5085). */
  lied: boolean;
  removed: boolean;
  /** Removed, but its polls continue without an answer (actions/runner#4617). */
  ghost: boolean;
  readonly inbox: Message[];
  /** Wakes the open poll. */
  wake: () => void;
}

export const scopeName = ({ installation, repository }: Scope): string =>
  repository === null ? installation.owner.login : `${installation.owner.login}/${repository.name}`;

/** By ids: names change, and an App is installed again. */
export const isSameScope = (a: Scope, b: Scope): boolean =>
  a.installation.owner.id === b.installation.owner.id && a.repository?.id === b.repository?.id;

const DEFAULT_GROUPS: readonly RunnerGroup[] = [{ id: 1, name: 'Default' }];

const runnerGroups = ({ runnerGroups }: Installation): readonly RunnerGroup[] =>
  runnerGroups ?? DEFAULT_GROUPS;

export const groupOf = (installation: Installation, id: number): RunnerGroup | undefined =>
  runnerGroups(installation).find((group) => group.id === id);

const statusOf = (record: RunnerRecord): RunnerStatus =>
  record.connected ? (record.busy ? 'busy' : 'idle') : 'offline';

/** A copy for observers. */
export const runnerSnapshot = (record: RunnerRecord): Runner => ({
  id: record.id,
  name: record.name,
  scope: scopeName(record.scope),
  groupId: record.group.id,
  labels: [...record.labels],
  status: statusOf(record),
  jobId: record.job?.id ?? null,
  createdAtMs: record.createdAtMs,
  installationId: record.scope.installation.id,
});

/** Whether this runner may take this job: its scope, its group and its labels all allow it. */
export function fits(runner: RunnerRecord, job: JobRecord): boolean {
  const { installation, repository } = runner.scope;
  if (installation.owner.id !== job.run.installation.owner.id) return false;
  if (repository !== null && repository.id !== job.repositoryId) return false;
  const { repositories: allowed } = groupOf(job.run.installation, runner.group.id) ?? runner.group;
  if (repository === null && allowed !== undefined && !allowed.includes(job.run.repository.name))
    return false;
  return job.labels.every((label) => runner.labels.includes(label.toLowerCase()));
}

export interface Registration {
  readonly scope: Scope;
  readonly name: string;
  readonly group: RunnerGroup;
  readonly labels: readonly string[];
  readonly publicKey: KeyObject;
}

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
    return this.all().filter((record) => isSameScope(record.scope, scope));
  }

  get(id: number): RunnerRecord | undefined {
    return this.#byId.get(id);
  }

  /** Finds removed ones too. */
  byClient(clientId: string): RunnerRecord | undefined {
    return this.#byClient.get(clientId);
  }

  register(registration: Registration): RunnerRecord {
    const { name, scope } = registration;
    if (this.inScope(scope).some((record) => record.name.toLowerCase() === name.toLowerCase())) {
      throw new ApiError(409, `Already exists - A runner with the name ${name} already exists.`);
    }
    const record = this.#create(registration);
    this.#byId.set(record.id, record);
    this.#byClient.set(record.clientId, record);
    return record;
  }

  #create({ labels, ...registration }: Registration): RunnerRecord {
    return {
      ...registration,
      labels: [...new Set(labels.map((label) => label.toLowerCase()))],
      id: this.#ids.next('runner'),
      clientId: this.#ids.guid(),
      createdAtMs: this.#clock.nowMs(),
      sessionId: null,
      connected: false,
      polls: 0,
      seenAtMs: this.#clock.nowMs(),
      job: null,
      busy: false,
      lied: false,
      removed: false,
      ghost: false,
      inbox: [],
      wake: () => {},
    };
  }

  /** Takes the registration away; an open poll hears of it at once. */
  drop(record: RunnerRecord): void {
    this.#byId.delete(record.id);
    record.removed = true;
    record.connected = false;
    record.wake();
  }
}
