/** Jobs, their runs, and the runners that take them, as both worlds have them. */

export type JobStatus = 'waiting' | 'queued' | 'in_progress' | 'completed';

/** `J` and `R`: what a world knows of a job and of a runner. */
export interface Job<J, R> {
  readonly id: number;
  readonly run: Run<J>;
  /** The matrix that it is part of, where its run has several with limits of their own. */
  readonly batch?: Batch<J>;
  readonly labels: readonly string[];
  readonly createdAtMs: number;
  /** Later than its creation where it waits for an approval first. */
  queuedAtMs: number;
  status: JobStatus;
  startedAtMs: number | null;
  completedAtMs: number | null;
  /** The runner that it is given to, from the assignment to the end. */
  assigned: R | null;
  /** How often it was given to a runner. */
  assignments: number;
}

/** Jobs that a limit binds. */
export interface Batch<J> {
  /** `strategy.max-parallel`: at most this many of its jobs are given to runners at a time. */
  readonly maxParallel: number;
  readonly jobs: J[];
}

export interface Run<J> extends Batch<J> {
  readonly id: number;
}

/** A registration, and the listener that came with its config. */
export interface Runner<J> {
  readonly id: number;
  readonly name: string;
  /** In lower case, as GitHub stores them. */
  readonly labels: readonly string[];
  /** The job that it was given. */
  job: J | null;
  /** It runs its job. */
  busy: boolean;
  /** Said not to be busy once, and from then on removable. */
  lied: boolean;
}

export const NEW_JOB = { startedAtMs: null, completedAtMs: null, assigned: null, assignments: 0 } as const;
export const NEW_RUNNER = { job: null, busy: false, lied: false } as const;

/** Where a runner registers, and where a job is: an owner, or one of its repositories, by ids or by names. */
export interface Place {
  readonly owner: number | string;
  readonly repository?: number | string | undefined;
}

/** A runner serves its repository, or all of its owner's. */
export const reaches = (scope: Place, home: Place): boolean =>
  scope.owner === home.owner && (scope.repository === undefined || scope.repository === home.repository);

/** A runner takes jobs whose labels it has, in any case (GH-17, GH-18). */
export const hasLabels = (own: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((label) => own.includes(label.toLowerCase()));

/** GitHub answers 409 to a name that a runner of the scope has, in any case (GH-15, GH-20). */
export const isTaken = (name: string, runners: Iterable<{ readonly name: string }>): boolean =>
  [...runners].some((runner) => runner.name.toLowerCase() === name.toLowerCase());

/** Whether GitHub says that a runner is busy, and does not remove it (GH-26). It may lie (GH-27). */
export function isSaidBusy(runner: Runner<unknown>, lies: () => boolean): boolean {
  if (runner.busy && !runner.lied) runner.lied = lies();
  return runner.busy && !runner.lied;
}

/** The job starts, on the runner that it is given to or on one of GitHub's own. */
export function start(job: Job<unknown, Runner<unknown>>, nowMs: number): void {
  job.status = 'in_progress';
  job.startedAtMs = nowMs;
  if (job.assigned !== null) job.assigned.busy = true;
}

export function end(job: Job<unknown, Runner<unknown>>, nowMs: number): void {
  job.status = 'completed';
  job.completedAtMs = nowMs;
  if (job.assigned !== null) job.assigned.busy = false;
  job.assigned = null;
}

/** The job's status as GitHub showed it at a time; `undefined` before it was created. */
export function statusAt(job: Job<unknown, unknown>, atMs: number): JobStatus | undefined {
  if (job.createdAtMs > atMs) return undefined;
  if ((job.completedAtMs ?? Infinity) <= atMs) return 'completed';
  if ((job.startedAtMs ?? Infinity) <= atMs) return 'in_progress';
  return job.queuedAtMs > atMs ? 'waiting' : 'queued';
}

/** What GitHub shows for a run as a whole: queued, once some jobs are over and the others are queued (GH-56). */
export const runStatus = (statuses: readonly JobStatus[]): JobStatus =>
  (['in_progress', 'queued', 'waiting'] as const).find((status) => statuses.includes(status)) ?? 'completed';

/** When anything of a run changed last, as GitHub showed it at a time. */
export const updatedAtMs = (jobs: ReadonlyArray<Job<unknown, unknown>>, atMs: number): number =>
  Math.max(
    0,
    ...jobs
      .flatMap((job) => [job.createdAtMs, job.queuedAtMs, job.startedAtMs ?? 0, job.completedAtMs ?? 0])
      .filter((changedAtMs) => changedAtMs <= atMs),
  );
