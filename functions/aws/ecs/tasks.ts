import {
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  StopTaskCommand,
  type Tag,
  TagResourceCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import type { TaskFact } from '../../core/task/facts.ts';
import { JOB_OVER_TAG, MARK_TAG } from '../../core/task/task-environment.ts';
import { callNamed, readFailure } from '../sdk-failure.ts';
import { taskFact } from './task-fact.ts';

/** DescribeTasks takes 100 tasks at most, and a page of ListTasks has as many. */
const BATCH = 100;

/**
 * Tasks of this deployment that ECS still shows: live ones, and those that stopped within the last hour or so.
 * Two calls for every hundred tasks. Throws ServiceError unless everything could be read.
 */
export async function listTasks(
  client: ECSClient,
  clusterArn: string,
  prefix: string,
): Promise<readonly TaskFact[]> {
  const arns = await listTaskArns(client, clusterArn);
  return describeTasks(client, clusterArn, arns, (task) => taskFact(task, prefix));
}

/** As `listTasks`, within the time of a signal; `undefined`, and no more is read, where there are more tasks than this. */
export async function listFewTasks(
  client: ECSClient,
  clusterArn: string,
  prefix: string,
  bounds: { readonly mostTasks: number; readonly signal: AbortSignal },
): Promise<readonly TaskFact[] | undefined> {
  const arns = await listTaskArns(client, clusterArn, bounds);
  if (arns.length > bounds.mostTasks) return undefined;
  return describeTasks(client, clusterArn, arns, (task) => taskFact(task, prefix), bounds);
}

/** A list ends once it has more than these, and a call when its time is over. */
interface Bounds {
  readonly mostTasks?: number;
  readonly signal?: AbortSignal;
}

const within = ({ signal }: Bounds) => (signal === undefined ? {} : { abortSignal: signal });

/** The ARNs of all tasks of a cluster that ECS still shows. Throws ServiceError unless every page could be read. */
export async function listTaskArns(
  client: ECSClient,
  clusterArn: string,
  bounds: Bounds = {},
): Promise<readonly string[]> {
  const lists = await Promise.all(
    (['RUNNING', 'STOPPED'] as const).map((desiredStatus) =>
      listArns(client, { cluster: clusterArn, desiredStatus }, bounds),
    ),
  );
  return [...new Set(lists.flat())];
}

/**
 * The task that a launch started; `undefined` when ECS shows none. `startedBy` must be the only filter of ListTasks
 * (AWS-11), which then shows what is desired to run.
 */
export async function findTask(
  client: ECSClient,
  clusterArn: string,
  prefix: string,
  runnerName: string,
): Promise<TaskFact | undefined> {
  const arns = await listArns(client, { cluster: clusterArn, startedBy: runnerName });
  return (await describeTasks(client, clusterArn, arns, (task) => taskFact(task, prefix)))[0];
}

/** Marks a task with the job that it runs (rule 19). */
export const markTask = (client: ECSClient, taskArn: string, jobId: number): Promise<void> =>
  tagTask(client, taskArn, { key: MARK_TAG, value: String(jobId) });

/** Notes on a task when its job was heard to be over (rule 23). */
export const noteJobOver = (client: ECSClient, taskArn: string, atMs: number): Promise<void> =>
  tagTask(client, taskArn, { key: JOB_OVER_TAG, value: String(atMs) });

/** A task that has stopped since it was found needs no tag: most end within seconds of their job. */
async function tagTask(client: ECSClient, resourceArn: string, tag: Tag): Promise<void> {
  const command = new TagResourceCommand({ resourceArn, tags: [tag] });
  await callNamed('ecs', 'TagResource', () =>
    client.send(command).catch((error: unknown) => {
      if (!isStoppedTask(error)) throw error;
    }),
  );
}

const isStoppedTask = (error: unknown): boolean => {
  const { name, message } = readFailure(error);
  return name === 'InvalidParameterException' && message.includes('task is stopped');
};

/**
 * What `read` makes of tasks as ECS shows them, with their tags; those that it no longer shows are left out, and so is
 * what is read as `undefined`. Page by page: ten thousand tasks whole are 50 MB more than what is read of them
 * (bench, sweep-memory). Throws ServiceError.
 */
export async function describeTasks<Fact>(
  client: ECSClient,
  cluster: string,
  arns: readonly string[],
  read: (task: Task) => Fact | undefined,
  bounds: Bounds = {},
): Promise<Fact[]> {
  const batches = Array.from({ length: Math.ceil(arns.length / BATCH) }, (_, n) =>
    arns.slice(n * BATCH, (n + 1) * BATCH),
  );
  const found: Fact[] = [];
  for (const tasks of batches) {
    const command = new DescribeTasksCommand({ cluster, tasks, include: ['TAGS'] });
    const answer = await callNamed('ecs', 'DescribeTasks', () => client.send(command, within(bounds)));
    found.push(...(answer.tasks ?? []).flatMap((task) => read(task) ?? []));
  }
  return found;
}

type Filter = { readonly cluster: string } & (
  | { readonly desiredStatus: 'RUNNING' | 'STOPPED' }
  | { readonly startedBy: string }
);

async function listArns(client: ECSClient, filter: Filter, bounds: Bounds = {}): Promise<string[]> {
  const { mostTasks = Number.POSITIVE_INFINITY } = bounds;
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const command = new ListTasksCommand({ ...filter, maxResults: BATCH, ...(nextToken && { nextToken }) });
    const page = await callNamed('ecs', 'ListTasks', () => client.send(command, within(bounds)));
    arns.push(...(page.taskArns ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined && arns.length <= mostTasks);
  return arns;
}

/** Tells ECS to stop a task: SIGTERM, then SIGKILL after the task definition's stopTimeout. */
export async function stopTask(
  client: ECSClient,
  clusterArn: string,
  taskArn: string,
  reason: string,
): Promise<void> {
  await callNamed('ecs', 'StopTask', () =>
    client.send(new StopTaskCommand({ cluster: clusterArn, task: taskArn, reason })),
  );
}
