import type { ECSClient, Task } from '@aws-sdk/client-ecs';
import { hardwareOf } from '../../functions/aws/ecs/hardware.ts';
import { taskFact, timeMs } from '../../functions/aws/ecs/task-fact.ts';
import { describeTasks, listTaskArns } from '../../functions/aws/ecs/tasks.ts';
import { taskPhases } from '../../functions/core/task/task-phases.ts';
import type { SeenTask } from './facts.ts';

/** Reads the tasks of a deployment again and again: what has stopped changes no more, and is described once. */
export function createTaskReader(client: ECSClient, clusterArn: string, prefix: string) {
  let stopped = new Map<string, SeenTask>();
  return async (): Promise<readonly SeenTask[]> => {
    const arns = await listTaskArns(client, clusterArn);
    const unknown = arns.filter((arn) => !stopped.has(arn));
    const described = await describeTasks(client, clusterArn, unknown, (task) => task);
    const fresh = described.flatMap((task) => seenTask(task, prefix) ?? []);
    const known = arns.flatMap((arn) => stopped.get(arn) ?? []);
    const all = [...known, ...fresh];
    stopped = new Map(
      all.filter(({ fact }) => fact.lastStatus === 'STOPPED').map((task) => [task.fact.taskArn, task]),
    );
    return all;
  };
}

function seenTask(task: Task, prefix: string): SeenTask | undefined {
  const fact = taskFact(task, prefix);
  if (fact === undefined) return undefined;
  // As an event carries it: dates as ISO text.
  const phases = taskPhases(JSON.parse(JSON.stringify(task)));
  return {
    fact,
    hardware: hardwareOf(task),
    pullStartedAtMs: timeMs(task.pullStartedAt),
    phases: Object.fromEntries(phases.map(({ phase, seconds }) => [phase, seconds])),
  };
}
