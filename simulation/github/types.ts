import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { JobFact } from '../../functions/core/task/facts.ts';

export interface Repository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly installationId: number;
}

export interface Job {
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
  /** The most jobs of its run that are handed out at once (`max-parallel`). */
  readonly mostAtOnce?: number;
  /** When a runner could take it first, where `max-parallel` kept it back. */
  runnableAtMs?: number;
  assigned?: Runner;
  runner?: Runner;
  startedAtMs?: number;
  endedAtMs?: number;
  isCancelled?: boolean;
  /** Cancelled before this runner took it, and its end names the runner all the same. */
  namedRunner?: Runner;
}

/** A registration, and the listener that came with its config. */
export interface Runner {
  readonly id: number;
  readonly name: string;
  readonly scope: string;
  readonly labels: readonly string[];
  readonly createdAtMs: number;
  readonly launchedForJobId: number | undefined;
  connects: number;
  onlineAtMs?: number;
  offlineAtMs?: number;
  assigned?: Job;
  job?: Job;
  /** Its job is over, and its listener ends by itself then. */
  endsAtMs?: number;
  /** The job after which its listener never ends (actions/runner#4569). */
  staysAfter?: Job;
  end?: (ending: TaskEnding) => void;
}

/** A runner takes jobs of its scope whose labels it has (docs.github.com, Using self-hosted runners in a workflow). */
export const fits = (runner: Runner, { labels, repository: { owner, name }, isNeverGiven }: Job): boolean =>
  !isNeverGiven &&
  (runner.scope === `orgs/${owner}` || runner.scope === `repos/${owner}/${name}`) &&
  labels.every((label) => runner.labels.includes(label));

/** The job as GitHub showed it at a time; `undefined` before it was created. */
export function jobAt(job: Job, atMs: number): JobFact | undefined {
  if (job.createdAtMs > atMs) return undefined;
  const isEnded = (job.endedAtMs ?? Infinity) <= atMs;
  const isStarted = (job.startedAtMs ?? Infinity) <= atMs;
  const open = job.queuedAtMs > atMs ? 'waiting' : 'queued';
  return {
    jobId: job.id,
    runId: job.runId,
    status: isEnded ? 'completed' : isStarted ? 'in_progress' : open,
    labels: job.labels,
    createdAtMs: job.createdAtMs,
    runnerName: isStarted ? job.runner?.name : undefined,
    completedAtMs: isEnded ? job.endedAtMs : undefined,
  };
}

/** When anything of a run changed last, as GitHub showed it at a time. */
export const updatedAtMs = (jobs: readonly Job[], atMs: number): number =>
  Math.max(
    0,
    ...jobs
      .flatMap((job) => [job.createdAtMs, job.queuedAtMs, job.startedAtMs ?? 0, job.endedAtMs ?? 0])
      .filter((changedAtMs) => changedAtMs <= atMs),
  );
