/** The workflow runs and jobs, and how a job moves from one status to the next. */
import type { WorldClock } from '../world/clock.ts';
import type { Identifiers } from './identifiers.ts';
import type { Conclusion, Installation, Job, JobRequest, Repository, RunRequest } from './types.ts';

export interface Run {
  readonly id: number;
  readonly number: number;
  readonly workflow: string;
  /** As it is now: repositories are renamed and transferred, and an App is installed again. */
  installation: Installation;
  repository: Repository;
  readonly headSha: string;
  readonly createdAtMs: number;
  /** Of the last change that a reader can see. */
  updatedAtMs: number;
  readonly maxParallel: number;
  readonly isForgotten: boolean;
  readonly jobs: JobRecord[];
}

const DAY_MS = 24 * 3_600_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface JobRecord extends Mutable<Job> {
  readonly run: Run;
  /** The runner that it is given to, from the assignment to the end of the job. */
  assignedTo: number | null;
  assignedAtMs: number;
  /** When its worker was last heard of. */
  seenAtMs: number;
  cancelledAtMs: number | null;
}

/** A copy for observers. */
export function jobSnapshot(record: JobRecord): Job {
  const {
    run: _run,
    assignedTo: _to,
    assignedAtMs: _at,
    seenAtMs: _seen,
    cancelledAtMs: _when,
    ...job
  } = record;
  return { ...job, labels: [...job.labels] };
}

const NOT_STARTED = {
  conclusion: null,
  annotation: null,
  startedAtMs: null,
  completedAtMs: null,
  runnerId: null,
  runnerName: null,
  runnerGroupId: null,
  runnerGroupName: null,
  assignments: 0,
  assignedTo: null,
  assignedAtMs: 0,
  seenAtMs: 0,
  cancelledAtMs: null,
} as const;

export class JobStore {
  readonly #jobs = new Map<number, JobRecord>();
  readonly #runs = new Map<number, Run>();
  readonly #clock: WorldClock;
  readonly #ids: Identifiers;

  constructor(clock: WorldClock, ids: Identifiers) {
    this.#clock = clock;
    this.#ids = ids;
  }

  all(): JobRecord[] {
    return [...this.#jobs.values()];
  }

  /** Newest first, as GitHub lists them. */
  runs(): Run[] {
    return [...this.#runs.values()].reverse().sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  get(id: number): JobRecord | undefined {
    return this.#jobs.get(id);
  }

  run(id: number): Run | undefined {
    return this.#runs.get(id);
  }

  /** The repository has another name or owner, or another installation reaches it. */
  relocate(repository: Repository, installation: Installation): void {
    for (const run of this.#runs.values()) {
      if (run.repository.id !== repository.id) continue;
      Object.assign(run, { repository, installation });
      for (const job of run.jobs) job.repository = `${installation.owner.login}/${repository.name}`;
    }
  }

  /** Deletes a run: nobody reads it any more. */
  delete(run: Run): void {
    this.#runs.delete(run.id);
  }

  addRun(request: RunRequest, installation: Installation, repository: Repository): Run {
    const createdAtMs = this.#clock.nowMs() - (request.forgottenDays ?? 0) * DAY_MS;
    const run: Run = {
      id: this.#ids.next('run'),
      number: this.#runs.size + 1,
      workflow: request.workflow ?? 'CI',
      installation,
      repository,
      headSha: this.#ids.hex(40),
      createdAtMs,
      updatedAtMs: createdAtMs,
      maxParallel: request.maxParallel ?? Number.POSITIVE_INFINITY,
      isForgotten: request.forgottenDays !== undefined,
      jobs: [],
    };
    this.#runs.set(run.id, run);
    for (const job of request.jobs) run.jobs.push(this.#addJob(run, job));
    return run;
  }

  #addJob(run: Run, request: JobRequest): JobRecord {
    const record: JobRecord = {
      ...NOT_STARTED,
      id: this.#ids.next('job'),
      run,
      runId: run.id,
      runAttempt: 1,
      repository: `${run.installation.owner.login}/${run.repository.name}`,
      repositoryId: run.repository.id,
      name: request.name,
      workflow: run.workflow,
      labels: request.labels,
      durationSeconds: request.durationSeconds,
      result: request.result ?? 'success',
      environment: request.environment ?? null,
      status: request.environment === undefined ? 'queued' : 'waiting',
      queuedAtMs: run.createdAtMs,
    };
    this.#jobs.set(record.id, record);
    return record;
  }
}

export interface Taker {
  readonly id: number;
  readonly name: string;
  readonly groupId: number;
  readonly groupName: string;
}

/** The job starts on this runner. */
export function startJob(job: JobRecord, taker: Taker, nowMs: number): void {
  Object.assign(job, {
    status: 'in_progress',
    startedAtMs: nowMs,
    seenAtMs: nowMs,
    runnerId: taker.id,
    runnerName: taker.name,
    runnerGroupId: taker.groupId,
    runnerGroupName: taker.groupName,
  });
}

/** The job is over; a job that had not started keeps no runner. */
export function endJob(
  job: JobRecord,
  conclusion: Conclusion,
  annotation: string | null,
  nowMs: number,
): void {
  Object.assign(job, { status: 'completed', conclusion, annotation, completedAtMs: nowMs, assignedTo: null });
}

type RunStatus = 'completed' | 'in_progress' | 'queued' | 'waiting';

/** What GitHub shows for the run as a whole. */
export function runStatus(run: Run): { status: RunStatus; conclusion: Conclusion | null } {
  const has = (status: Job['status']) => run.jobs.some((job) => job.status === status);
  const ended = (conclusion: Conclusion) => run.jobs.some((job) => job.conclusion === conclusion);
  if (run.jobs.every((job) => job.status === 'completed')) {
    const conclusion = ended('failure') ? 'failure' : ended('cancelled') ? 'cancelled' : 'success';
    return { status: 'completed', conclusion };
  }
  if (has('in_progress') || has('completed')) return { status: 'in_progress', conclusion: null };
  return { status: has('queued') ? 'queued' : 'waiting', conclusion: null };
}
