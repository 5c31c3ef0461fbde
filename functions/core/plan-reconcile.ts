import { countCapacity } from './capacity.ts';
import { decideQueued, type Launch } from './decide-launch.ts';
import type { DoubtedRepository } from './doubt.ts';
import type { JobFact, TaskFact } from './facts.ts';
import { generationAt, parseRunnerName } from './identity.ts';
import { match } from './match.ts';
import type { Policy } from './policy.ts';
import type { Reason } from './reasons.ts';
import { refusalsLeft } from './refusal.ts';

export interface ReconcileSnapshot {
  readonly repository: DoubtedRepository;
  /** Jobs of active runs, read before the tasks (rule 13). */
  readonly jobs: readonly JobFact[];
  /** When that read began, epoch milliseconds. */
  readonly jobsReadAtMs: number;
  /** Tasks of this deployment, those that stopped lately included. */
  readonly tasks: readonly TaskFact[];
}

export interface PlannedLaunch {
  readonly launch: Launch;
  readonly generation: number;
  /** When the job was queued, epoch milliseconds. */
  readonly queuedAtMs: number;
  /** Launches of the same job that ECS still shows, an hour or so back. */
  readonly earlierLaunches: number;
}

/** An open job that is not launched now. */
interface Unlaunched {
  readonly jobId: number;
  readonly queuedAtMs: number;
  readonly reason: Extract<Reason, 'backing-off' | 'at-capacity' | 'refusals-over-limit'>;
}

