import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import logUpdate from 'log-update';
import { parseRunnerName } from '../../functions/core/identity.ts';
import { listRegistrations } from '../../functions/github/runners.ts';
import { listScopes } from '../../functions/github/scopes.ts';
import type { Installation } from '../installation.ts';
import type { AddCommand } from '../main.ts';
import { jobsOf, type SeenJob } from '../observe/jobs.ts';
import { readRecords } from '../observe/records.ts';
import { readTasks, type SeenTask } from '../observe/tasks.ts';
import { dollars, duration, table } from '../output.ts';
import { readPolicy } from '../policy.ts';

/** How far back jobs are told from the logs. */
const WINDOW_MS = 2 * 3_600_000;
const WATCH_EVERY_MS = 5_000;

interface Status {
  readonly takenAtMs: number;
  readonly jobs: readonly SeenJob[];
  readonly tasks: readonly SeenTask[];
  /** Registrations of ours at GitHub that no live task stands for. */
  readonly runnersWithoutTask: readonly string[];
  readonly doubts: { readonly waiting: number; readonly dead: number };
  readonly costUsd: number;
  /** What could not be read. */
  readonly unread: readonly string[];
}

export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .description('jobs that wait and run, tasks and runners, what they cost so far')
    .option('--watch', 'again every five seconds, until Ctrl-C', false)
    .action(async ({ watch }: { watch: boolean }) => {
      const { installation, output } = context();
      const place = await installation();
      if (!watch || output.isJson) {
        const status = await look(place);
        output.answer(status, () => draw(status));
        return;
      }
      for (;;) {
        logUpdate(draw(await look(place)));
        await new Promise((resolve) => setTimeout(resolve, WATCH_EVERY_MS));
      }
    });
};

async function look(place: Installation): Promise<Status> {
  const unread: string[] = [];
  const tried = async <T>(what: string, read: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      unread.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    }
  };
  const nowMs = place.now();
  const [records, tasks, registered, doubts] = await Promise.all([
    tried('the logs', () => readRecords(place, nowMs - WINDOW_MS), []),
    tried('the tasks', () => readTasks(place), []),
    tried('GitHub’s runners', () => readRunners(place), []),
    tried('the queue', () => readQueues(place), { waiting: 0, dead: 0 }),
  ]);
  const live = new Set(tasks.filter(isLive).map(({ fact }) => fact.runnerName));
  return {
    takenAtMs: nowMs,
    jobs: jobsOf(records, place.stack),
    tasks,
    runnersWithoutTask: registered.filter((name) => !live.has(name)),
    doubts,
    costUsd: tasks.reduce((sum, { costUsd }) => sum + costUsd, 0),
    unread,
  };
}

const isLive = ({ fact }: SeenTask): boolean => fact.lastStatus !== 'STOPPED';

async function readRunners(place: Installation): Promise<string[]> {
  const app = await place.github();
  const isOurs = (name: string) => parseRunnerName(place.stack, name) !== undefined;
  const scopes = await listScopes(app, await readPolicy());
  const lists = await Promise.all(scopes.map((scope) => listRegistrations(app, scope, isOurs)));
  return lists.flat().map(({ runnerName }) => runnerName);
}

const MESSAGE_COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

export async function readQueues({ sqs, doubtQueueUrl, deadDoubtQueueUrl }: Installation) {
  const count = async (QueueUrl: string) => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    const { Attributes = {} } = await sqs.send(command);
    return MESSAGE_COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  };
  const [waiting, dead] = await Promise.all([count(doubtQueueUrl), count(deadDoubtQueueUrl)]);
  return { waiting, dead };
}

/** As many lines of each as a screen has room for. */
const MOST_ROWS = 20;

function draw({ takenAtMs, jobs, tasks, runnersWithoutTask, doubts, costUsd, unread }: Status): string {
  const open = jobs.filter(({ phase }) => phase !== 'done' && phase !== 'ignored');
  const live = tasks.filter(isLive);
  const jobRows = open
    .slice(0, MOST_ROWS)
    .map(({ jobId, repository, name, phase, launches, reason, queuedAtMs }) => [
      ...[
        jobId,
        repository,
        name.slice(0, 30),
        phase,
        launches.length > 1 ? `${launches.length} launches` : '',
      ],
      ...[reason ?? '', duration(takenAtMs - queuedAtMs)],
    ]);
  const taskRows = live
    .slice(0, MOST_ROWS)
    .map(({ fact, hardware, costUsd: usd }) => [
      ...[fact.runnerName, fact.lastStatus, fact.markedJobId ?? ''],
      `${hardware.vcpu} vCPU ${hardware.memoryGiB} GiB ${hardware.arch}${hardware.isSpot ? ' Spot' : ''}`,
      ...[duration(takenAtMs - fact.createdAtMs), dollars(usd)],
    ]);
  const done = jobs.filter(({ phase }) => phase === 'done').length;
  return [
    `${open.length} jobs open, ${done} done in two hours; ${live.length} tasks live; ${doubts.waiting} doubts, ${doubts.dead} dead; ` +
      `${dollars(costUsd)} for the tasks of the last hour (estimate)`,
    ...(jobRows.length > 0
      ? [table(['Job', 'Repository', 'Name', 'Is', 'Repaired', 'Last reason', 'Queued for'], jobRows)]
      : []),
    ...(taskRows.length > 0
      ? [table(['Runner', 'Task is', 'Runs job', 'Size', 'Age', 'So far'], taskRows)]
      : []),
    ...(runnersWithoutTask.length > 0
      ? [`runners without a live task (the sweep removes them): ${runnersWithoutTask.join(', ')}`]
      : []),
    ...unread.map((what) => `not read: ${what}`),
  ].join('\n');
}
