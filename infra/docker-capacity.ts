import {
  DeleteCapacityProviderCommand,
  DescribeCapacityProvidersCommand,
  type ECSClient,
} from '@aws-sdk/client-ecs';

/**
 * The provider of tasks with Docker, as ECS shows it. `going`: it has been deleted, and its instances are not gone yet.
 * `none` is also one that was deleted, which ECS may show for a while.
 */
export type DockerCapacity = 'there' | 'going' | 'none';

export interface DockerCapacityPort {
  dockerCapacity(): Promise<DockerCapacity>;
  /** No task starts on it from now on. */
  deleteDockerCapacity(): Promise<void>;
}

/** As infra/docker.yml names it: after the cluster, whose name or ARN is given. */
export const dockerCapacityOf = (cluster: string): string => `${cluster.split('/').at(-1)}-docker`;

export function dockerCapacityIn(ecs: ECSClient, cluster: string): DockerCapacityPort {
  const name = dockerCapacityOf(cluster);
  return {
    async dockerCapacity() {
      const status = await statusOf(ecs, cluster, name);
      if (status === undefined || status === 'INACTIVE') return 'none';
      return status === 'DEPROVISIONING' ? 'going' : 'there';
    },
    async deleteDockerCapacity() {
      await ecs.send(new DeleteCapacityProviderCommand({ capacityProvider: name, cluster }));
    },
  };
}

/** Names of what ECS answers where there is no cluster, and where an older policy of the deployer does not name providers. */
const NOTHING_SEEN = ['ClusterNotFoundException', 'AccessDeniedException'];

async function statusOf(ecs: ECSClient, cluster: string, name: string): Promise<string | undefined> {
  const asked = ecs.send(new DescribeCapacityProvidersCommand({ capacityProviders: [name], cluster }));
  const answer = await asked.catch((error: unknown) => {
    if (error instanceof Error && NOTHING_SEEN.includes(error.name)) return undefined;
    throw error;
  });
  return answer?.capacityProviders?.find((one) => one.name === name)?.status;
}

const MISSING =
  'The capacity of jobs that need Docker is missing: a removal that was broken off deleted it, and CloudFormation does not ' +
  'see that. Those jobs wait until you deploy with docker=disabled, and then with docker=enabled.';

/** What a deployment has to say of a provider that should be there. */
export async function missingDockerCapacity(
  { dockerCapacity }: Pick<DockerCapacityPort, 'dockerCapacity'>,
  docker: string,
): Promise<string | undefined> {
  if (docker !== 'enabled' || (await dockerCapacity()) === 'there') return undefined;
  return MISSING;
}
