import { parseRunnerName } from '../core/job/identity.ts';
import type { Policy } from '../core/job/policy.ts';
import { closedTo } from '../core/plan/decide-launch.ts';
import { type Doubt, MOST_JOBS_NAMED } from '../core/plan/doubt.ts';
import { type FollowUp, followFailure, followLook, putBack, type Waiting } from '../core/plan/follow-up.ts';
import type { JobLook } from '../core/plan/job-look.ts';
import { starvingJobs } from '../core/plan/launch-pause.ts';
import { type LookPlan, planLook } from '../core/plan/plan-look.ts';
import { planReconcile, type ReconcilePlan, tasksOf } from '../core/plan/plan-reconcile.ts';
import { type Stuck, stuckJobs, stuckUnread } from '../core/plan/stuck.ts';
import type { ReconcilePorts } from '../core/ports.ts';
import type { TaskFact } from '../core/task/facts.ts';
import { describeError, type GitHubFault, ServiceError } from '../core/words/errors.ts';
import { isLasting, type LaunchOutcome } from '../core/words/outcomes.ts';
import { launchAll } from './launch-all.ts';
import { type RerunReport, rerunLost } from './rerun.ts';

export interface ReconcileContext {
  readonly policy: Policy;
  readonly prefix: string;
  /** Aborted when the function's time is nearly up: no launch begins after it. */
  readonly signal: AbortSignal;
  readonly memory: LookMemory;
}

/** Where a warm process's last look at each repository ended, by its id. Losing it costs time only. */
export type LookMemory = Map<number, number>;

/** More repositories than one process meets between two cold starts. */
const MOST_REMEMBERED = 1_000;

export interface ReconcileReport {
  /** `undefined` where nothing was judged: it was not time yet, or something could not be read (rule 13). */
  readonly plan: ReconcilePlan | undefined;
  readonly look: JobLook | undefined;
  readonly launches: readonly LaunchOutcome[];
  /** What became of the doubt; where it is `again`, it has been put back. */
  readonly next: FollowUp;
  /**
   * How long the oldest job has been queued that is still without a task; of a look that failed, how long it has been in
   * doubt whether there is one. 0 where there is none.
   */
  readonly longestWaitMs: number;
  /** Jobs that have waited too long; also of a repository that could not be read for as long. */
  readonly stuck: readonly Stuck[];
  /** Of a doubt about a lost job. */
  readonly rerun?: RerunReport;
  readonly problem?: string;
  /** What has to be corrected before the repository can be read, where GitHub's answer tells. */
  readonly fault?: GitHubFault;
}

type Room = Exclude<LookPlan, { waitUntilMs: number }>;

const SPENT = 'the calls of the installation’s hour are spent';
/** No single wait is longer, whatever a header says. */
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * Makes one repository's supply match its demand, by level: whatever was lost, doubled, swapped or refused, what counts
 * is what is queued and what is alive. Throws only when the doubt could not be put back.
 */
export async function reconcile(
  doubt: Doubt,
  ports: ReconcilePorts,
  context: ReconcileContext,
): Promise<ReconcileReport> {
  const report = await judgeDoubt(doubt, ports, context).catch((error: unknown) => ({
    ...NOTHING,
    next: followFailure(doubt, error, ports.now()),
    longestWaitMs: inDoubtMs(doubt, ports.now()),
    stuck: stuckUnread(doubt, ports.now()),
    problem: describeError(error),
    ...(error instanceof ServiceError && error.facts.fault && { fault: error.facts.fault }),
  }));
  if (report.next.kind === 'again') await ports.doubt(report.next.doubt);
  return report;
}

const NOTHING = { plan: undefined, look: undefined, launches: [], longestWaitMs: 0, stuck: [] } as const;

/** How long a job may have waited that no look could see: since the last that could. A lost job has ended. */
const inDoubtMs = ({ lostJob, raisedAtMs, readAtMs = raisedAtMs }: Doubt, nowMs: number): number =>
  lostJob === undefined ? nowMs - readAtMs : 0;

/** What needs no read at all comes first: not allowed, not due, nothing that waits for the end it tells of, no calls left. */
async function judgeDoubt(
  doubt: Doubt,
  ports: ReconcilePorts,
  context: ReconcileContext,
): Promise<ReconcileReport> {
  const nowMs = ports.now();
  const closed = closedTo(doubt.repository, context.policy);
  if (closed !== undefined) return { ...NOTHING, next: { kind: 'ended', reason: closed } };
  if (nowMs < doubt.dueAtMs) return { ...NOTHING, next: putBack(doubt, doubt.dueAtMs, nowMs) };
  const named = await nameJobs(doubt, ports, context);
  if (named === undefined) return { ...NOTHING, next: { kind: 'settled' } };
  const room = planLook(named, ports.budgetOf(named.repository), nowMs);
  if ('waitUntilMs' in room) {
    const dueAtMs = Math.min(room.waitUntilMs, nowMs + LONGEST_WAIT_MS);
    const next = putBack(named, dueAtMs, nowMs);
    const stuck = stuckUnread(named, nowMs);
    return { ...NOTHING, next, longestWaitMs: inDoubtMs(doubt, nowMs), stuck, problem: SPENT };
  }
  if (named.lostJob !== undefined)
    return { ...NOTHING, ...(await rerunLost(named, named.lostJob, ports, context)) };
  return lookAndLaunch(named, room, ports, context);
}

