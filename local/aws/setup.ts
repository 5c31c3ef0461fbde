import type { Server } from 'node:http';
import type { Architecture, Definition } from './ecs/definitions.ts';
import type { TaskRecord } from './ecs/task.ts';
import { Queue, type QueueSettings } from './sqs/queue.ts';
import type { AwsOptions, WorldTask } from './types.ts';

/** The doubt queue, its dead-letter queue, and those that the options add. */
export function createQueues(options: AwsOptions, arnPrefix: string): Queue[] {
  const { clock, stack } = options;
  const create = (settings: QueueSettings) => new Queue(settings, arnPrefix, clock);
  const deadLetters = create({ name: `${stack}-dead-doubts.fifo`, retentionSeconds: 14 * 86_400 });
  const redrive = { queue: deadLetters, maximumReceives: options.maximumReceives ?? 5 };
  // A deployment's own come with `doubtQueue`.
  const settings = { delaySeconds: 65, visibilityTimeoutSeconds: 450, ...options.doubtQueue, redrive };
  const doubts = create({ ...settings, name: `${stack}-doubts.fifo` });
  return [doubts, deadLetters, ...(options.queues ?? []).map(create)];
}

/** One task definition for each architecture. */
export function createDefinitions(
  { stack, taskDefinition = {}, taskEnvironment: environment }: AwsOptions,
  arn: (service: string, rest: string) => string,
): Definition[] {
  return (['x64', 'arm64'] as const).map((architecture) => ({
    arn: arn('ecs', `task-definition/${stack}-${architecture}:1`),
    family: `${stack}-${architecture}`,
    revision: 1,
    architecture,
    cpu: taskDefinition.cpu ?? 1024,
    memoryMib: taskDefinition.memoryMib ?? 4096,
    image: taskDefinition.image ?? 'ghcr.io/actions/actions-runner:latest',
    stopTimeoutSeconds: taskDefinition.stopTimeoutSeconds ?? 120,
    tags: taskDefinition.tags ?? [{ key: 'oneshot:stack', value: stack }],
    environment,
  }));
}

/** What the world shows of a task, as of now. */
export function snapshot(task: TaskRecord): WorldTask {
  const { view, arn, id, definition, environment, lifecycle, lines, tags } = task;
  return {
    arn,
    id,
    environment,
    startedBy: view.startedBy,
    architecture: definition.architecture,
    lastStatus: view.lastStatus ?? '',
    desiredStatus: view.desiredStatus ?? '',
    exitCode: view.containers?.[0]?.exitCode,
    stopCode: view.stopCode,
    stoppedReason: view.stoppedReason,
    tags: Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value])),
    lifecycle: [...lifecycle],
    lines: [...lines],
    task: view,
  };
}

/** Stops listening and drops what is open. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export const arnOf = (definitions: readonly Definition[], architecture: Architecture) =>
  definitions.find((definition) => definition.architecture === architecture)?.arn ?? '';
