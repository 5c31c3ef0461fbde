import { setTimeout as pause } from 'node:timers/promises';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import type { SettledTask } from '../../functions/records/settled.ts';
import { foldSnapshot } from './fold.ts';
import { createLogReader, type LogGroup, logGroupsOf } from './log-reader.ts';
import type { LogRecord } from './records.ts';
import type { JobView, TaskView } from './snapshot.ts';
import type { ObservedDeployment } from './sources.ts';
import { createTaskReader } from './task-reader.ts';

/** Tasks that ECS still shows, as the planners of the functions take them. */
export async function readTaskFacts({
  ecs,
  clusterArn,
  runnerPrefix,
}: ObservedDeployment): Promise<readonly TaskFact[]> {
  return (await createTaskReader(ecs, clusterArn, runnerPrefix)()).map(({ fact }) => fact);
}

/** What the functions wrote, of these lines of these groups. Throws what CloudWatch said unless all could be read. */
async function readLines(
  { logs, now }: ObservedDeployment,
  groups: readonly LogGroup[],
  patternOf: (group: LogGroup) => string,
  sinceMs: number,
): Promise<readonly LogRecord[]> {
  const reader = createLogReader(logs, groups, { now, pause: (ms) => pause(ms), patternOf });
  const { records, failed } = await reader.read(sinceMs);
  for (const { error } of failed) throw error;
  return records;
}

/** The tasks that have stopped since then, as far back as the logs are kept. */
export async function readStoppedTasks(
  deployment: ObservedDeployment,
  sinceMs: number,
): Promise<readonly SettledTask[]> {
  const ofStops = () => '"task stopped"';
  const records = await readLines(deployment, logGroupsOf(deployment, 'settle'), ofStops, sinceMs);
  const byArn = new Map(
    records.flatMap((record) =>
      record.kind === 'stopped' ? [[record.task.taskArn, record.task] as const] : [],
    ),
  );
  return [...byArn.values()];
}

/** All that is known of one job. */
export interface JobLook {
  /** `undefined` where neither a record nor ECS knows it. */
  readonly job: JobView | undefined;
  /** Those that were launched for it, and the one that ran it; oldest first. */
  readonly tasks: readonly TaskView[];
  readonly records: readonly LogRecord[];
}

export async function lookAtJob(
  deployment: ObservedDeployment,
  jobId: number,
  sinceMs: number,
): Promise<JobLook> {
  const seen = await createTaskReader(deployment.ecs, deployment.clusterArn, deployment.runnerPrefix)();
  const own = await readLines(
    deployment,
    logGroupsOf(deployment, 'webhook', 'reconcile', 'settle'),
    linesOf(deployment, jobId),
    sinceMs,
  );
  const runner = own.findLast((record) => record.kind === 'delivery' && record.job?.runner !== undefined);
  const runnerName = runner?.kind === 'delivery' ? runner.job?.runner : undefined;
  // After a swap the job ran in a task whose name has another job's id.
  const ofRunner =
    runnerName?.startsWith(`${deployment.runnerPrefix}-`) === true
      ? await readLines(
          deployment,
          logGroupsOf(deployment, 'settle'),
          () => `{ $.runnerName = "${runnerName}" }`,
          sinceMs,
        )
      : [];
  const records = [...own, ...ofRunner];
  const facts = {
    records,
    tasks: seen,
    runners: [],
    jobs: [],
    doubts: undefined,
    policy: undefined,
    unread: [],
  };
  const folded = foldSnapshot(facts, {
    stack: deployment.stack,
    prefix: deployment.runnerPrefix,
    githubUrl: deployment.githubWebUrl,
    sinceMs,
    nowMs: deployment.now(),
  });
  const job = folded.jobs.find((one) => one.jobId === jobId);
  const isOfJob = (task: TaskView) =>
    task.launchedForJobId === jobId || task.runsJobId === jobId || task.runnerName === job?.runnerName;
  return { job, tasks: folded.tasks.filter(isOfJob).toReversed(), records };
}

const linesOf =
  ({ runnerPrefix }: ObservedDeployment, jobId: number) =>
  ({ service }: LogGroup): string => {
    if (service === 'settle') return `{ $.runnerName = "${runnerPrefix}-*-${jobId}-*" }`;
    // Jobs that are left waiting stand in a list, which a filter cannot look into: their lines are told apart here.
    return service === 'reconcile'
      ? `{ ($.job = ${jobId}) || ($.message = "reconciled") }`
      : `{ $.job = ${jobId} }`;
  };
