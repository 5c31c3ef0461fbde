import {
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { taskEnding } from '../core/exit-codes.ts';
import type { TaskFact } from '../core/plan-sweep.ts';
import { callNamed } from '../core/sdk-failure.ts';
import { CONTAINER_NAME, readTaskIdentity } from '../core/task-environment.ts';

/** DescribeTasks takes 100 tasks at most, and a page of ListTasks has as many. */
const BATCH = 100;

/**
 * Tasks of this deployment that ECS still shows: live ones, and those that stopped within the last hour or so.
 * Two calls for every hundred tasks. Throws ServiceError unless everything could be read.
 */
export async function listTasks(
  client: ECSClient,
  clusterArn: string,
  isOurs: (startedBy: string) => boolean,
): Promise<readonly TaskFact[]> {
  const lists = await Promise.all(
    (['RUNNING', 'STOPPED'] as const).map((desiredStatus) => listArns(client, clusterArn, desiredStatus)),
  );
  const arns = [...new Set(lists.flat())];
  const batches = Array.from({ length: Math.ceil(arns.length / BATCH) }, (_, n) =>
    arns.slice(n * BATCH, (n + 1) * BATCH),
  );
  const facts: TaskFact[] = [];
  for (const batch of batches) {
    const { tasks = [] } = await callNamed('ecs', 'DescribeTasks', () =>
      client.send(new DescribeTasksCommand({ cluster: clusterArn, tasks: batch })),
    );
    facts.push(...tasks.flatMap((task) => (isOurs(task.startedBy ?? '') ? taskFact(task) : [])));
  }
  return facts;
}

async function listArns(
  client: ECSClient,
  clusterArn: string,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const input = { cluster: clusterArn, desiredStatus, maxResults: BATCH, ...(nextToken && { nextToken }) };
    const page = await callNamed('ecs', 'ListTasks', () => client.send(new ListTasksCommand(input)));
    arns.push(...(page.taskArns ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return arns;
}

function taskFact(task: Task): TaskFact {
  const override = task.overrides?.containerOverrides?.find(({ name }) => name === CONTAINER_NAME);
  const environment = new Map(override?.environment?.map(({ name, value }) => [name ?? '', value ?? '']));
  const exitCode = task.containers?.find(({ name }) => name === CONTAINER_NAME)?.exitCode;
  return {
    taskArn: task.taskArn ?? '',
    runnerName: task.startedBy ?? '',
    registration: readTaskIdentity(environment),
    lastStatus: task.lastStatus ?? '',
    desiredStatus: task.desiredStatus ?? '',
    createdAtMs: task.createdAt?.getTime() ?? Number.NaN,
    startedAtMs: task.startedAt?.getTime(),
    ending: task.lastStatus === 'STOPPED' ? taskEnding(exitCode) : undefined,
  };
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
