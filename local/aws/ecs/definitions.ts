import type { Tag, TaskDefinition } from '@aws-sdk/client-ecs';

export type Architecture = 'x64' | 'arm64';

/** A container beside `runner`, as the template says it. */
export interface Sidecar {
  readonly name: string;
  readonly image: string;
  readonly privileged: boolean;
  /** It runs as long as its task; one without this ends before the runner starts. */
  readonly lasts: boolean;
}

/** Where a task definition may run: one kind each. */
export type Compatibility = 'FARGATE' | 'MANAGED_INSTANCES';

/** A task definition of the stack: `runner`, alone on Fargate. */
export interface Definition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly architecture: Architecture;
  readonly compatibility: Compatibility;
  readonly cpu: number;
  readonly memoryMib: number;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly sidecars: readonly Sidecar[];
  readonly stopTimeoutSeconds: number;
  readonly tags: readonly Tag[];
}

export const CONTAINER_NAME = 'runner';

/** Finds by ARN, `family:revision` or `family`. */
export function findDefinition(definitions: readonly Definition[], name: string): Definition | undefined {
  const newestFirst = [...definitions].sort((a, b) => b.revision - a.revision);
  return newestFirst.find(({ arn, family, revision }) =>
    [arn, `${family}:${revision}`, family].includes(name),
  );
}

/** As DescribeTaskDefinition shows it. */
export function showDefinition(definition: Definition): TaskDefinition {
  const environment = Object.entries(definition.environment).map(([name, value]) => ({ name, value }));
  return {
    taskDefinitionArn: definition.arn,
    family: definition.family,
    revision: definition.revision,
    status: 'ACTIVE',
    networkMode: 'awsvpc',
    compatibilities: ['EC2', definition.compatibility],
    requiresCompatibilities: [definition.compatibility],
    cpu: String(definition.cpu),
    memory: String(definition.memoryMib),
    runtimePlatform: {
      cpuArchitecture: definition.architecture === 'x64' ? 'X86_64' : 'ARM64',
      operatingSystemFamily: 'LINUX',
    },
    containerDefinitions: [
      ...definition.sidecars.map(({ name, image, privileged }) => ({
        ...{ name, image, privileged },
        essential: false,
      })),
      {
        name: CONTAINER_NAME,
        image: definition.image,
        essential: true,
        environment,
        stopTimeout: definition.stopTimeoutSeconds,
      },
    ],
  };
}
