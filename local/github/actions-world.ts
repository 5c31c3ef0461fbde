/**
 * Jobs and runners: labels decide who takes which job. A runner is bound to its labels and not to the job that
 * it was launched for, so the choice among those that fit is left to chance, and runners do get swapped.
 */
import { EventEmitter } from 'node:events';
import { Actions, choose } from '../../model/github/actions.ts';
import type { WorldClock } from '../world/clock.ts';
import type { Identifiers } from './identifiers.ts';
import { hostedTaker, JobStore, noteTaker } from './job-store.ts';
import {
  fits,
  type JobRecord,
  jobSnapshot,
  type Message,
  type Run,
  type RunnerRecord,
  runnerSnapshot,
} from './records.ts';
import { type NewRunner, RunnerRegistry } from './runner-registry.ts';
import type {
  Conclusion,
  Installation,
  Job,
  JobRequest,
  Repository,
  RunnerChange,
  RunnerEvent,
  RunRequest,
} from './types.ts';

export type JobAction = JobRecord['status'];

interface WorldEvents {
  job: [Job];
  runner: [RunnerEvent];
  /** Something of which GitHub tells the App. */
  webhook: [JobAction, JobRecord];
}

export class ActionsWorld extends EventEmitter<WorldEvents> {
  readonly jobs: JobStore;
  readonly runners: RunnerRegistry;
  readonly clock: WorldClock;
  readonly #random: () => number;
  readonly #model: Actions<JobRecord, RunnerRecord>;

  constructor(clock: WorldClock, ids: Identifiers, random: () => number) {
    super();
    this.clock = clock;
    this.jobs = new JobStore(clock, ids);
    this.runners = new RunnerRegistry(clock, ids);
    this.#random = random;
    this.#model = new Actions(fits, random);
  }

  /** A new run; its jobs are queued, or wait for the approval of their environment. */
  queueRun(request: RunRequest, installation: Installation, repository: Repository): Run {
    const run = this.jobs.addRun(request, installation, repository);
    if (run.isForgotten) return run;
    for (const job of run.jobs) this.#changed(job, job.status);
    this.admit(run);
    return run;
  }

  /** Starts these jobs of a run that is over again. What depends on them is a workflow's to add. */
  repeat(run: Run, jobs: readonly JobRecord[]): void {
    const again = this.jobs.repeat(run, jobs);
    for (const job of again) this.#changed(job, job.status);
    this.admit({ jobs: again, createdAtMs: this.clock.nowMs() });
  }

  /** Adds the jobs of one `jobs.<id>` to a run. At most `maxParallel` of them are given to runners at a time. */
  addJobs(run: Run, requests: readonly JobRequest[], maxParallel: number): JobRecord[] {
    const batch = { maxParallel, jobs: [] };
    const added = requests.map((request) => this.jobs.addJob(run, request, batch));
    for (const job of added) this.#changed(job, job.status);
    this.admit({ jobs: added, createdAtMs: this.clock.nowMs() });
    return added;
  }

  /** A job that ends before it is queued, which GitHub tells by one `completed` alone (GH-59). */
  addEnded(run: Run, request: JobRequest, conclusion: Conclusion, annotation: string | null): JobRecord {
    const job = this.jobs.addJob(run, request, { maxParallel: Number.POSITIVE_INFINITY, jobs: [] });
    Object.assign(job, { conclusion, annotation });
    this.#model.end(job, this.clock.nowMs());
    this.#changed(job, 'completed');
    return job;
  }

  /** The queued ones of these jobs can be given to runners from now on. */
  admit({ jobs, createdAtMs }: Pick<Run, 'jobs' | 'createdAtMs'>): void {
    for (const job of jobs)
      if (job.status === 'queued') this.#assigned(job, this.#model.queue(job, createdAtMs));
  }

  /** The environment's approval is given: the job is queued. */
  approve(job: JobRecord): void {
    if (job.status !== 'waiting') return;
    const runner = this.#model.queue(job, this.clock.nowMs());
    this.#changed(job, 'queued');
    this.#assigned(job, runner);
  }

  register(created: NewRunner): RunnerRecord {
    const runner = this.runners.register(created);
    this.#runnerChanged('registered', runner);
    return runner;
  }

