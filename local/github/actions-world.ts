/**
 * Jobs and runners: labels decide who takes which job. A runner is bound to its labels and not to the job that
 * it was launched for, so the choice among those that fit is left to chance, and runners do get swapped.
 */
import { EventEmitter } from 'node:events';
import type { WorldClock } from '../world/clock.ts';
import { hostedTaker, isIdle, isToBeGiven, takerOf } from './assignment.ts';
import type { Identifiers } from './identifiers.ts';
import { endJob, type JobRecord, JobStore, jobSnapshot, type Run, startJob } from './job-store.ts';
import {
  fits,
  type Message,
  type Registration,
  type RunnerRecord,
  RunnerRegistry,
  runnerSnapshot,
} from './runner-registry.ts';
import type {
  Conclusion,
  Installation,
  Job,
  Repository,
  RunnerChange,
  RunnerEvent,
  RunRequest,
} from './types.ts';

export type JobAction = 'queued' | 'waiting' | 'in_progress' | 'completed';

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

  constructor(clock: WorldClock, ids: Identifiers, random: () => number) {
    super();
    this.clock = clock;
    this.jobs = new JobStore(clock, ids);
    this.runners = new RunnerRegistry(clock, ids);
    this.#random = random;
  }

  /** A new run; its jobs are queued, or wait for the approval of their environment. */
  queueRun(request: RunRequest, installation: Installation, repository: Repository): Run {
    const run = this.jobs.addRun(request, installation, repository);
    if (run.isForgotten) return run;
    for (const job of run.jobs) this.#changed(job, job.status === 'waiting' ? 'waiting' : 'queued');
    this.match();
    return run;
  }

  /** The environment's approval is given: the job is queued. */
  approve(job: JobRecord): void {
    if (job.status !== 'waiting') return;
    job.status = 'queued';
    job.queuedAtMs = this.clock.nowMs();
    this.#changed(job, 'queued');
    this.match();
  }

  register(registration: Registration): RunnerRecord {
    const runner = this.runners.register(registration);
    this.#runnerChanged('registered', runner);
    return runner;
  }

  /** Gives queued jobs, oldest first, to idle runners that fit. */
  match(): void {
    for (const job of this.jobs.all()) {
      if (!isToBeGiven(job)) continue;
      const idle = this.runners.all().filter((runner) => isIdle(runner) && fits(runner, job));
      const runner = idle[Math.floor(this.#random() * idle.length)];
      if (runner !== undefined) this.#assign(job, runner);
    }
  }

  #assign(job: JobRecord, runner: RunnerRecord): void {
    job.assignments += 1;
    job.assignedTo = runner.id;
    job.assignedAtMs = this.clock.nowMs();
    runner.job = job;
    this.#runnerChanged('assigned', runner);
    send(runner, { messageType: 'RunnerJobRequest', body: { jobId: job.id, jobName: job.name } });
  }

  /** The listener has made its session. */
  connect(runner: RunnerRecord): void {
    runner.connected = true;
    this.#runnerChanged('connected', runner);
  }

  /** The listener is silent: it is given nothing more until it polls again. */
  disconnect(runner: RunnerRecord): void {
    if (!runner.connected) return;
    runner.connected = false;
    this.#runnerChanged('offline', runner);
  }

  /** The runner takes the job that it was given. False when the job is no longer its own. */
  acquire(runner: RunnerRecord, jobId: number): JobRecord | undefined {
    const job = runner.job;
    if (job === null || job.id !== jobId || job.status !== 'queued') return undefined;
    startJob(job, takerOf(runner), this.clock.nowMs());
    runner.busy = true;
    this.#runnerChanged('busy', runner);
    this.#changed(job, 'in_progress');
    return job;
  }

  /** A job starts on a runner of GitHub's own. */
  startHosted(job: JobRecord, number: number): void {
    startJob(job, hostedTaker(number), this.clock.nowMs());
    this.#changed(job, 'in_progress');
  }

  /** The job is over, and with it the ephemeral runner's registration. */
  finish(job: JobRecord, conclusion: Conclusion, annotation: string | null = null): void {
    const runner = this.runners.all().find((candidate) => candidate.job === job);
    endJob(job, conclusion, annotation, this.clock.nowMs());
    if (runner !== undefined) this.remove(runner, 'job-completed');
    this.#changed(job, 'completed');
    this.match();
  }

  /** The job is no longer given to this runner. A listener that had heard of it stays as a ghost. */
  unassign(runner: RunnerRecord): void {
    const job = runner.job;
    if (job !== null) job.assignedTo = null;
    runner.job = null;
    const unheard = runner.inbox.length > 0;
    runner.inbox.length = 0;
    if (unheard) this.disconnect(runner);
    else this.#haunt(runner);
    this.match();
  }

  /** actions/runner#4617: registration gone, yet the listener polls on. */
  #haunt(runner: RunnerRecord): void {
    runner.ghost = true;
    this.remove(runner, 'assignment-lost');
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
    const runner = job.assignedTo === null ? undefined : this.runners.get(job.assignedTo);
    if (job.status === 'in_progress' && runner !== undefined) {
      job.cancelledAtMs ??= this.clock.nowMs();
      send(runner, { messageType: 'JobCancellation', body: { jobId: job.id } });
      return;
    }
    endJob(job, 'cancelled', null, this.clock.nowMs());
    this.#changed(job, 'completed');
    if (runner !== undefined) this.unassign(runner);
  }

  /** Takes a registration away, whatever it is doing; a job that it runs dies. */
  remove(runner: RunnerRecord, reason: string): void {
    if (runner.removed) return;
    const job = runner.job;
    runner.job = null;
    runner.busy = false;
    this.runners.drop(runner);
    this.emit('runner', { change: 'removed', runner: runnerSnapshot(runner), reason });
    if (job === null || job.status === 'completed') return;
    job.assignedTo = null;
    if (job.status === 'in_progress')
      this.finish(job, 'failure', 'The runner was removed while it ran the job.');
    else this.match();
  }

  #changed(job: JobRecord, action: JobAction): void {
    job.run.updatedAtMs = this.clock.nowMs();
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
