import type { WorldClock } from '../world/clock.ts';
import type { Cluster } from './ecs/cluster.ts';
import type { TaskRecord } from './ecs/task.ts';
import type { Keyring } from './keyring.ts';

interface EndpointParts {
  readonly cluster: Cluster;
  readonly keyring: Keyring;
  readonly clock: WorldClock;
  readonly stack: string;
  readonly account: string;
}

/** ECS developer guide, "Task IAM role": credentials live six hours; keys once fetched outlive the task. */
const SESSION_MS = 6 * 3_600_000;

/**
 * What a task reads on its link-local address: `/task/{secret}/credentials` and `/task/{secret}/metadata/task`.
 * The path is the task's secret, and good only while the task lives.
 */
export function createTaskEndpoint(parts: EndpointParts): (path: string) => unknown {
  return (path) => {
    const [, , secret = '', ...rest] = path.split('/');
    const task = [...parts.cluster.tasks.values()].find(({ secretPath }) => secretPath === secret);
    if (!task || !isAlive(task)) return undefined;
    if (rest.join('/') === 'credentials') return credentials(parts, task);
    return rest[0] === 'metadata' ? metadata(task) : undefined;
  };
}

/** The environment of a task's process: nothing of the machine but PATH. */
export function taskEnvironment(task: TaskRecord, url: string, region: string): Record<string, string> {
  const base = `${url}/task/${task.secretPath}`;
  return {
    PATH: process.env['PATH'] ?? '',
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: url,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${base}/credentials`,
    ECS_CONTAINER_METADATA_URI_V4: `${base}/metadata`,
    ...task.definition.environment,
    ...task.environment,
  };
}

const isAlive = ({ view }: TaskRecord) =>
  view.startedAt !== undefined ? view.executionStoppedAt === undefined : view.lastStatus === 'ACTIVATING';

function credentials({ keyring, clock, stack, account }: EndpointParts, task: TaskRecord): unknown {
  const expiresAtMs = clock.nowMs() + SESSION_MS;
  const arn = `arn:aws:sts::${account}:assumed-role/${stack}-task/${task.id}`;
  const key = keyring.issueSession({ kind: 'task', arn }, expiresAtMs);
  return {
    RoleArn: `arn:aws:iam::${account}:role/${stack}-task`,
    AccessKeyId: key.accessKeyId,
    SecretAccessKey: key.secretAccessKey,
    Token: key.sessionToken,
    Expiration: new Date(expiresAtMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

/** ECS developer guide, "Task metadata endpoint version 4 for Fargate", in short. */
function metadata({ view, definition }: TaskRecord): unknown {
  return {
    Cluster: view.clusterArn,
    TaskARN: view.taskArn,
    Family: definition.family,
    Revision: String(definition.revision),
    DesiredStatus: view.desiredStatus,
    KnownStatus: view.lastStatus,
    LaunchType: view.launchType,
    Limits: { CPU: Number(view.cpu) / 1024, Memory: Number(view.memory) },
  };
}
