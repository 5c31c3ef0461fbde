import type {
  CapacityProvider,
  DeleteCapacityProviderRequest,
  DeleteCapacityProviderResponse,
  DescribeCapacityProvidersRequest,
  DescribeCapacityProvidersResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
  PutClusterCapacityProvidersRequest,
  PutClusterCapacityProvidersResponse,
  Cluster as ShownCluster,
} from '@aws-sdk/client-ecs';
import { AwsError } from '../errors.ts';
import type { Cluster } from './cluster.ts';

/**
 * PutClusterCapacityProviders: "You can only disassociate an existing capacity provider from a cluster if it's not
 * being used by any existing tasks" (ECS API reference).
 */
export function putProviders(
  cluster: Cluster,
  { cluster: name, capacityProviders = [] }: PutClusterCapacityProvidersRequest,
): PutClusterCapacityProvidersResponse {
  cluster.expectCluster(name);
  const isUsed = ({ view }: Seen) =>
    isTaken(cluster.providers, view) && !capacityProviders.includes(view.capacityProviderName ?? '');
  if ([...cluster.tasks.values()].some(isUsed))
    throw new AwsError(
      'ResourceInUseException',
      'The specified capacity provider is in use and cannot be removed.',
    );
  cluster.providers = [...capacityProviders];
  return { cluster: show(cluster) };
}

interface Seen {
  readonly view: { capacityProviderName?: string | undefined; lastStatus?: string | undefined };
}

/** Whether a task that is not STOPPED uses one of these providers. */
const isTaken = (
  names: readonly string[],
  { lastStatus, capacityProviderName = '' }: Seen['view'],
): boolean => lastStatus !== 'STOPPED' && names.includes(capacityProviderName);

const arnOf = ({ place: { region, account } }: Cluster, name: string): string =>
  `arn:aws:ecs:${region}:${account}:capacity-provider/${name}`;

const nameIn = (nameOrArn = ''): string => nameOrArn.split('/').at(-1) ?? '';

/** One that has been deleted is gone when its last task is. (Whether ECS waits for that is written nowhere.) */
function forgetGone({ managedProviders, tasks }: Cluster): void {
  for (const [name, status] of managedProviders)
    if (status === 'DEPROVISIONING' && ![...tasks.values()].some(({ view }) => isTaken([name], view)))
      managedProviders.delete(name);
}

function showManaged(cluster: Cluster, name: string): CapacityProvider {
  const { clusterName } = cluster.place;
  const status = cluster.managedProviders.get(name) ?? 'INACTIVE';
  return { capacityProviderArn: arnOf(cluster, name), name, status, cluster: clusterName };
}

/** DescribeCapacityProviders: what is not found is a failure in the answer. */
export function describeProviders(
  cluster: Cluster,
  { cluster: asked, capacityProviders = [] }: DescribeCapacityProvidersRequest,
): DescribeCapacityProvidersResponse {
  cluster.expectCluster(asked);
  forgetGone(cluster);
  const names = capacityProviders.map(nameIn);
  const isThere = (name: string) => cluster.managedProviders.has(name);
  return {
    capacityProviders: names.filter(isThere).map((name) => showManaged(cluster, name)),
    failures: names
      .filter((name) => !isThere(name))
      .map((name) => ({ arn: arnOf(cluster, name), reason: 'MISSING' })),
  };
}

/** "Managed instances capacity providers are cluster-scoped and can only be deleted from their associated cluster" (ECS API reference, DeleteCapacityProvider). */
export function deleteProvider(
  cluster: Cluster,
  { cluster: asked, capacityProvider }: DeleteCapacityProviderRequest,
): DeleteCapacityProviderResponse {
  const name = nameIn(capacityProvider);
  if (name.startsWith('FARGATE'))
    throw new AwsError('ClientException', `The capacity provider ${name} is reserved and cannot be deleted.`);
  if (asked !== undefined) cluster.expectCluster(asked);
  if (asked === undefined || !cluster.managedProviders.has(name))
    throw new AwsError('ClientException', `The specified capacity provider '${name}' was not found.`);
  cluster.managedProviders.set(name, 'DEPROVISIONING');
  return { capacityProvider: showManaged(cluster, name) };
}

/** A launch names providers of its cluster, or is refused. */
export function expectProviders(cluster: Cluster, names: readonly (string | undefined)[]): void {
  for (const name of names)
    if (!cluster.providers.includes(name ?? '') && cluster.managedProviders.get(name ?? '') !== 'ACTIVE')
      throw new AwsError(
        'InvalidParameterException',
        `The specified capacity provider '${name}' was not found. Specify a valid name or ARN and try again.`,
      );
}

/** DescribeClusters: what is not found is a failure in the answer. */
export function describeClusters(
  cluster: Cluster,
  { clusters = ['default'] }: DescribeClustersRequest,
): DescribeClustersResponse {
  const { clusterArn, clusterName } = cluster.place;
  const isOurs = (name: string) => name === clusterArn || name === clusterName;
  return {
    clusters: clusters.filter(isOurs).map(() => show(cluster)),
    failures: clusters.filter((name) => !isOurs(name)).map((arn) => ({ arn, reason: 'MISSING' })),
  };
}

const show = ({ place, providers }: Cluster): ShownCluster => ({
  clusterArn: place.clusterArn,
  clusterName: place.clusterName,
  status: 'ACTIVE',
  capacityProviders: [...providers],
});
