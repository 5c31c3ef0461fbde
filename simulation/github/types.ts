import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { JobFact } from '../../functions/core/task/facts.ts';
import * as model from '../../model/github/job.ts';
import type { RuledJob } from '../rules.ts';

export interface Repository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly installationId: number;
}

export type Run = model.Run<Job>;

/** What the workload says of a job. */
export interface NewJob {
  readonly id: number;
  readonly runId: number;
  readonly repository: Repository;
  readonly labels: readonly string[];
  readonly isOurs: boolean;
  readonly createdAtMs: number;
  /** Later than its creation where it waits for an approval first. */
  readonly queuedAtMs: number;
  readonly durationMs: number;
  /** GitHub hands it to no runner: its group leaves the repository out, or it is forgotten. */
  readonly isNeverGiven?: boolean;
  /** What its repository's rule makes of it, where the profile says so (rules.ts). */
  readonly comesTo?: RuledJob['comesTo'];
  /** At most this many jobs of its run are handed out at once (`max-parallel`). */
  readonly maxParallel?: number;
  /** 1 where nothing else is said. */
  readonly runAttempt?: number;
  /** The job of the attempt before. */
  readonly againOf?: Job;
}

export interface Job extends Omit<NewJob, 'queuedAtMs'>, model.Job<Job, Runner> {
  readonly run: Run;
  /** When a runner could take it first, where `max-parallel` kept it back. */
  runnableAtMs?: number;
  /** The runner that it started on. */
  runner?: Runner;
  isCancelled?: boolean;
  conclusion?: 'success' | 'failure' | 'cancelled';
  /** It failed by itself: a step of it did. */
  hasFailedStep?: boolean;
  /** Cancelled before this runner took it, and its end names the runner all the same. */
  namedRunner?: Runner;
}

export interface Runner extends model.Runner<Job> {
  readonly scope: string;
  readonly place: model.Place;
  readonly createdAtMs: number;
  /** Names of the repositories that its group is open to; all where it is not set. */
  readonly openTo?: readonly string[];
  readonly launchedForJobId: number | undefined;
  connects: number;
  onlineAtMs?: number;
  offlineAtMs?: number;
  /** AWS took its task back. */
  isTakenBack?: boolean;
  /** Its job is over, and its listener ends by itself then. */
  endsAtMs?: number;
  /** The job after which its listener never ends (actions/runner#4569). */
  staysAfter?: Job;
  end?: (ending: TaskEnding) => void;
}

export const fits = (runner: Runner, { labels, repository: { owner, name }, isNeverGiven }: Job): boolean =>
  !isNeverGiven &&
  (runner.openTo?.includes(name) ?? true) &&
  model.reaches(runner.place, { owner, repository: name }) &&
  model.hasLabels(runner.labels, labels);

export type ShownJob = JobFact & { readonly status: model.JobStatus };

/** The job as GitHub showed it at a time; `undefined` before it was created. */
export function jobAt(job: Job, atMs: number): ShownJob | undefined {
  const status = model.statusAt(job, atMs);
  if (status === undefined) return undefined;
  const isStarted = (job.startedAtMs ?? Infinity) <= atMs;
  return {
    jobId: job.id,
    runId: job.runId,
    runAttempt: job.runAttempt ?? 1,
    status,
    labels: job.labels,
    createdAtMs: job.createdAtMs,
    runnerName: isStarted ? job.runner?.name : undefined,
    completedAtMs: status === 'completed' ? (job.completedAtMs ?? undefined) : undefined,
  };
}
