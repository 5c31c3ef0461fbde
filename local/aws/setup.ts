import type { Server } from 'node:http';
import { type Architecture, CONTAINER_NAME, type Compatibility, type Definition } from './ecs/definitions.ts';
import type { TaskRecord } from './ecs/task.ts';
import { Queue, type QueueSettings } from './sqs/queue.ts';
import type { AwsOptions, DockerCapacity, WorldTask } from './types.ts';

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

const ARCHITECTURES = ['x64', 'arm64'] as const;
type ArnOf = (service: string, rest: string) => string;

/** One task definition for each architecture; with Docker two of them. */
export const createDefinitions = (options: AwsOptions, arn: ArnOf): Definition[] =>
  ARCHITECTURES.flatMap((architecture) => [
    definitionOf(options, architecture, `${options.stack}-${architecture}`, arn),
    ...(options.docker ? [withDocker(options, architecture, options.docker, arn)] : []),
  ]);

const withDocker = (
  options: AwsOptions,
  architecture: Architecture,
  { sidecars, environment }: DockerCapacity,
  arn: ArnOf,
): Definition => {
  const plain = definitionOf(options, architecture, `${options.stack}-docker-${architecture}`, arn);
  return {
    ...plain,
    compatibility: 'MANAGED_INSTANCES',
    sidecars,
    environment: { ...plain.environment, ...environment },
  };
};

function definitionOf(
  { stack, taskDefinition = {}, taskEnvironment: environment }: AwsOptions,
  architecture: Architecture,
  family: string,
  arn: ArnOf,
): Definition {
  return {
    arn: arn('ecs', `task-definition/${family}:1`),
    family,
    revision: 1,
    architecture,
    compatibility: 'FARGATE',
    sidecars: [],
    cpu: taskDefinition.cpu ?? 1024,
    memoryMib: taskDefinition.memoryMib ?? 4096,
    image: taskDefinition.image ?? 'ghcr.io/actions/actions-runner:latest',
    stopTimeoutSeconds: taskDefinition.stopTimeoutSeconds ?? 120,
    tags: taskDefinition.tags ?? [{ key: 'oneshot:stack', value: stack }],
    environment,
  };
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
    exitCode: view.containers?.find(({ name }) => name === CONTAINER_NAME)?.exitCode,
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

/** The definitions of a kind by their architecture: none where the deployment has none. */
export const arnsOf = (
  definitions: readonly Definition[],
  kind: Compatibility,
): Partial<Record<Architecture, string>> =>
  Object.fromEntries(
    definitions
      .filter(({ compatibility }) => compatibility === kind)
      .map(({ architecture, arn }) => [architecture, arn]),
  );
