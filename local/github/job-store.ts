/** The workflow runs and jobs of the embedded GitHub. */
import { type Batch, NEW_JOB, runStatus } from '../../model/github/job.ts';
import type { WorldClock } from '../world/clock.ts';
import type { Identifiers } from './identifiers.ts';
import type { JobRecord, Run, RunnerRecord } from './records.ts';
import { guidOf } from './service/guid.ts';
import type { Conclusion, Installation, JobRequest, Repository, RunRequest } from './types.ts';

const DEFAULT_ORIGIN = { event: 'push', ref: 'refs/heads/main', path: '.github/workflows/ci.yml' } as const;
const DAY_MS = 24 * 3_600_000;

const NEW = {
  ...NEW_JOB,
  conclusion: null,
  annotation: null,
  runnerId: null,
  runnerName: null,
  runnerGroupId: null,
  runnerGroupName: null,
  assignedAtMs: 0,
  seenAtMs: 0,
  cancelledAtMs: null,
  hasLostRunner: false,
  outputs: {},
  stepResults: [],
  report: undefined,
} as const;

export class JobStore {
  readonly #jobs = new Map<number, JobRecord>();
  readonly #runs = new Map<number, Run>();
  readonly #clock: WorldClock;
  readonly #ids: Identifiers;
  /** The newest commit of a repository (`owner/name`) whose files this world has. */
  headOf: (fullName: string) => string | undefined = () => undefined;

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
    // Drawn in any case, so that the other choices of a world stay the same.
    const drawn = this.#ids.hex(40);
    const run: Run = {
      id: this.#ids.next('run'),
      number: this.#runs.size + 1,
      workflow: request.workflow ?? 'CI',
      installation,
      repository,
      headSha: request.origin?.sha ?? this.headOf(`${installation.owner.login}/${repository.name}`) ?? drawn,
      origin: request.origin ?? DEFAULT_ORIGIN,
      createdAtMs: this.#clock.nowMs() - (request.forgottenDays ?? 0) * DAY_MS,
      attempt: 1,
      attemptStartedAtMs: this.#clock.nowMs(),
      maxParallel: request.maxParallel ?? Number.POSITIVE_INFINITY,
      isForgotten: request.forgottenDays !== undefined,
      jobs: [],
    };
    this.#runs.set(run.id, run);
    for (const job of request.jobs) this.addJob(run, job);
    return run;
  }

  /** Adds a job to its run, and to the batch whose limit binds it. */
  addJob(run: Run, request: JobRequest, batch?: Batch<JobRecord>): JobRecord {
    const createdAtMs = batch === undefined ? run.createdAtMs : this.#clock.nowMs();
    const record = this.#record(run, request, { createdAtMs, ...(batch && { batch }) });
    this.#jobs.set(record.id, record);
    run.jobs.push(record);
    batch?.jobs.push(record);
    return record;
  }

  /** A new attempt of a run: these of its jobs are there once more, each instead of the one that it repeats. */
  repeat(run: Run, jobs: readonly JobRecord[]): JobRecord[] {
    run.attempt += 1;
    run.attemptStartedAtMs = this.#clock.nowMs();
    return jobs.map((job) => {
      const { environment, group, definition, batch } = job;
      // Whether an environment asks once more is not known: here nobody is asked.
      const given = environment === null ? {} : { environment, needsApproval: false };
      const parts = { ...(group !== undefined && { group }), ...(definition && { definition }), ...given };
      const { name, labels, durationSeconds, result, continueOnError } = job;
      const request = { name, labels, durationSeconds, result, continueOnError, ...parts };
      const added = { createdAtMs: this.#clock.nowMs(), ...(batch && { batch }) };
      const again = this.#record(run, request, added);
      this.#jobs.set(again.id, again);
      for (const list of [run.jobs, ...(batch ? [batch.jobs] : [])]) list[list.indexOf(job)] = again;
      return again;
    });
  }

  #record(run: Run, request: JobRequest, added: Pick<JobRecord, 'createdAtMs' | 'batch'>): JobRecord {
    const id = this.#ids.next('job');
    return {
      ...NEW,
      ...added,
      id,
      guid: guidOf('job', id),
      planGuid: guidOf('run', run.id),
      run,
      runId: run.id,
      runAttempt: run.attempt,
      repository: `${run.installation.owner.login}/${run.repository.name}`,
      repositoryId: run.repository.id,
      name: request.name,
      workflow: run.workflow,
      labels: request.labels,
      durationSeconds: request.durationSeconds,
      result: request.result ?? 'success',
      environment: request.environment ?? null,
      definition: request.definition,
      group: request.group,
      continueOnError: request.continueOnError ?? false,
      status: isQueuedAtOnce(request) ? 'queued' : 'waiting',
      queuedAtMs: added.createdAtMs,
    };
  }
}

const isQueuedAtOnce = ({ environment, needsApproval }: JobRequest): boolean =>
  environment === undefined || needsApproval === false;

type Taker = Pick<RunnerRecord, 'id' | 'name' | 'group'>;

/** A runner of GitHub's own. */
export const hostedTaker = (number: number): Taker => ({
  ...{ id: number, name: `GitHub Actions ${number}` },
  group: { id: 0, name: 'GitHub Actions' },
});

/** The job tells of the runner that it starts on. */
export function noteTaker(job: JobRecord, { id, name, group }: Taker, nowMs: number): void {
  job.seenAtMs = nowMs;
  Object.assign(job, {
    runnerId: id,
    runnerName: name,
    runnerGroupId: group.id,
    runnerGroupName: group.name,
  });
}

/** Skipped where every job is. */
function conclusionOf(jobs: readonly JobRecord[]): Conclusion {
  const counted = jobs.filter(
    ({ conclusion, continueOnError }) => !(continueOnError && conclusion === 'failure'),
  );
  const ended = (wanted: Conclusion) => counted.some(({ conclusion }) => conclusion === wanted);
  if (ended('failure')) return 'failure';
  if (ended('cancelled')) return 'cancelled';
  return jobs.length > 0 && jobs.every(({ conclusion }) => conclusion === 'skipped') ? 'skipped' : 'success';
}

/** What GitHub shows for the run as a whole. */
export function runState({ jobs }: Run): { status: JobRecord['status']; conclusion: Conclusion | null } {
  const status = runStatus(jobs.map((job) => job.status));
  return { status, conclusion: status === 'completed' ? conclusionOf(jobs) : null };
}
