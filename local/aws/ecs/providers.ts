import type {
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
  const isUsed = ({
    view,
  }: {
    view: { capacityProviderName?: string | undefined; lastStatus?: string | undefined };
  }) => view.lastStatus !== 'STOPPED' && !capacityProviders.includes(view.capacityProviderName ?? '');
  if ([...cluster.tasks.values()].some(isUsed))
    throw new AwsError(
      'ResourceInUseException',
      'The specified capacity provider is in use and cannot be removed.',
    );
  cluster.providers = [...capacityProviders];
  return { cluster: show(cluster) };
}

/** A launch names providers of its cluster, or is refused. */
export function expectProviders(cluster: Cluster, names: readonly (string | undefined)[]): void {
  for (const name of names)
    if (!cluster.providers.includes(name ?? ''))
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