/** What a reconcile will launch, and every other open job with the reason why not. */
export interface ReconcilePlan {
  /** Oldest job first, and refusals last. */
  readonly launches: readonly PlannedLaunch[];
  /** Jobs that a live task counts for. */
  readonly matched: ReadonlyArray<{ readonly jobId: number; readonly runnerName: string }>;
  /** Jobs that wait for the next round: the doubt goes on (rule 17). */
  readonly waiting: readonly Unlaunched[];
  /** Jobs that cannot be served and get no refusal now: no doubt, as the sweep's rotation comes back soon enough. */
  readonly leftAlone: readonly Unlaunched[];
  /** The most launches that a job has behind it which is launched again here; alarm from 5 (rule 17). */
  readonly mostEarlierLaunches: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** The longest pause between two launches of one job (rule 16). */
const LONGEST_PAUSE_MINUTES = 15;
/** A task that takes longer to reach RUNNING is no supply, though it is stopped only much later (rule 14). */
const SUPPLY_BOOT_MS = 10 * MINUTE_MS;
/** Beyond the idle limit a runner without a job is ending, or busy without our knowing (rule 14). */
const IDLE_SLACK_MS = 60 * SECOND_MS;
/** So long GitHub may take to list a new job. */
const LISTED_AFTER_MS = 60 * SECOND_MS;

/** Plans one reconcile of one repository. Pure; the order of the snapshot does not matter. */
export function planReconcile(
  snapshot: ReconcileSnapshot,
  policy: Policy,
  prefix: string,
  nowMs: number,
): ReconcilePlan {
  const tasks = tasksOf(snapshot, prefix);
  const demand = demandOf(snapshot, policy);
  const supply = tasks.filter((task) => isSupply(task, snapshot, policy, nowMs));
  const { pairs, unmatchedDemand } = match(demand, supply);
  const admit = createAdmission(snapshot, policy, nowMs);
  const verdicts = unmatchedDemand.toSorted(refusalsLast).map((job) => admit(judge(job, tasks, nowMs)));
  const launches = verdicts.flatMap((verdict) => ('launch' in verdict ? [verdict] : []));
  const unlaunched = verdicts.flatMap((verdict) => ('reason' in verdict ? [verdict] : []));
  const isLeftAlone = ({ reason }: Unlaunched) => reason === 'refusals-over-limit';
  return {
    launches,
    matched: pairs.map((pair) => ({ jobId: pair.demand.jobId, runnerName: pair.supply.runnerName })),
    waiting: unlaunched.filter((job) => !isLeftAlone(job)),
    leftAlone: unlaunched.filter(isLeftAlone),
    mostEarlierLaunches: Math.max(0, ...launches.map(({ earlierLaunches }) => earlierLaunches)),
  };
}

type Verdict = PlannedLaunch | Unlaunched;
type RepositoryTask = TaskFact & { readonly launchedForJobId: number };
type OpenJob = JobFact & { readonly launch: Launch };

function tasksOf({ repository, tasks }: ReconcileSnapshot, prefix: string): RepositoryTask[] {
  return tasks.flatMap((task) => {
    const identity = parseRunnerName(prefix, task.runnerName);
    if (identity === undefined || identity.repositoryId !== repository.id) return [];
    return [{ ...task, launchedForJobId: identity.jobId }];
  });
}

/** A refusal that GitHub or ECS refuses ends the round, and must not do so before a job that can be served. */
const refusalsLast = (a: OpenJob, b: OpenJob): number =>
  Number(a.launch.refusal !== undefined) - Number(b.launch.refusal !== undefined);

/** Lets pass what is within the limits of what runs at once and of refusals, and counts it. */
function createAdmission({ repository, tasks }: ReconcileSnapshot, policy: Policy, nowMs: number) {
  const hasRoom = countCapacity(tasks, repository.id, policy);
  let left = refusalsLeft(tasks, repository.id, policy, nowMs);
  return (verdict: Verdict): Verdict => {
    if (!('launch' in verdict)) return verdict;
    const { launch, queuedAtMs } = verdict;
    const isRefusal = launch.refusal !== undefined;
    if (isRefusal && left === 0) return { jobId: launch.jobId, queuedAtMs, reason: 'refusals-over-limit' };
    if (!hasRoom(launch.given)) return { jobId: launch.jobId, queuedAtMs, reason: 'at-capacity' };
    if (isRefusal) left -= 1;
    return verdict;
  };
}

/** Our queued jobs (rule 14): by the same decision as a webhook's. */
function demandOf({ repository, jobs }: ReconcileSnapshot, policy: Policy): OpenJob[] {
  const { installationId } = repository;
  return jobs.flatMap((job) => {
    if (job.status !== 'queued') return [];
    const launch = decideQueued({ ...job, repository, installationId }, policy);
    return launch.verdict === 'launch' ? [{ ...job, labels: launch.labels, launch }] : [];
  });
}

/** Live tasks that could take a job (rule 14): unmarked, named by no job in progress, and neither late nor stuck. */
function isSupply(
  task: RepositoryTask,
  { jobs, jobsReadAtMs }: ReconcileSnapshot,
  { timeouts }: Policy,
  nowMs: number,
): boolean {
  const isLive = task.lastStatus !== 'STOPPED' && task.desiredStatus !== 'STOPPED';
  const isTaken = jobs.some(
    ({ status, runnerName }) => status !== 'queued' && runnerName === task.runnerName,
  );
  if (!isLive || task.markedJobId !== undefined || isTaken) return false;
  // A new task whose job is not listed yet is that job's: counted for another, it would leave both to one runner.
  const isListed = jobs.some(({ jobId }) => jobId === task.launchedForJobId);
  if (!isListed && task.createdAtMs > jobsReadAtMs - LISTED_AFTER_MS) return false;
  return task.lastStatus === 'RUNNING' && task.startedAtMs !== undefined
    ? nowMs - task.startedAtMs <= timeouts.idleSeconds * SECOND_MS + IDLE_SLACK_MS
    : nowMs - task.createdAtMs <= SUPPLY_BOOT_MS;
}

/** Whether an unmatched job is launched now (rule 16), and if not, why. */
function judge(job: OpenJob, tasks: readonly RepositoryTask[], nowMs: number): Verdict {
  const { jobId, launch, createdAtMs: queuedAtMs } = job;
  const launchedAtMs = tasks
    .filter((task) => task.launchedForJobId === jobId)
    .map((task) => task.createdAtMs);
  const earlierLaunches = launchedAtMs.length;
  const pauseMs = Math.min(2 ** earlierLaunches, LONGEST_PAUSE_MINUTES) * MINUTE_MS;
  if (nowMs - Math.max(...launchedAtMs) < pauseMs) return { jobId, queuedAtMs, reason: 'backing-off' };
  return { launch, generation: generationAt(queuedAtMs, nowMs), queuedAtMs, earlierLaunches };
}