/** Where a job has ended: the jobs that may have waited for it. ECS knows them, GitHub is not asked; none: `undefined`. */
async function nameJobs(
  doubt: Doubt,
  ports: ReconcilePorts,
  { prefix }: ReconcileContext,
): Promise<Doubt | undefined> {
  if (doubt.endedJob === undefined) return doubt;
  const { repository } = doubt;
  const jobIds = starvingJobs(tasksOf({ repository, tasks: await ports.listTasks() }, prefix));
  return jobIds.length === 0 ? undefined : { ...doubt, jobIds: jobIds.slice(0, MOST_JOBS_NAMED) };
}

async function lookAndLaunch(
  doubt: Doubt,
  room: Room,
  ports: ReconcilePorts,
  { policy, prefix, signal, memory }: ReconcileContext,
): Promise<ReconcileReport> {
  const { id } = doubt.repository;
  const seen = await observe(doubt, room, doubt.resumeAfterRunId ?? memory.get(id), ports, signal);
  remember(memory, id, seen.look.resumeAfterRunId);
  const { look, tasks } = seen;
  const snapshot = { ...look, ...seen, repository: doubt.repository, endedJob: doubt.endedJob };
  const plan = planReconcile(snapshot, policy, prefix, ports.now());
  const launches = await launchAll(plan.launches, ports, { prefix, signal, tasks });
  const nowMs = ports.now();
  const unlaunched = notLaunched(plan, launches, prefix).map((one) => ({
    jobId: one.launch.jobId,
    queuedAtMs: one.queuedAtMs,
    dueAtMs: nowMs,
  }));
  const waiting = [...unlaunched, ...plan.waiting];
  const next = followUp(doubt, room, look, waiting, launches, nowMs);
  const longestWaitMs = Math.max(0, ...waiting.map(({ queuedAtMs }) => nowMs - queuedAtMs));
  const unread = look.problem === undefined ? [] : stuckUnread(doubt, nowMs);
  const stuck = [...stuckJobs(waiting, look.jobs, nowMs), ...unread];
  const problem = look.problem === undefined ? {} : { problem: look.problem };
  return { plan, look, launches, next, longestWaitMs, stuck, ...problem };
}

function remember(memory: LookMemory, repositoryId: number, runId: number | undefined): void {
  memory.delete(repositoryId);
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  if (runId !== undefined) memory.set(repositoryId, runId);
}

/** Jobs before tasks (rule 13): a task that starts between the reads is seen, and its job counted once too often at most. */
async function observe(
  { repository, jobIds }: Doubt,
  { mostReads, isNamedOnly, longestMs }: Room,
  resumeAfterRunId: number | undefined,
  ports: ReconcilePorts,
  signal: AbortSignal,
) {
  const jobsReadAtMs = ports.now();
  const lookSignal = ports.endWithin(longestMs, signal);
  const request = { repository, jobIds, resumeAfterRunId, isNamedOnly, mostReads, signal: lookSignal };
  const look = await ports.lookAtJobs(request);
  const tasks: readonly TaskFact[] = await ports.listTasks();
  return { look, jobsReadAtMs, tasks };
}

function followUp(
  doubt: Doubt,
  { isNamedOnly, isContinued }: Room,
  look: JobLook,
  waiting: readonly Waiting[],
  launches: readonly LaunchOutcome[],
  nowMs: number,
): FollowUp {
  // The next round would only meet the same refusals again.
  const isHopeless = launches.length > 0 && launches.every(isLasting);
  return followLook(doubt, { look, isNamedOnly, waiting, isHopeless, isContinued }, nowMs);
}

/** Launches that were refused or never attempted: their jobs still wait. */
function notLaunched(plan: ReconcilePlan, launches: readonly LaunchOutcome[], prefix: string) {
  const launched = new Set(
    launches.flatMap(({ kind, runnerName }) =>
      kind === 'launched' ? [parseRunnerName(prefix, runnerName)?.jobId] : [],
    ),
  );
  return plan.launches.filter(({ launch }) => !launched.has(launch.jobId));
}
