import type { OpenJob, RepositoryTask } from './plan-reconcile.ts';
import type { Reason } from './reasons.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The longest pause between two launches of one job (rule 16). */
const LONGEST_PAUSE_MINUTES = 15;
/** Idle ends in a row after which GitHub is taken to give the job to nobody for now. */
const FEW_IDLE_ENDS = 2;
/** A job that is younger than this may just have been unlucky. */
const UNLUCKY_MS = 20 * MINUTE_MS;
/** From then on a launch comes after a third of the job's age, and at least while ECS still shows the last (an hour). */
const LONGEST_RARE_PAUSE_MS = 55 * MINUTE_MS;

/** Until when a job is not launched again, epoch milliseconds, and why. */
export interface LaunchPause {
  readonly untilMs: number;
  readonly reason: Extract<Reason, 'backing-off' | 'not-runnable-yet' | 'group-excludes-repository'>;
  /** It had runners, and GitHub gave none of them a job. */
  readonly isStarving: boolean;
  /** Launches of the job that ECS still shows. */
  readonly earlierLaunches: number;
}

/** GitHub fails a job that was queued for a day (docs.github.com, Usage limits): none is launched for it any more. */
export const isOverADay = ({ createdAtMs, runUpdatedAtMs }: OpenJob, nowMs: number): boolean =>
  // Approved after days, a job is old and its run has just changed. A job that a delivery named shows no time of its run.
  runUpdatedAtMs !== undefined && nowMs - Math.max(createdAtMs, runUpdatedAtMs) > DAY_MS;

/**
 * The pause after the launches of a job that ECS still shows (rule 16). It doubles with each; where GitHub gave none of
 * the last runners any job, it grows with the job's age, as nothing says when that will change.
 */
export function pauseOf(
  { jobId, createdAtMs, runId }: OpenJob,
  tasks: readonly RepositoryTask[],
  jobs: readonly { readonly runId: number; readonly runnerName: string | undefined }[],
  nowMs: number,
): LaunchPause {
  const own = tasks.filter((task) => task.launchedForJobId === jobId);
  const lastMs = Math.max(Number.NEGATIVE_INFINITY, ...own.map((task) => task.createdAtMs));
  const pauseMs = Math.min(2 ** own.length, LONGEST_PAUSE_MINUTES) * MINUTE_MS;
  const ageMs = nowMs - createdAtMs;
  const facts = { isStarving: own.length > 0 && own.every(isIdleEnd), earlierLaunches: own.length };
  const isRare = facts.isStarving && own.length >= FEW_IDLE_ENDS && ageMs > UNLUCKY_MS;
  if (!isRare) return { ...facts, untilMs: lastMs + pauseMs, reason: 'backing-off' };
  const rareMs = Math.min(Math.max(pauseMs, ageMs / 3), LONGEST_RARE_PAUSE_MS);
  // Where a job of its run got a runner the group is open to it; then something keeps this one back.
  const isServed = jobs.some((job) => job.runId === runId && job.runnerName !== undefined);
  const reason = isServed ? 'not-runnable-yet' : 'group-excludes-repository';
  return { ...facts, untilMs: lastMs + rareMs, reason };
}

const isIdleEnd = ({ ending }: RepositoryTask): boolean => ending === 'idle';

/** Jobs of a repository that GitHub gave to none of the runners that were launched for them, and that have none now. */
export function starvingJobs(tasks: readonly RepositoryTask[]): number[] {
  const jobIds = new Set(tasks.map(({ launchedForJobId }) => launchedForJobId));
  return [...jobIds].filter((jobId) => {
    const own = tasks.filter(({ launchedForJobId }) => launchedForJobId === jobId);
    return own.length >= FEW_IDLE_ENDS && own.every(isIdleEnd);
  });
}
