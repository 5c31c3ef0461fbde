import { generationAt } from '../job/identity.ts';
import type { Policy } from '../job/policy.ts';
import type { JobFact } from '../task/facts.ts';
import type { Reason } from '../words/reasons.ts';
import { decideQueued, type Launch } from './decide-launch.ts';
import { isOverADay, type LaunchPause, pauseOf } from './launch-pause.ts';
import type { OpenJob, ReconcileSnapshot, RepositoryTask } from './reconcile-snapshot.ts';

export interface PlannedLaunch {
  readonly launch: Launch;
  readonly generation: number;
  /** When the job was queued, epoch milliseconds. */
  readonly queuedAtMs: number;
  /** Launches of the same job that ECS still shows, an hour or so back, and whose tasks ran no job. */
  readonly failedLaunches: number;
}

/** An open job that is not launched now. */
export interface Unlaunched {
  readonly jobId: number;
  readonly queuedAtMs: number;
  readonly reason:
    | LaunchPause['reason']
    | Extract<Reason, 'at-concurrency-limit' | 'rejections-over-limit' | 'over-a-day'>;
  /** It is not launched before, epoch milliseconds. */
  readonly dueAtMs: number;
}

export type Verdict = PlannedLaunch | Unlaunched;

/** Whether an unmatched job is launched now (rule 16), and if not, why. Told of one job after another, oldest first. */
export function createJudge(
  snapshot: ReconcileSnapshot,
  tasks: readonly RepositoryTask[],
  policy: Policy,
  nowMs: number,
): (job: OpenJob) => Verdict {
  const isFreed = createRelease(snapshot, tasks, policy);
  return (job) => {
    const { jobId, launch, createdAtMs: queuedAtMs } = job;
    if (isOverADay(job, nowMs)) return { jobId, queuedAtMs, reason: 'over-a-day', dueAtMs: nowMs };
    const { untilMs, reason, isStarving, failedLaunches } = pauseOf(job, tasks, snapshot.jobs, nowMs);
    if (untilMs > nowMs && !(isStarving && isFreed(job)))
      return { jobId, queuedAtMs, reason, dueAtMs: untilMs };
    return { launch, generation: generationAt(queuedAtMs, nowMs), queuedAtMs, failedLaunches };
  };
}

/**
 * A job that ends lets one that `max-parallel` or a group of runs kept back begin, so that its pause is over: one for
 * each of our jobs of its run that ended after the last launch for a job of the run that still waits.
 */
function createRelease(
  { jobs, endedJob, repository }: ReconcileSnapshot,
  tasks: readonly RepositoryTask[],
  policy: Policy,
): (job: OpenJob) => boolean {
  const isOurs = (job: JobFact) => decideQueued({ ...job, repository }, policy).verdict === 'launch';
  const count = (runId: number): number => {
    const open = new Set(
      jobs.flatMap((job) => (job.runId === runId && job.status === 'queued' ? [job.jobId] : [])),
    );
    const launched = tasks.filter((task) => open.has(task.launchedForJobId)).map((task) => task.createdAtMs);
    const lastMs = Math.max(0, ...launched);
    const ended = jobs.filter(
      (job) => job.runId === runId && (job.completedAtMs ?? 0) > lastMs && isOurs(job),
    );
    const isTold = endedJob?.runId === runId && endedJob.atMs > lastMs;
    return Math.max(ended.length, Number(isTold));
  };
  const left = new Map<number, number>();
  return ({ runId }) => {
    const releases = left.get(runId) ?? count(runId);
    left.set(runId, releases - 1);
    return releases > 0;
  };
}
