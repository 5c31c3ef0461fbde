import { parseRunnerName } from '../../functions/core/job/identity.ts';
import { fullName } from '../../functions/core/job/repository.ts';
import { billedSeconds, taskCostUsd } from '../../functions/core/task/prices.ts';
import type { SettledTask } from '../../functions/records/settled.ts';
import { costOfSettled } from './cost.ts';
import type { Facts, SeenTask } from './facts.ts';
import type { LogRecord, RecordOf } from './records.ts';
import type { TaskView } from './snapshot.ts';
import { taskIdOf } from './supervisor-state.ts';

/** Tasks that ECS shows, and those that the records tell of after ECS has forgotten them; newest first. */
export function foldTasks(
  { tasks }: Pick<Facts, 'tasks'>,
  records: readonly LogRecord[],
  folding: TaskFolding,
): TaskView[] {
  const said: Said = { jobByRunner: startedJobs(records), idleAtMs: idleTimes(records) };
  const views = new Map<string, TaskView>();
  for (const record of records)
    if (record.kind === 'stopped') views.set(record.task.taskArn, fromRecord(record.task, folding, said));
  for (const seen of tasks) {
    const view = fromEcs(seen, folding, said);
    const recorded = views.get(view.taskArn);
    // ECS lags behind its own event: what has stopped does not run again.
    const isBehind = recorded !== undefined && view.status !== 'STOPPED';
    views.set(view.taskArn, isBehind ? { ...recorded, repository: view.repository } : view);
  }
  return [...views.values()].toSorted(
    (a, b) => b.createdAtMs - a.createdAtMs || (a.taskArn < b.taskArn ? -1 : 1),
  );
}

/** What the views of tasks depend on besides what was read. */
interface TaskFolding {
  readonly prefix: string;
  /** Whose prices they have. */
  readonly region: string;
  readonly nowMs: number;
}

type JobByRunner = ReadonlyMap<string, number>;

/** What the records tell of tasks besides ECS. */
interface Said {
  readonly jobByRunner: JobByRunner;
  /** Of the task whose stream it is, and the runner that says so: a job writes into its own task's log only. */
  readonly idleAtMs: (taskArn: string, runnerName: string) => number | undefined;
}

function idleTimes(records: readonly LogRecord[]): Said['idleAtMs'] {
  const times = new Map<string, number>();
  for (const record of records) {
    const key = record.kind === 'state' ? `${record.taskId} ${record.runnerName}` : '';
    if (record.kind === 'state' && record.state === 'idle' && !times.has(key)) times.set(key, record.atMs);
  }
  return (taskArn, runnerName) => times.get(`${taskIdOf(taskArn)} ${runnerName}`);
}

/** Which job each runner took. */
function startedJobs(records: readonly LogRecord[]): JobByRunner {
  const started = records.filter((record): record is RecordOf<'delivery'> => record.kind === 'delivery');
  return new Map(started.flatMap(({ job }) => (job?.runner ? [[job.runner, job.job] as const] : [])));
}

function fromRecord(
  task: SettledTask,
  { prefix, region }: TaskFolding,
  { jobByRunner, idleAtMs }: Said,
): TaskView {
  const { taskArn, runnerName, repository, hardware, ending, stopCode, stoppedReason, cause } = task;
  const { vcpu, memoryGiB, storageGiB, arch, provider } = hardware;
  return {
    taskArn,
    runnerName,
    repository,
    launchedForJobId: parseRunnerName(prefix, runnerName)?.jobId,
    runsJobId: jobByRunner.get(runnerName),
    size: { vcpu, memoryGiB, storageGiB },
    arch,
    provider,
    status: 'STOPPED',
    createdAtMs: task.createdAtMs,
    startedAtMs: task.startedAtMs,
    idleAtMs: idleAtMs(taskArn, runnerName),
    stoppedAtMs: task.stoppedAtMs,
    ending,
    stop: cause && { code: stopCode, reason: stoppedReason, cause },
    costUsd: costOfSettled(task, region).cost.usd,
    phases: task.phases,
  };
}

function fromEcs(
  { fact, hardware, pullStartedAtMs, phases }: SeenTask,
  { prefix, region, nowMs }: TaskFolding,
  { jobByRunner, idleAtMs }: Said,
): TaskView {
  const { taskArn, runnerName, repository, createdAtMs, startedAtMs, stoppedAtMs, ending, stop } = fact;
  const { vcpu, memoryGiB, storageGiB, arch, provider } = hardware;
  return {
    taskArn,
    runnerName,
    repository: repository && fullName(repository),
    launchedForJobId: parseRunnerName(prefix, runnerName)?.jobId,
    runsJobId: fact.markedJobId ?? jobByRunner.get(runnerName),
    size: { vcpu, memoryGiB, storageGiB },
    arch,
    provider,
    status: fact.lastStatus,
    createdAtMs,
    startedAtMs,
    idleAtMs: idleAtMs(taskArn, runnerName),
    stoppedAtMs,
    ending,
    stop,
    costUsd: taskCostUsd(hardware, billedSeconds(pullStartedAtMs, stoppedAtMs ?? nowMs), region),
    phases,
  };
}
