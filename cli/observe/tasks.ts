import { DescribeTasksCommand, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import type { TaskFact } from '../../functions/core/facts.ts';
import type { TaskHardware } from '../../functions/core/prices.ts';
import { estimateCostUsd } from '../../functions/core/prices.ts';
import { hardwareOf } from '../../functions/ecs/hardware.ts';
import { type TaskView, taskFact } from '../../functions/ecs/task-fact.ts';
import type { Installation } from '../installation.ts';

/** A task with what it runs on and costs so far. */
export interface SeenTask {
  readonly fact: TaskFact;
  readonly hardware: TaskHardware;
  readonly costUsd: number;
  readonly stoppedReason: string | undefined;
}

const BATCH = 100;

/** Tasks of the installation that ECS still shows, oldest first: live ones, and those that stopped within the last hour. */
export async function readTasks(installation: Installation): Promise<readonly SeenTask[]> {
  const arns = new Set<string>();
  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const)
    for (const arn of await listArns(installation, desiredStatus)) arns.add(arn);
  const all = [...arns];
  const tasks: SeenTask[] = [];
  for (let first = 0; first < all.length; first += BATCH) {
    const command = new DescribeTasksCommand({
      cluster: installation.clusterArn,
      tasks: all.slice(first, first + BATCH),
      include: ['TAGS'],
    });
    const answer = await installation.ecs.send(command);
    tasks.push(...(answer.tasks ?? []).flatMap((task) => seen(task, installation) ?? []));
  }
  return tasks.toSorted((a, b) => a.fact.createdAtMs - b.fact.createdAtMs);
}

async function listArns(
  { ecs, clusterArn }: Installation,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const filter = { cluster: clusterArn, desiredStatus, maxResults: BATCH };
    const page = await ecs.send(new ListTasksCommand({ ...filter, ...(nextToken && { nextToken }) }));
    arns.push(...(page.taskArns ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return arns;
}

function seen(task: Task, { stack, now }: Installation): SeenTask | undefined {
  const fact = taskFact(task as TaskView, stack);
  if (fact === undefined) return undefined;
  const hardware = hardwareOf(task as TaskView);
  const startedAtMs = task.pullStartedAt?.getTime() ?? fact.startedAtMs;
  const seconds = startedAtMs === undefined ? 0 : ((fact.stoppedAtMs ?? now()) - startedAtMs) / 1000;
  const costUsd = startedAtMs === undefined ? 0 : estimateCostUsd(hardware, seconds);
  return { fact, hardware, costUsd, stoppedReason: task.stoppedReason };
}
