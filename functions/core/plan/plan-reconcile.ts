import { parseRunnerName } from '../job/identity.ts';
import { match } from '../job/match.ts';
import type { Policy } from '../job/policy.ts';
import { rejectionsLeft } from '../words/rejection.ts';
import { countConcurrency } from './concurrency.ts';
import { decideQueued } from './decide-launch.ts';
import { createJudge, type PlannedLaunch, type Unlaunched, type Verdict } from './judge-launch.ts';
import type { OpenJob, ReconcileSnapshot, RepositoryTask } from './reconcile-snapshot.ts';
import { supplyOf } from './supply.ts';

/** What a reconcile will launch, and every other open job with the reason why not. */
export interface ReconcilePlan {
  /** Oldest job first, and rejection tasks last. */
  readonly launches: readonly PlannedLaunch[];
  /** Jobs that a live task counts for. */
  readonly matched: ReadonlyArray<{ readonly jobId: number; readonly runnerName: string }>;
  /** Jobs that wait for the next round: the doubt continues (rule 17). */
  readonly waiting: readonly Unlaunched[];
  /** Jobs that cannot be served and get no rejection task now: no doubt, as the sweep's rotation comes back soon enough. */
  readonly leftAlone: readonly Unlaunched[];
  /** The highest number of failed launches of any job relaunched here; alarm from 5 (rule 17). */
  readonly mostFailedLaunches: number;
}

/** Plans one reconcile of one repository. Pure; the order of the snapshot does not matter. */
export function planReconcile(
  snapshot: ReconcileSnapshot,
  policy: Policy,
  prefix: string,
  nowMs: number,
): ReconcilePlan {
  const tasks = tasksOf(snapshot, prefix);
  const demand = demandOf(snapshot, policy);
  const { pairs, unmatchedDemand } = match(demand, supplyOf(tasks, snapshot, policy, nowMs));
  const admit = createAdmission(snapshot, policy, nowMs);
  const judge = createJudge(snapshot, tasks, policy, nowMs);
  const verdicts = unmatchedDemand.toSorted(rejectionsLast).map((job) => admit(judge(job)));
  const launches = verdicts.flatMap((verdict) => ('launch' in verdict ? [verdict] : []));
  const unlaunched = verdicts.flatMap((verdict) => ('reason' in verdict ? [verdict] : []));
  const isLeftAlone = ({ reason }: Unlaunched) =>
    reason === 'rejections-over-limit' || reason === 'over-a-day';
  return {
    launches,
    matched: pairs.map(({ demand: { jobId }, supply: { runnerName } }) => ({ jobId, runnerName })),
    waiting: unlaunched.filter((job) => !isLeftAlone(job)),
    leftAlone: unlaunched.filter(isLeftAlone),
    mostFailedLaunches: Math.max(0, ...launches.map(({ failedLaunches }) => failedLaunches)),
  };
}

/** The tasks that were launched for a repository's jobs. */
export function tasksOf(
  { repository, tasks }: Pick<ReconcileSnapshot, 'repository' | 'tasks'>,
  prefix: string,
): RepositoryTask[] {
  return tasks.flatMap((task) => {
    const identity = parseRunnerName(prefix, task.runnerName);
    if (identity === undefined || identity.repositoryId !== repository.id) return [];
    return [{ ...task, launchedForJobId: identity.jobId }];
  });
}

/** A rejection task that GitHub or ECS refuses ends the round, and must not do so before a job that can be served. */
const rejectionsLast = (a: OpenJob, b: OpenJob): number =>
  Number(a.launch.rejection !== undefined) - Number(b.launch.rejection !== undefined);

/** Lets pass what is within the limits of what runs at once and of rejection tasks, and counts it. */
function createAdmission({ repository, tasks }: ReconcileSnapshot, policy: Policy, nowMs: number) {
  const hasRoom = countConcurrency(tasks, repository.id, policy);
  let left = rejectionsLeft(tasks, repository.id, policy, nowMs);
  return (verdict: Verdict): Verdict => {
    if (!('launch' in verdict)) return verdict;
    const { launch, queuedAtMs } = verdict;
    const isRejection = launch.rejection !== undefined;
    const not = (reason: Unlaunched['reason']) => ({
      jobId: launch.jobId,
      queuedAtMs,
      reason,
      dueAtMs: nowMs,
    });
    if (isRejection && left === 0) return not('rejections-over-limit');
    if (!hasRoom(launch.given)) return not('at-concurrency-limit');
    if (isRejection) left -= 1;
    return verdict;
  };
}

/** Our queued jobs (rule 14): by the same decision as a webhook's. */
function demandOf({ repository, jobs, tasks }: ReconcileSnapshot, policy: Policy): OpenJob[] {
  // A job that a task is marked with has begun since it was read.
  const begun = new Set(tasks.map(({ markedJobId }) => markedJobId));
  return jobs.flatMap((job) => {
    if (job.status !== 'queued' || begun.has(job.jobId)) return [];
    const launch = decideQueued({ ...job, repository }, policy);
    return launch.verdict === 'launch' ? [{ ...job, labels: launch.labels, launch }] : [];
  });
}
