import { ranAJob } from '../task/exit-codes.ts';
import type { Reason } from '../words/reasons.ts';
import type { OpenJob, RepositoryTask } from './reconcile-snapshot.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Pauses between two launches of one job (rule 16): doubled with each that failed, from this to that. */
const FIRST_PAUSE_MS = 30 * SECOND_MS;
const LONGEST_PAUSE_MS = 15 * MINUTE_MS;
/** How long GitHub may list a job as queued that has ended on the task that was launched for it. */
const LISTED_FOR_MS = 60 * SECOND_MS;
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
  /** Launches of the job that ECS still shows and whose tasks ran no job at all. */
  readonly failedLaunches: number;
}

/** GitHub fails a job that was queued for a day (GH-31): none is launched for it any more. */
export const isOverADay = ({ createdAtMs, runUpdatedAtMs }: OpenJob, nowMs: number): boolean =>
  // Approved after days, a job is old and its run has just changed. A job that a delivery named shows no time of its run.
  runUpdatedAtMs !== undefined && nowMs - Math.max(createdAtMs, runUpdatedAtMs) > DAY_MS;

/** A job of the snapshot, as far as it tells who runs what. */
interface SeenJob {
  readonly runId: number;
  readonly status: string;
  readonly runnerName: string | undefined;
}

/**
 * The pause after the launches of a job that failed (rule 16): those whose tasks ran no job. A task that ran another
 * job is not a failure: its own job is demand again, at once. Where GitHub gave none of the last runners any job, the
 * pause grows with the job's age, as nothing says when that will change.
 */
export function pauseOf(
  { jobId, createdAtMs, runId }: OpenJob,
  tasks: readonly RepositoryTask[],
  jobs: readonly SeenJob[],
  nowMs: number,
): LaunchPause {
  const own = tasks.filter((task) => task.launchedForJobId === jobId);
  const failed = own.filter((task) => !hasServed(task, jobs));
  const facts = { isStarving: own.length > 0 && own.every(isIdleEnd), failedLaunches: failed.length };
  const backOffMs = Math.min(FIRST_PAUSE_MS * 2 ** (failed.length - 1), LONGEST_PAUSE_MS);
  const ageMs = nowMs - createdAtMs;
  const isRare = facts.isStarving && own.length >= FEW_IDLE_ENDS && ageMs > UNLUCKY_MS;
  const pauseMs = isRare ? Math.min(Math.max(backOffMs, ageMs / 3), LONGEST_RARE_PAUSE_MS) : backOffMs;
  const untilMs = Math.max(latest(failed.map((task) => task.createdAtMs)) + pauseMs, listedUntilMs(own));
  if (!isRare) return { ...facts, untilMs, reason: 'backing-off' };
  // Where a job of its run got a runner the group is open to it; then something keeps this one back.
  const isServed = jobs.some((job) => job.runId === runId && job.runnerName !== undefined);
  return { ...facts, untilMs, reason: isServed ? 'not-runnable-yet' : 'group-excludes-repository' };
}

const latest = (times: readonly number[]): number => Math.max(Number.NEGATIVE_INFINITY, ...times);

/** Its task ran a job: any job, as a runner is bound to labels and not to the job that it was launched for. */
function hasServed(task: RepositoryTask, jobs: readonly SeenJob[]): boolean {
  if (task.markedJobId !== undefined || (task.ending !== undefined && ranAJob(task.ending))) return true;
  return jobs.some(({ status, runnerName }) => status !== 'queued' && runnerName === task.runnerName);
}

/** The job may be what its own task has just run: then GitHub's list is behind. */
const listedUntilMs = (own: readonly RepositoryTask[]): number =>
  latest(own.flatMap(({ ending, stoppedAtMs }) => (ending && ranAJob(ending) ? (stoppedAtMs ?? []) : []))) +
  LISTED_FOR_MS;

const isIdleEnd = ({ ending }: RepositoryTask): boolean => ending === 'idle';

/** Jobs of a repository that GitHub gave to none of the runners that were launched for them, and that have none now. */
export function starvingJobs(tasks: readonly RepositoryTask[]): number[] {
  const jobIds = new Set(tasks.map(({ launchedForJobId }) => launchedForJobId));
  return [...jobIds].filter((jobId) => {
    const own = tasks.filter(({ launchedForJobId }) => launchedForJobId === jobId);
    return own.length >= FEW_IDLE_ENDS && own.every(isIdleEnd);
  });
}
