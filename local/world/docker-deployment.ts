/** What a deployment with `docker: enabled` has for the embedded world, as infra/docker.yml says it. */
import * as v from 'valibot';
import { dockerTaskEnvironment } from '../../infra/task-environment.ts';
import type { DockerCapacity } from '../aws/types.ts';
import { readYaml } from './deployment.ts';

const CONTAINER = v.object({
  Name: v.string(),
  Image: v.string(),
  Essential: v.boolean(),
  Privileged: v.optional(v.boolean(), false),
  DependsOn: v.optional(v.array(v.object({ ContainerName: v.string(), Condition: v.string() })), []),
});

const DOCKER = v.object({
  Resources: v.object({
    DockerCapacity: v.object({
      Properties: v.object({
        ManagedInstancesProvider: v.object({
          InfrastructureOptimization: v.object({ ScaleInAfter: v.number() }),
        }),
      }),
    }),
    TaskDefinitionDockerX64: v.object({
      Properties: v.object({
        RequiresCompatibilities: v.tuple([v.literal('MANAGED_INSTANCES')]),
        NetworkMode: v.literal('awsvpc'),
        ContainerDefinitions: v.array(CONTAINER),
      }),
    }),
  }),
});

const PARAMETERS = v.object({
  params: v.object({
    default: v.object({ image: v.string(), dockerdImage: v.string(), dockerStorageGiB: v.number() }),
  }),
});

/** Reads what is deployed to AWS. */
export function readDockerCapacity(): DockerCapacity {
  const { image, dockerdImage, dockerStorageGiB } = v.parse(PARAMETERS, readYaml('serverless.yml')).params
    .default;
  const { DockerCapacity, TaskDefinitionDockerX64 } = v.parse(DOCKER, readYaml('infra/docker.yml')).Resources;
  const containers = TaskDefinitionDockerX64.Properties.ContainerDefinitions;
  const endsBefore = containers
    .flatMap(({ DependsOn }) => DependsOn)
    .filter(({ Condition }) => Condition === 'SUCCESS')
    .map(({ ContainerName }) => ContainerName);
  const variables = dockerTaskEnvironment([], dockerStorageGiB);
  return {
    sidecars: containers
      .filter(({ Essential }) => !Essential)
      .map(({ Name, Image, Privileged }) => ({
        name: Name,
        // An image is a parameter, or that of the runner.
        image: Image.includes('dockerdImage') ? dockerdImage : image,
        privileged: Privileged,
        lasts: !endsBefore.includes(Name),
      })),
    environment: Object.fromEntries(variables.map(({ Name, Value }) => [Name, String(Value)])),
    scaleInAfterSeconds:
      DockerCapacity.Properties.ManagedInstancesProvider.InfrastructureOptimization.ScaleInAfter,
  };
}
