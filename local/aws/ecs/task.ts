import { randomBytes, randomUUID } from 'node:crypto';
import type { Container, RunTaskRequest, Tag, Task } from '@aws-sdk/client-ecs';
import type { LaunchPlan } from './check-run-task.ts';
import { CONTAINER_NAME, type Definition, type Sidecar } from './definitions.ts';
import type { Stream } from './process.ts';

export interface LogLine {
  readonly stream: Stream;
  readonly line: string;
  /** World time, epoch milliseconds. */
  readonly atMs: number;
}

export interface StatusAt {
  readonly status: string;
  /** World time, epoch milliseconds. */
  readonly atMs: number;
}

/** What the world keeps of a task. `view` is what DescribeTasks shows, without its tags. */
export interface TaskRecord {
  readonly id: string;
  readonly arn: string;
  readonly definition: Definition;
  /** It shares its instance with no task of its group. */
  readonly isAlone: boolean;
  /** Environment of the override of container `runner`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Path segment of the credentials and metadata endpoints: known to the task only. */
  readonly secretPath: string;
  view: Task;
  tags: Tag[];
  readonly lifecycle: StatusAt[];
  readonly lines: LogLine[];
}

/** The account's part of an ARN of ECS. */
export interface Place {
  readonly region: string;
  readonly account: string;
  readonly clusterArn: string;
  readonly clusterName: string;
}

export function createTask(request: RunTaskRequest, plan: LaunchPlan, place: Place, now: Date): TaskRecord {
  const id = randomBytes(16).toString('hex');
  const base = `arn:aws:ecs:${place.region}:${place.account}`;
  const arn = `${base}:task/${place.clusterName}/${id}`;
  const override = request.overrides?.containerOverrides?.find(({ name }) => name === CONTAINER_NAME);
  const attachmentId = randomUUID();
  return {
    id,
    arn,
    definition: plan.definition,
    isAlone: request.placementConstraints?.some(({ type }) => type === 'distinctInstance') ?? false,
    environment: Object.fromEntries((override?.environment ?? []).map((v) => [v.name ?? '', v.value ?? ''])),
    secretPath: randomUUID(),
    tags: [],
    lifecycle: [],
    lines: [],
    view: {
      ...identity(request, plan, place, arn),
      ...size(request, plan),
      attachments: [attachment(attachmentId, plan.subnet, 'PRECREATED')],
      attributes: [
        { name: 'ecs.cpu-architecture', value: plan.definition.architecture === 'x64' ? 'x86_64' : 'arm64' },
      ],
      containers: [...plan.definition.sidecars, { name: CONTAINER_NAME, image: plan.definition.image }].map(
        (one) => container(one, `${base}:container/${place.clusterName}/${id}`, arn, attachmentId),
      ),
      createdAt: now,
      desiredStatus: 'RUNNING',
      lastStatus: 'PROVISIONING',
      version: 1,
    },
  };
}

function identity(request: RunTaskRequest, plan: LaunchPlan, place: Place, arn: string): Task {
  return {
    taskArn: arn,
    taskDefinitionArn: plan.definition.arn,
    clusterArn: place.clusterArn,
    availabilityZone: `${place.region}a`,
    group: request.group ?? `family:${plan.definition.family}`,
    ...(request.startedBy === undefined ? {} : { startedBy: request.startedBy }),
    ...(plan.capacityProvider ? { capacityProviderName: plan.capacityProvider } : {}),
    launchType: plan.isManaged ? 'MANAGED_INSTANCES' : 'FARGATE',
    ...(plan.isManaged ? {} : { platformVersion: '1.4.0' }),
    platformFamily: 'Linux',
    enableExecuteCommand: request.enableExecuteCommand ?? false,
    healthStatus: 'UNKNOWN',
  };
}

function size(request: RunTaskRequest, plan: LaunchPlan): Task {
  const overrides = { containerOverrides: [{ name: CONTAINER_NAME }], inferenceAcceleratorOverrides: [] };
  return {
    cpu: String(plan.cpu),
    memory: String(plan.memoryMib),
    ...(plan.storageGib === undefined
      ? {}
      : {
          ephemeralStorage: { sizeInGiB: plan.storageGib },
          fargateEphemeralStorage: { sizeInGiB: plan.storageGib },
        }),
    overrides: { ...overrides, ...request.overrides },
  };
}

/** The task's network interface, in one of the states of an attachment. */
export function attachment(id: string, subnet: string, status: string) {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  const details = [
    { name: 'subnetId', value: subnet },
    { name: 'networkInterfaceId', value: `eni-${bytes.toString('hex').slice(0, 17)}` },
    { name: 'privateIPv4Address', value: privateAddress(id) },
  ];
  return { id, type: 'ElasticNetworkInterface', status, details };
}

function privateAddress(attachmentId: string): string {
  const bytes = Buffer.from(attachmentId.replaceAll('-', ''), 'hex');
  return `10.0.${bytes[0]}.${bytes[1]}`;
}

function container(
  { name, image }: Pick<Sidecar, 'name' | 'image'>,
  prefix: string,
  taskArn: string,
  attachmentId: string,
): Container {
  return {
    containerArn: `${prefix}/${randomUUID()}`,
    taskArn,
    name,
    image,
    lastStatus: 'PENDING',
    networkInterfaces: [{ attachmentId, privateIpv4Address: privateAddress(attachmentId) }],
    healthStatus: 'UNKNOWN',
    cpu: '0',
  };
}
