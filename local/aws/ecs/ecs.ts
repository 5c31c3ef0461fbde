import {
  DeleteCapacityProvider$,
  type DeleteCapacityProviderRequest,
  type DeleteCapacityProviderResponse,
  DescribeCapacityProviders$,
  type DescribeCapacityProvidersRequest,
  type DescribeCapacityProvidersResponse,
  DescribeClusters$,
  type DescribeClustersRequest,
  type DescribeClustersResponse,
  DescribeTaskDefinition$,
  type DescribeTaskDefinitionRequest,
  type DescribeTaskDefinitionResponse,
  DescribeTasks$,
  type DescribeTasksRequest,
  type DescribeTasksResponse,
  ListTasks$,
  type ListTasksRequest,
  type ListTasksResponse,
  PutClusterCapacityProviders$,
  type PutClusterCapacityProvidersRequest,
  type PutClusterCapacityProvidersResponse,
  RunTask$,
  type RunTaskRequest,
  type RunTaskResponse,
  StopTask$,
  type StopTaskRequest,
  type StopTaskResponse,
  TagResource$,
  type TagResourceRequest,
  type TagResourceResponse,
} from '@aws-sdk/client-ecs';
import { AwsError, accessDenied } from '../errors.ts';
import type { Principal } from '../keyring.ts';
import { operation, type Service } from '../service.ts';
import type { Cluster } from './cluster.ts';
import { findDefinition, showDefinition } from './definitions.ts';
import { deleteProvider, describeClusters, describeProviders, putProviders } from './providers.ts';
import { describeTasks, listTasks } from './read.ts';
import { createRunTask } from './run-task.ts';
import { stopTask, tagResource } from './write.ts';

/** ECS over one cluster. */
export function createEcs(cluster: Cluster): Service {
  const runTask = createRunTask(cluster);
  return {
    api: 'ecs',
    target: 'AmazonEC2ContainerServiceV20141113',
    jsonVersion: '1.1',
    internalError: 'ServerException',
    invalid: (problem) => new AwsError('InvalidParameterException', problem.message),
    operations: {
      RunTask: operation<RunTaskRequest, RunTaskResponse>(RunTask$, (input, caller) => {
        checkPassRole(input, caller, cluster);
        return runTask(input);
      }),
      ListTasks: operation<ListTasksRequest, ListTasksResponse>(ListTasks$, (input) =>
        listTasks(cluster, input),
      ),
      DescribeTasks: operation<DescribeTasksRequest, DescribeTasksResponse>(DescribeTasks$, (input) =>
        describeTasks(cluster, input),
      ),
      StopTask: operation<StopTaskRequest, StopTaskResponse>(StopTask$, (input) => stopTask(cluster, input)),
      TagResource: operation<TagResourceRequest, TagResourceResponse>(TagResource$, (input) =>
        tagResource(cluster, input),
      ),
      DescribeClusters: operation<DescribeClustersRequest, DescribeClustersResponse>(
        DescribeClusters$,
        (input) => describeClusters(cluster, input),
      ),
      PutClusterCapacityProviders: operation<
        PutClusterCapacityProvidersRequest,
        PutClusterCapacityProvidersResponse
      >(PutClusterCapacityProviders$, (input) => putProviders(cluster, input)),
      DescribeCapacityProviders: operation<
        DescribeCapacityProvidersRequest,
        DescribeCapacityProvidersResponse
      >(DescribeCapacityProviders$, (input) => describeProviders(cluster, input)),
      DeleteCapacityProvider: operation<DeleteCapacityProviderRequest, DeleteCapacityProviderResponse>(
        DeleteCapacityProvider$,
        (input) => deleteProvider(cluster, input),
      ),
      DescribeTaskDefinition: operation<DescribeTaskDefinitionRequest, DescribeTaskDefinitionResponse>(
        DescribeTaskDefinition$,
        (input) => describeTaskDefinition(cluster, input),
      ),
    },
  };
}

/** The launcher may pass on the stack's own roles only (AWS-42). */
function checkPassRole({ overrides }: RunTaskRequest, caller: Principal, { place }: Cluster): void {
  const role = (name: string) => `arn:aws:iam::${place.account}:role/${place.clusterName}-${name}`;
  for (const arn of [overrides?.taskRoleArn, overrides?.executionRoleArn]) {
    const isOurs = arn === undefined || arn === role('task') || arn === role('execution');
    if (!isOurs) throw accessDenied(caller.arn, 'iam:PassRole', arn);
  }
}

function describeTaskDefinition(
  cluster: Cluster,
  request: DescribeTaskDefinitionRequest,
): DescribeTaskDefinitionResponse {
  const definition = findDefinition(cluster.definitions, request.taskDefinition ?? '');
  if (!definition) throw new AwsError('ClientException', 'Unable to describe task definition.');
  const tags = request.include?.includes('TAGS') ? { tags: [...definition.tags] } : {};
  return { taskDefinition: showDefinition(definition), ...tags };
}
