import type { Policy } from '../job/policy.ts';
import { PROVIDERS } from '../job/providers.ts';
import type { TaskFact } from '../task/facts.ts';
import type { ReconcileSnapshot, RepositoryTask } from './reconcile-snapshot.ts';

const SECOND_MS = 1_000;
/** Beyond the idle limit a runner without a job is ending, or busy without our knowing (rule 14). */
const IDLE_SLACK_MS = 60 * SECOND_MS;
/** How long GitHub may take to list a new job. */
const LISTED_AFTER_MS = 60 * SECOND_MS;

/** Live tasks of the repository that could take one of its jobs (rule 14). */
export const supplyOf = (
  tasks: readonly RepositoryTask[],
  snapshot: ReconcileSnapshot,
  policy: Policy,
  nowMs: number,
): RepositoryTask[] =>
  tasks.filter((task) => isFree(task, policy, nowMs) && !isTaken(task, snapshot) && isKnown(task, snapshot));

/**
 * Alive, unmarked, and neither late nor stuck. A task that takes longer to reach RUNNING does not count as supply, though it is
 * stopped only much later (rule 14).
 */
function isFree(task: TaskFact, { timeouts }: Policy, nowMs: number): boolean {
  const isLive = task.lastStatus !== 'STOPPED' && task.desiredStatus !== 'STOPPED';
  if (!isLive || task.markedJobId !== undefined) return false;
  return task.lastStatus === 'RUNNING' && task.startedAtMs !== undefined
    ? nowMs - task.startedAtMs <= timeouts.idleSeconds * SECOND_MS + IDLE_SLACK_MS
    : nowMs - task.createdAtMs <= PROVIDERS[task.provider].supplyBootMs;
}

/** Named by a job that has begun. */
const isTaken = ({ runnerName }: TaskFact, { jobs }: ReconcileSnapshot): boolean =>
  jobs.some((job) => job.status !== 'queued' && job.runnerName === runnerName);

/**
 * A new task whose job is not listed yet is that job's: counted for another, it would leave both to one runner. And in a
 * part of a repository's jobs it proves nothing that a task's own is missing: it may wait for just this task.
 */
function isKnown(task: RepositoryTask, { jobs, jobsReadAtMs, isWhole }: ReconcileSnapshot): boolean {
  const isListed = jobs.some(({ jobId }) => jobId === task.launchedForJobId);
  return isListed || (isWhole && task.createdAtMs <= jobsReadAtMs - LISTED_AFTER_MS);
}
