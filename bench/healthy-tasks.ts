import { randomBytes } from 'node:crypto';
import { writeTaskIdentity } from '../functions/core/task/task-environment.ts';

const ACCOUNT = 'arn:aws:ecs:eu-central-1:123456789012';
const PAGE = 100;
/** As long as a sealed JIT config is in base64 (local/ measures 3.1 KB). */
const SEALED = randomBytes(2300).toString('base64');

/** ListTasks and DescribeTasks of a cluster with this many healthy, running tasks, as long as real answers are. */
export function healthyTasks(count: number): Record<string, (input: never) => unknown> {
  const arn = (index: number) => `${ACCOUNT}:task/oneshot-bench/${index.toString(16).padStart(32, '0')}`;
  return {
    'ecs ListTasks': ({ nextToken, desiredStatus }: { nextToken?: string; desiredStatus?: string }) => {
      if (desiredStatus === 'STOPPED') return { taskArns: [] };
      const first = Number(nextToken ?? 0);
      const last = Math.min(count, first + PAGE);
      const taskArns = Array.from({ length: last - first }, (_, index) => arn(first + index));
      return { taskArns, ...(last < count && { nextToken: String(last) }) };
    },
    'ecs DescribeTasks': ({ tasks }: { tasks: string[] }) => ({
      tasks: tasks.map((taskArn) => task(taskArn, Number.parseInt(taskArn.slice(-8), 16))),
      failures: [],
    }),
  };
}

function task(taskArn: string, index: number): unknown {
  const now = Date.now() / 1000;
  const name = `oneshot-bench-5e1fc0de-700000001-${31_415_000_000 + index}-0`;
  const identity = writeTaskIdentity({
    repository: {
      id: 700_000_001,
      owner: 'acme',
      name: 'web',
      ownerType: 'Organization',
      isPublic: false,
      installationId: 77,
    },
    scope: 'orgs/acme',
    runnerId: index + 1,
    labels: ['fargate'],
  });
  const environment = Object.entries({
    ...identity,
    ONESHOT_RUNNER_NAME: name,
    ONESHOT_SEALED_CONFIG: SEALED,
  });
  return {
    taskArn,
    clusterArn: `${ACCOUNT}:cluster/oneshot-bench`,
    taskDefinitionArn: `${ACCOUNT}:task-definition/oneshot-bench-x64:1`,
    startedBy: name,
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    cpu: '1024',
    memory: '2048',
    createdAt: now - 300,
    startedAt: now - 270,
    capacityProviderName: 'FARGATE',
    containers: [{ name: 'runner', lastStatus: 'RUNNING', image: 'ghcr.io/actions/actions-runner:2.336.0' }],
    overrides: {
      containerOverrides: [
        { name: 'runner', environment: environment.map(([key, value]) => ({ name: key, value })) },
      ],
    },
    tags: [{ key: 'oneshot:running-job', value: String(31_415_000_000 + index) }],
  };
}
