import type { Repository } from '../../functions/core/job/repository.ts';
import type { JobLook, JobLookRequest, RepositoryPoll } from '../../functions/core/plan/job-look.ts';
import type { JobFact } from '../../functions/core/task/facts.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import type { Invocation } from '../invocation.ts';
import { call } from '../invocation.ts';
import type { Services } from '../ports.ts';
import { MINUTE } from '../world.ts';
import type { ListedRun } from './runs.ts';

const STATUSES = ['queued', 'in_progress', 'waiting', 'pending'] as const;
const PAGE = 100;
/** How long an installation's token lives, and with it what a conditional request can be answered by. */
const TOKEN_MS = 60 * MINUTE;

const failure = (status: number | undefined) =>
  new ServiceError(
    { service: 'github', operation: 'list jobs', ...(status !== undefined && { status }) },
    'the call failed',
  );

/** Reads of jobs as the adapters make them, each a call of its own: budgets, cursors and what is not there any more. */
export class Reads {
  readonly #services: Services;
  readonly #invocation: Invocation;

  constructor(services: Services, invocation: Invocation) {
    this.#services = services;
    this.#invocation = invocation;
  }

  async lookAtJobs(request: JobLookRequest): Promise<JobLook> {
    const look = new Look(request);
    for (const jobId of request.jobIds) {
      const job = await this.#tryRead(look, () => this.#readJob(request.repository, jobId, look.signal));
      if (job !== undefined) look.jobs.set(job.jobId, job);
    }
    if (request.isNamedOnly || look.isOver) return look.report(false);
    const runs = await this.#listRuns(request.repository, look);
    const left = runs.filter(({ id, status }) => status === 'queued' || id > (request.resumeAfterRunId ?? 0));
    if (look.isListed && left.length === 0) look.resumeAfterRunId = undefined;
    for (const [index, run] of left.entries()) {
      if (look.isOver) break;
      const jobs = await this.#tryRead(look, () => this.#listJobs(request.repository, run, look.signal));
      if (jobs === undefined) break;
      for (const job of jobs) look.jobs.set(job.jobId, job);
      look.resumeAfterRunId = index === left.length - 1 ? undefined : run.id;
    }
    return look.report(look.resumeAfterRunId === undefined && left.length === runs.length && look.isListed);
  }

  /** One conditional request: free where nothing has changed since it was asked with the same token. */
  async poll(repository: Repository): Promise<RepositoryPoll> {
    const { world, github, polls } = this.#services;
    const isCounted = () => {
      const atMs = polls.get(repository.id) ?? Number.NEGATIVE_INFINITY;
      const isSameToken = Math.floor(atMs / TOKEN_MS) === Math.floor(world.nowMs / TOKEN_MS);
      return !isSameToken || github.runs.hasChangedSince(repository.id, atMs);
    };
    return this.#call(repository, undefined, () => {
      const isChanged = isCounted();
      if (isChanged) this.#spend(repository, 'otherReads', 'poll');
      polls.set(repository.id, world.nowMs);
      const hasRuns =
        github.neighbours.runsOf(repository.id).length > 0 ||
        github.runs.listActive(repository.id).length > 0;
      return { hasActiveRuns: hasRuns, isCounted: isChanged };
    });
  }

  async #listRuns(repository: Repository, look: Look): Promise<readonly ListedRun[]> {
    const foreign = this.#services.github.neighbours.runsOf(repository.id);
    const pages = STATUSES.length + Math.floor(foreign.length / PAGE);
    let runs: ListedRun[] = [];
    for (let page = 0; page < pages && !look.isOver; page++) {
      const isLast = page === pages - 1;
      const found = await this.#tryRead(look, () =>
        this.#call(repository, look.signal, () => {
          this.#spend(repository, 'jobReads', 'list runs');
          return isLast ? this.#services.github.runs.listActive(repository.id) : [];
        }),
      );
      if (found === undefined) return runs;
      look.isListed = isLast;
      if (isLast)
        runs = [...found, ...foreign.map((id) => ({ id, status: 'in_progress' as const, updatedAtMs: 0 }))];
    }
    return runs.toSorted((a, b) => rankOf(a) - rankOf(b) || a.id - b.id);
  }

  #listJobs(repository: Repository, run: ListedRun, signal: AbortSignal): Promise<JobFact[]> {
    const { runs, neighbours } = this.#services.github;
    return this.#call(repository, signal, () => {
      const jobs = neighbours.isTheirs(run.id) ? neighbours.jobsOf(run.id) : runs.listJobs(run.id);
      for (let page = 0; page < Math.max(1, Math.ceil(jobs.length / PAGE)); page++)
        this.#spend(repository, 'jobReads', 'list jobs');
      return jobs.map((job) => ({ ...job, runUpdatedAtMs: run.updatedAtMs }));
    });
  }

  /** 404 where there is no such job. */
  #readJob(repository: Repository, jobId: number, signal: AbortSignal): Promise<JobFact | undefined> {
    const { jobs, runs } = this.#services.github;
    return this.#call(repository, signal, () => {
      this.#spend(repository, 'jobReads', 'read job');
      const job = jobs.get(jobId);
      return job?.repository.id === repository.id ? runs.readJob(job) : undefined;
    });
  }

  /** What fails once something was read ends the look; what fails before is thrown. */
  async #tryRead<Value>(look: Look, read: () => Promise<Value>): Promise<Value | undefined> {
    try {
      const value = await read();
      look.reads += 1;
      return value;
    } catch (error) {
      if (look.signal.aborted) return undefined;
      if (look.reads === 0) throw error;
      look.problem = String(error);
      return undefined;
    }
  }

  #call<Value>(repository: Repository, signal: AbortSignal | undefined, effect: () => Value): Promise<Value> {
    const { world, github } = this.#services;
    return call(world, this.#invocation, {
      service: 'github',
      fault: failure,
      isList: true,
      ...(signal && { signal }),
      extraMs: github.neighbours.slownessMs(repository.id),
      effect: () => {
        if (world.isAway(repository)) throw failure(404);
        github.neighbours.check(repository.id);
        return effect();
      },
    });
  }

  #spend({ owner }: Repository, kind: 'jobReads' | 'otherReads', operation: string): void {
    const { world, github } = this.#services;
    world.counts[kind] += 1;
    github.limits.spend(owner, operation);
  }
}

const rankOf = ({ status }: ListedRun): number => ['queued', 'in_progress', 'waiting'].indexOf(status);

class Look {
  readonly jobs = new Map<number, JobFact>();
  reads = 0;
  isListed = false;
  problem: string | undefined;
  resumeAfterRunId: number | undefined;
  readonly #request: JobLookRequest;

  constructor(request: JobLookRequest) {
    this.#request = request;
    this.resumeAfterRunId = request.resumeAfterRunId ?? 0;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  get isOver(): boolean {
    return this.reads >= this.#request.mostReads || this.signal.aborted || this.problem !== undefined;
  }

  report(isWhole: boolean): JobLook {
    const { reads, problem, resumeAfterRunId } = this;
    const jobs = [...this.jobs.values()];
    return { jobs, isWhole, reads, problem, resumeAfterRunId, malformedRecords: 0 };
  }
}
