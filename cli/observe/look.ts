import { setTimeout as pause } from 'node:timers/promises';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import type { SettledTask } from '../../functions/records/settled.ts';
import type { Facts, SeenTask } from './facts.ts';
import { foldSnapshot } from './fold.ts';
import { createLogReader, type LogGroup, logGroupsOf, runnerLogGroupOf } from './log-reader.ts';
import type { LogRecord } from './records.ts';
import type { Snapshot, TaskView } from './snapshot.ts';
import type { ObservedDeployment } from './sources.ts';
import { RUNNER } from './supervisor-state.ts';
import { createTaskReader } from './task-reader.ts';

/** Tasks that ECS still shows, as the planners of the functions take them. */
export const readTaskFacts = async (deployment: ObservedDeployment): Promise<readonly TaskFact[]> =>
  (await readTasks(deployment)).map(({ fact }) => fact);

/** What the functions wrote, of these lines of these groups. Throws what CloudWatch said unless all could be read. */
async function readLines(
  { logs, now }: ObservedDeployment,
  groups: readonly LogGroup[],
  patternOf: (group: LogGroup) => string,
  sinceMs: number,
  endMs?: number,
): Promise<readonly LogRecord[]> {
  const reader = createLogReader(logs, groups, { now, pause: (ms) => pause(ms), patternOf, endMs });
  const { records, failed } = await reader.read(sinceMs);
  for (const { error } of failed) throw error;
  return records;
}

/** A task is settled within seconds; where that fails, its event is tried again, and this much later it is given up. */
const LATEST_LINE_MS = 86_400_000;

/** The tasks that stopped from one time on and before another, epoch milliseconds, as far back as the logs are kept. */
export async function readStoppedTasks(
  deployment: ObservedDeployment,
  fromMs: number,
  toMs: number = Number.POSITIVE_INFINITY,
): Promise<readonly SettledTask[]> {
  const ofStops = () => '"task stopped"';
  const endMs = Number.isFinite(toMs) ? toMs + LATEST_LINE_MS : undefined;
  const records = await readLines(deployment, logGroupsOf(deployment, 'settle'), ofStops, fromMs, endMs);
  const byArn = new Map(
    records.flatMap((record) =>
      record.kind === 'stopped' ? [[record.task.taskArn, record.task] as const] : [],
    ),
  );
  const isWithin = ({ stoppedAtMs, createdAtMs }: SettledTask) =>
    (stoppedAtMs ?? createdAtMs) >= fromMs && (stoppedAtMs ?? createdAtMs) < toMs;
  return [...byArn.values()].filter(isWithin);
}

/** What was read about some jobs. */
export interface Evidence {
  readonly tasks: readonly SeenTask[];
  readonly records: readonly LogRecord[];
}

/** What ECS and the functions' logs have on one job. Throws what AWS said. */
export async function readJobEvidence(
  deployment: ObservedDeployment,
  jobId: number,
  sinceMs: number,
): Promise<Evidence> {
  const tasks = await readTasks(deployment);
  const groups = [...logGroupsOf(deployment, 'webhook', 'reconcile', 'settle'), runnerLogGroupOf(deployment)];
  const own = await readLines(deployment, groups, linesOf(deployment, jobId), sinceMs);
  const runner = own.findLast((record) => record.kind === 'delivery' && record.job?.runner !== undefined);
  const runnerName = runner?.kind === 'delivery' ? runner.job?.runner : undefined;
  if (runnerName?.startsWith(`${deployment.runnerPrefix}-`) !== true) return { tasks, records: own };
  // Where it took another's runner it ran in a task whose name has another job's id.
  const ofRunner = () => `{ $.runnerName = "${runnerName}" }`;
  const others = await readLines(deployment, logGroupsOf(deployment, 'settle'), ofRunner, sinceMs);
  return { tasks, records: [...own, ...others] };
}

/** What ECS and the functions' logs have on the jobs of a run. Throws what AWS said. */
export async function readRunEvidence(
  deployment: ObservedDeployment,
  runId: number,
  sinceMs: number,
): Promise<Evidence> {
  const groups = logGroupsOf(deployment, 'webhook', 'reconcile', 'settle');
  const linesOfRun = ({ service }: LogGroup) => {
    // A stopped task is told by its runner's name, which has no run in it.
    if (service === 'settle') return '"task stopped"';
    return service === 'reconcile'
      ? `{ ($.run = ${runId}) || ($.message = "reconciled") }`
      : `{ $.run = ${runId} }`;
  };
  const [tasks, records] = await Promise.all([
    readTasks(deployment),
    readLines(deployment, groups, linesOfRun, sinceMs),
  ]);
  return { tasks, records };
}

const readTasks = ({ ecs, clusterArn, runnerPrefix }: ObservedDeployment) =>
  createTaskReader(ecs, clusterArn, runnerPrefix)();

/** The view of what was read about some jobs, with what GitHub says of them. Pure but for the clock. */
export const foldEvidence = (
  deployment: ObservedDeployment,
  { tasks, records }: Evidence,
  { sinceMs, jobs = [], policy }: Pick<Snapshot, 'sinceMs'> & Partial<Pick<Facts, 'jobs' | 'policy'>>,
): Snapshot =>
  foldSnapshot(
    { records, tasks, jobs, policy, runners: [], doubts: undefined, unread: [] },
    {
      stack: deployment.stack,
      region: deployment.region,
      prefix: deployment.runnerPrefix,
      githubUrl: deployment.githubWebUrl,
      sinceMs,
      nowMs: deployment.now(),
    },
  );

/** The tasks that were launched for a job, and the one that ran it; oldest first. */
export function tasksOf({ jobs, tasks }: Pick<Snapshot, 'jobs' | 'tasks'>, jobId: number): TaskView[] {
  const job = jobs.find((one) => one.jobId === jobId);
  const isOfJob = (task: TaskView) =>
    task.launchedForJobId === jobId || task.runsJobId === jobId || task.runnerName === job?.runnerName;
  return tasks.filter(isOfJob).toReversed();
}

const linesOf =
  ({ runnerPrefix }: ObservedDeployment, jobId: number) =>
  ({ service }: LogGroup): string => {
    if (service === RUNNER) return `{ $.runner = "${runnerPrefix}-*-${jobId}-*" }`;
    if (service === 'settle') return `{ $.runnerName = "${runnerPrefix}-*-${jobId}-*" }`;
    // Jobs that are left waiting stand in a list, which a filter cannot look into: their lines are told apart here.
    return service === 'reconcile'
      ? `{ ($.job = ${jobId}) || ($.message = "reconciled") }`
      : `{ $.job = ${jobId} }`;
  };
