import type { Policy } from '../job/policy.ts';
import { PROVIDERS } from '../job/providers.ts';
import type { Account, Scope } from '../job/repository.ts';
import { ranToNormalEnd } from '../task/exit-codes.ts';
import type { TaskFact } from '../task/facts.ts';
import type { Reason } from '../words/reasons.ts';

/** A runner on GitHub that has one of our names. */
export interface Registration {
  readonly account: Account;
  readonly scope: Scope;
  readonly runnerId: number;
  readonly runnerName: string;
  readonly online: boolean;
}

/** When a registration was first seen without a task and offline. */
export interface OrphanLook {
  readonly runnerId: number;
  readonly firstSeenAtMs: number;
}

export interface Snapshot {
  readonly tasks: readonly TaskFact[];
  /** Tasks whose registration an earlier sweep has removed. */
  readonly settledTaskArns: ReadonlySet<string>;
  /** `undefined` when this sweep has not looked: absence is never concluded from a list that was not read. */
  readonly registrations: readonly Registration[] | undefined;
  readonly looks: readonly OrphanLook[];
}

/** Why a task is stopped from outside. */
const STOPS = [
  'over-maximum-age',
  'outlived-its-job',
  'over-boot-limit',
] as const satisfies readonly Reason[];

export interface StopTask {
  readonly taskArn: string;
  readonly runnerName: string;
  readonly reason: (typeof STOPS)[number];
}

export interface RemoveRunner {
  readonly account: Account;
  readonly scope: Scope;
  readonly runnerId: number;
  readonly runnerName: string;
  readonly reason: Extract<Reason, 'task-stopped' | 'orphaned'>;
  /** The stopped task that this settles. */
  readonly taskArn?: string;
}

/** What a sweep will do, what it leaves alone and why, and what the next one is to remember. */
export interface SweepPlan {
  readonly stop: readonly StopTask[];
  readonly remove: readonly RemoveRunner[];
  readonly leave: ReadonlyArray<{ readonly runnerName: string; readonly reason: Reason }>;
  readonly looks: readonly OrphanLook[];
}

/** Statuses before RUNNING. Source: docs.aws.amazon.com, Amazon ECS task lifecycle. */
const BOOTING = new Set(['PROVISIONING', 'PENDING', 'ACTIVATING']);

/** Plans one sweep. Pure; the order of the snapshot does not matter. `nowMs` is epoch milliseconds. */
export function planSweep(snapshot: Snapshot, policy: Policy, nowMs: number): SweepPlan {
  const tasks = snapshot.tasks.toSorted((a, b) => compare(a.taskArn, b.taskArn));
  const verdicts = tasks
    .filter((task) => task.lastStatus !== 'STOPPED')
    .map((task) => judge(task, policy, nowMs));
  const settle = tasks.flatMap((task) => settleStopped(task, snapshot.settledTaskArns));
  const orphans = judgeRegistrations(snapshot, policy, nowMs);
  return {
    stop: verdicts.filter((verdict): verdict is StopTask => isStop(verdict.reason)),
    remove: [...settle, ...orphans.remove],
    leave: [...verdicts.filter((verdict) => !isStop(verdict.reason)), ...orphans.leave].map(
      ({ runnerName, reason }) => ({ runnerName, reason }),
    ),
    looks: orphans.looks,
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const isStop = (reason: Reason): reason is StopTask['reason'] => STOPS.some((stop) => stop === reason);

/** Most end within seconds of their job; a listener that waits for its worker to obey a cancellation takes 5 minutes. */
const JOB_OVER_SECONDS = 600;

/**
 * From outside, only the maximum age and GitHub's word that its job is over stop a RUNNING task, and the boot limit one
 * that never ran (rule 23).
 */
function judge(
  task: TaskFact,
  { timeouts }: Policy,
  nowMs: number,
): { taskArn: string; runnerName: string; reason: Reason } {
  const { taskArn, runnerName } = task;
  const isOver = (sinceMs: number | undefined, seconds: number) =>
    sinceMs !== undefined && nowMs - sinceMs > seconds * 1000;
  const verdict = (reason: Reason) => ({ taskArn, runnerName, reason });
  if (task.desiredStatus === 'STOPPED') return verdict('already-stopping');
  if (task.lastStatus === 'RUNNING' && isOver(task.startedAtMs, timeouts.maximumAgeSeconds))
    return verdict('over-maximum-age');
  if (task.lastStatus === 'RUNNING' && isOver(task.jobOverAtMs, JOB_OVER_SECONDS))
    return verdict('outlived-its-job');
  const bootSeconds = Math.max(timeouts.bootSeconds, PROVIDERS[task.provider].leastBootSeconds);
  if (BOOTING.has(task.lastStatus) && isOver(task.createdAtMs, bootSeconds))
    return verdict('over-boot-limit');
  return verdict('below-limits');
}

/** A stopped task's registration is removed (rule 22), unless GitHub did so itself at the end of its job. */
function settleStopped(task: TaskFact, settled: ReadonlySet<string>): RemoveRunner[] {
  const { registration, taskArn, runnerName, ending } = task;
  if (task.lastStatus !== 'STOPPED' || registration === undefined || settled.has(taskArn)) return [];
  if (ending !== undefined && ranToNormalEnd(ending)) return [];
  return [{ ...registration, runnerName, reason: 'task-stopped', taskArn }];
}

/** Not one of the same name and another id: a second launch of that name, which ECS refused, registered it again. */
function taskOf(
  { runnerName, runnerId }: Registration,
  tasks: ReadonlyMap<string, TaskFact>,
): TaskFact | undefined {
  const task = tasks.get(runnerName);
  return task?.registration === undefined || task.registration.runnerId === runnerId ? task : undefined;
}

/** Two witnesses before a registration without a task is removed: offline at GitHub, twice, a grace apart. */
function judgeRegistrations(snapshot: Snapshot, { timeouts }: Policy, nowMs: number) {
  if (snapshot.registrations === undefined) return { remove: [], leave: [], looks: snapshot.looks };
  const tasks = new Map(snapshot.tasks.map((task) => [task.runnerName, task]));
  const firstSeen = new Map(snapshot.looks.map((look) => [look.runnerId, look.firstSeenAtMs]));
  const remove: RemoveRunner[] = [];
  const leave: { runnerName: string; reason: Reason }[] = [];
  const looks: OrphanLook[] = [];
  for (const registration of snapshot.registrations.toSorted((a, b) => a.runnerId - b.runnerId)) {
    const { account, scope, runnerId, runnerName } = registration;
    const task = taskOf(registration, tasks);
    // A stopped task's registration is settled above, by the id in the task and with no grace.
    if (task?.lastStatus === 'STOPPED') continue;
    if (registration.online || task !== undefined) {
      leave.push({ runnerName, reason: registration.online ? 'runner-online' : 'task-alive' });
      continue;
    }
    const firstSeenAtMs = firstSeen.get(runnerId) ?? nowMs;
    if (nowMs - firstSeenAtMs >= timeouts.orphanGraceSeconds * 1000)
      remove.push({ account, scope, runnerId, runnerName, reason: 'orphaned' });
    else {
      looks.push({ runnerId, firstSeenAtMs });
      leave.push({ runnerName, reason: 'first-look' });
    }
  }
  return { remove, leave, looks };
}
