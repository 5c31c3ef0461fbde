import {
  DescribeClustersCommand,
  DescribeTasksCommand,
  type DesiredStatus,
  type ECSClient,
  PutClusterCapacityProvidersCommand,
  paginateListTasks,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  type LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { CLUSTER_PROVIDERS } from '../functions/core/job/providers.ts';
import { type DockerCapacityPort, dockerCapacityIn } from './docker-capacity.ts';
import type { StackPort } from './removal.ts';

/** The deployed stack, as far as a removal touches it. What is not there need not be closed. */
export function connectStack(lambda: LambdaClient, ecs: ECSClient, cluster: string): StackPort {
  return { ...functionsIn(lambda), ...clusterIn(ecs, cluster), ...dockerCapacityIn(ecs, cluster) };
}

type Functions = Pick<StackPort, 'isFunctionClosed' | 'closeFunction' | 'openFunction'>;

function functionsIn(lambda: LambdaClient): Functions {
  return {
    async isFunctionClosed(FunctionName) {
      const call = lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
      return (await unless('ResourceNotFoundException', call))?.ReservedConcurrentExecutions === 0;
    },
    // Lambda Developer Guide, "Configuring reserved concurrency": 0 keeps a function from processing any event.
    async closeFunction(FunctionName) {
      const command = new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 });
      const closed = unless('ResourceNotFoundException', lambda.send(command)).then(() => true);
      return closed.catch((error: unknown) => {
        if (isTooLittle(error)) return false;
        throw error;
      });
    },
    async openFunction(FunctionName) {
      await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    },
  };
}

type OfCluster = Omit<StackPort, keyof Functions | keyof DockerCapacityPort>;

function clusterIn(ecs: ECSClient, cluster: string): OfCluster {
  const offer = (capacityProviders: string[]) => {
    const request = { cluster, capacityProviders, defaultCapacityProviderStrategy: [] };
    return ecs.send(new PutClusterCapacityProvidersCommand(request));
  };
  return {
    async liveTasks() {
      const tasks = (await unless('ClusterNotFoundException', readTasks(ecs, cluster))) ?? [];
      return tasks
        .filter(({ lastStatus }) => lastStatus !== 'STOPPED')
        .map(({ taskArn = '', desiredStatus }) => ({
          arn: taskArn,
          isStopping: desiredStatus === 'STOPPED',
        }));
    },
    async stopTask(task) {
      await ecs.send(new StopTaskCommand({ cluster, task, reason: 'The stack is being removed' }));
    },
    async isClusterClosed() {
      const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [cluster] }));
      return clusters?.[0]?.status === 'ACTIVE' && clusters[0].capacityProviders?.length === 0;
    },
    async closeCluster() {
      const answer = unless('ClusterNotFoundException', offer([]));
      const closed = answer.then(() => true);
      return (await unless('ResourceInUseException', closed)) ?? false;
    },
    async openCluster() {
      await offer([...CLUSTER_PROVIDERS]);
    },
  };
}

/** Those that run, and those that have been told to stop, for as long as ECS shows them. */
export async function readTasks(client: ECSClient, cluster: string) {
  const arns: string[] = [];
  for (const desiredStatus of ['RUNNING', 'STOPPED'] satisfies DesiredStatus[])
    for await (const page of paginateListTasks({ client }, { cluster, desiredStatus }))
      arns.push(...(page.taskArns ?? []));
  const hundreds = Array.from({ length: Math.ceil(arns.length / 100) }, (_, index) =>
    arns.slice(index * 100, index * 100 + 100),
  );
  const answers = [];
  for (const tasks of hundreds) answers.push(await client.send(new DescribeTasksCommand({ cluster, tasks })));
  return answers.flatMap(({ tasks = [] }) => tasks);
}

/**
 * "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum
 * value of [10]." Whether an account that has no more than the minimum may reserve 0 is documented nowhere.
 */
const isTooLittle = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'InvalidParameterValueException' &&
  error.message.includes('UnreservedConcurrentExecution');

/** What the call gives, or nothing if it fails with this error. */
async function unless<T>(name: string, call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof Error && error.name === name) return undefined;
    throw error;
  });
}