  #assigned(job: JobRecord, runner: RunnerRecord | undefined): void {
    if (runner === undefined) return;
    job.assignedAtMs = this.clock.nowMs();
    this.#runnerChanged('assigned', runner);
    send(runner, { messageType: 'RunnerJobRequest', job });
  }

  /** The listener has made its session, or polls again. */
  connect(runner: RunnerRecord): void {
    runner.connected = true;
    this.#runnerChanged('connected', runner);
    this.offer(runner);
  }

  /** An idle runner is given the oldest job that it fits. */
  offer(runner: RunnerRecord): void {
    if (!runner.connected || runner.job !== null) return;
    const job = this.#model.offer(runner, (fitting) => choose('oldest', fitting, this.#random));
    if (job !== undefined) this.#assigned(job, runner);
  }

  /** The listener is silent: it is given nothing more until it polls again. */
  disconnect(runner: RunnerRecord): void {
    if (!runner.connected) return;
    runner.connected = false;
    this.#model.withdraw(runner);
    this.#runnerChanged('offline', runner);
  }

  /** The runner takes the job that it was given. Undefined when the job is no longer its own. */
  acquire(runner: RunnerRecord, jobId: number): JobRecord | undefined {
    const job = runner.job;
    if (job === null || job.id !== jobId || job.status !== 'queued') return undefined;
    this.start(job, runner);
    this.#runnerChanged('busy', runner);
    this.#changed(job, 'in_progress');
    return job;
  }

  /** A job starts on a runner of GitHub's own. */
  startHosted(job: JobRecord, number: number): void {
    this.start(job, hostedTaker(number));
    this.#changed(job, 'in_progress');
  }

  /** The job starts on this runner; nobody is told. */
  start(job: JobRecord, taker: Pick<RunnerRecord, 'id' | 'name' | 'group'>): void {
    this.#model.start(job, this.clock.nowMs());
    noteTaker(job, taker, this.clock.nowMs());
  }

  /** The job is over, and with it the ephemeral runner's registration. */
  finish(job: JobRecord, conclusion: Conclusion, annotation: string | null = null): void {
    const runner = job.assigned;
    job.conclusion = conclusion;
    job.annotation ??= annotation;
    const next = this.#model.end(job, this.clock.nowMs());
    if (runner !== null) this.remove(runner, 'job-completed');
    this.#changed(job, 'completed');
    if (next !== undefined) this.#assigned(next, this.#model.place(next));
  }

  /** The job is no longer given to this runner. A listener that had heard of it stays as a ghost (actions/runner#4617). */
  unassign(runner: RunnerRecord): void {
    const unheard = runner.inbox.length > 0;
    runner.inbox.length = 0;
    const job = this.#model.unassign(runner);
    runner.ghost = !unheard;
    if (unheard) this.disconnect(runner);
    else this.remove(runner, 'assignment-lost');
    if (job !== null) this.#assigned(job, this.#model.place(job));
  }

  /** The repository is deleted: its runs are gone, and what they still did ends. */
  forget(repositoryId: number): void {
    for (const run of this.jobs.runs()) {
      if (run.repository.id !== repositoryId) continue;
      this.jobs.delete(run);
      for (const job of run.jobs) this.cancel(job);
    }
  }

  cancel(job: JobRecord): void {
    if (job.status === 'completed') return;
    const runner = job.assigned;
    if (job.status === 'in_progress' && runner !== null) {
      job.cancelledAtMs ??= this.clock.nowMs();
      send(runner, { messageType: 'JobCancellation', job });
      return;
    }
    job.assigned = null;
    this.finish(job, 'cancelled');
    if (runner !== null) this.unassign(runner);
  }

  /** Takes a registration away, whatever it is doing; a job that it runs dies. */
  remove(runner: RunnerRecord, reason: string): void {
    if (runner.removed) return;
    const job = this.#model.unassign(runner);
    this.#model.withdraw(runner);
    this.runners.drop(runner);
    this.emit('runner', { change: 'removed', runner: runnerSnapshot(runner), reason });
    if (job?.status === 'in_progress') {
      job.hasLostRunner = true;
      this.finish(job, 'failure', 'The runner was removed while it ran the job.');
    } else if (job !== null) this.#assigned(job, this.#model.place(job));
  }

  #changed(job: JobRecord, action: JobAction): void {
    this.emit('job', jobSnapshot(job));
    this.emit('webhook', action, job);
  }

  #runnerChanged(change: RunnerChange, runner: RunnerRecord): void {
    this.emit('runner', { change, runner: runnerSnapshot(runner) });
  }
}

function send(runner: RunnerRecord, message: Message): void {
  runner.inbox.push(message);
  runner.wake();
}
