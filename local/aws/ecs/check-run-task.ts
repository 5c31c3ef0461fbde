import type { CapacityProviderStrategyItem, RunTaskRequest, TaskOverride } from '@aws-sdk/client-ecs';
import { AwsError } from '../errors.ts';
import { CONTAINER_NAME, type Definition, findDefinition } from './definitions.ts';
import { checkDefinition, checkOneKind, checkPlacement, isManaged } from './managed.ts';
import { isFargateSize } from './sizes.ts';
import { checkTags } from './tags.ts';

/** What a valid RunTask request comes to. */
export interface LaunchPlan {
  readonly definition: Definition;
  readonly count: number;
  readonly capacityProvider: string | undefined;
  /** On an instance that ECS manages. */
  readonly isManaged: boolean;
  readonly cpu: number;
  readonly memoryMib: number;
  /** None on an instance: its disk is the provider's. */
  readonly storageGib: number | undefined;
  readonly subnet: string;
}

/** Refuses what ECS refuses before it looks for capacity. */
export function checkRunTask(request: RunTaskRequest, definitions: readonly Definition[]): LaunchPlan {
  const definition = findDefinition(definitions, request.taskDefinition ?? '');
  if (!definition) throw new AwsError('ClientException', 'TaskDefinition not found.');
  const count = request.count ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > 10) throw invalid('Count must be between 1 and 10.');
  checkIdentity(request);
  checkTags(request.tags ?? []);
  checkChoices(request);
  const capacityProvider = chooseCapacity(request);
  checkDefinition(definition, capacityProvider);
  checkPlacement(request, capacityProvider);
  return {
    definition,
    count,
    capacityProvider,
    isManaged: isManaged(capacityProvider),
    subnet: checkNetwork(request),
    ...checkOverrides(request.overrides ?? {}, definition),
  };
}

/** ECS API reference, RunTask: `clientToken`, `startedBy`, `group`. */
function checkIdentity({ clientToken, startedBy, group }: RunTaskRequest): void {
  if (clientToken !== undefined && !/^[\x21-\x7e]{1,64}$/.test(clientToken)) {
    throw invalid('clientToken should be between 1 and 64 ASCII characters in the range of 33-126.');
  }
  if (startedBy !== undefined && !/^[A-Za-z0-9/_-]{0,128}$/.test(startedBy)) {
    throw invalid(
      'startedBy must be up to 128 letters (uppercase and lowercase), numbers, hyphens (-), forward slash (/), and underscores (_).',
    );
  }
  if (group !== undefined && /^(family|service):/.test(group)) {
    throw invalid('Group names starting with family: or service: are reserved.');
  }
}

function checkChoices({ propagateTags, platformVersion, placementStrategy }: RunTaskRequest): void {
  if (propagateTags !== undefined && !['TASK_DEFINITION', 'NONE'].includes(propagateTags)) {
    throw invalid(`propagateTags ${propagateTags} is not supported for RunTask.`);
  }
  if (platformVersion !== undefined && !['LATEST', '1.4.0', '1.3.0'].includes(platformVersion)) {
    throw new AwsError('PlatformUnknownException', 'The specified platform does not exist.');
  }
  if (placementStrategy?.length)
    throw invalid('Placement strategies are not supported with FARGATE and MANAGED_INSTANCES.');
}

function chooseCapacity(request: RunTaskRequest): LaunchPlan['capacityProvider'] {
  const { launchType, capacityProviderStrategy: strategy } = request;
  if (launchType !== undefined && strategy?.length) {
    throw invalid(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  }
  if (strategy?.length) return chooseProvider(strategy);
  if (launchType === 'FARGATE') return undefined;
  if (launchType === 'MANAGED_INSTANCES')
    throw invalid('Managed Instances are asked for by a capacity provider strategy, without a launch type.');
  if (launchType !== undefined && launchType !== 'EC2' && launchType !== 'EXTERNAL') {
    throw invalid('Launch type should be one of [EC2,FARGATE,EXTERNAL,MANAGED_INSTANCES].');
  }
  // Without launch type and strategy, and with no default strategy of the cluster, ECS means EC2.
  throw invalid('No Container Instances were found in your cluster.');
}

/** The provider with the highest base, then weight: enough for one task at a time. */
function chooseProvider(strategy: readonly CapacityProviderStrategyItem[]): string | undefined {
  checkOneKind(strategy.map(({ capacityProvider }) => capacityProvider));
  for (const { weight = 0 } of strategy) {
    if (weight < 0 || weight > 1000) throw invalid('Capacity provider weight must be between 0 and 1000.');
  }
  const [best] = [...strategy].sort(
    (a, b) => (b.base ?? 0) - (a.base ?? 0) || (b.weight ?? 0) - (a.weight ?? 0),
  );
  if (!best || (best.weight ?? 0) + (best.base ?? 0) === 0) {
    throw invalid('At least one capacity provider in the strategy must have a weight greater than 0.');
  }
  return best.capacityProvider;
}

function checkNetwork({ networkConfiguration }: RunTaskRequest): string {
  const network = networkConfiguration?.awsvpcConfiguration;
  if (!network) {
    throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const { subnets = [], securityGroups = [], assignPublicIp = 'DISABLED' } = network;
  const [subnet] = subnets;
  if (subnet === undefined) throw invalid('subnets can not be empty.');
  if (subnets.length > 16) throw invalid('subnets can have at most 16 items.');
  if (securityGroups.length > 5) throw invalid('securityGroups can have at most 5 items.');
  const badSubnet = subnets.find((id) => !/^subnet-[0-9a-z]+$/.test(id));
  if (badSubnet !== undefined) throw invalid(`The subnet ID '${badSubnet}' does not exist`);
  const badGroup = securityGroups.find((id) => !/^sg-[0-9a-z]+$/.test(id));
  if (badGroup !== undefined) throw invalid(`The security group '${badGroup}' does not exist`);
  if (!['ENABLED', 'DISABLED'].includes(assignPublicIp))
    throw invalid('assignPublicIp must be ENABLED or DISABLED.');
  return subnet;
}

const MAXIMUM_OVERRIDES_CHARACTERS = 8192;

function checkOverrides(
  overrides: TaskOverride,
  definition: Definition,
): Pick<LaunchPlan, 'cpu' | 'memoryMib' | 'storageGib'> {
  if (JSON.stringify(overrides).length > MAXIMUM_OVERRIDES_CHARACTERS) {
    throw invalid(`Container Overrides length must be at most ${MAXIMUM_OVERRIDES_CHARACTERS}`);
  }
  const stranger = overrides.containerOverrides?.find(({ name }) => name !== CONTAINER_NAME);
  if (stranger) {
    throw invalid(`Override for container named ${stranger.name} is not a container in the TaskDefinition.`);
  }
  const cpu = overrides.cpu === undefined ? definition.cpu : units('cpu', overrides.cpu);
  const memoryMib = overrides.memory === undefined ? definition.memoryMib : units('memory', overrides.memory);
  // The words are those of artilleryio/artillery#591; as much as the task has is not "greater".
  const hasTooMuch = overrides.containerOverrides?.some(({ memory = 0 }) => memory > memoryMib);
  if (hasTooMuch)
    throw invalid(`The 'memory' setting for container '${CONTAINER_NAME}' is greater than for the task.`);
  if (definition.compatibility === 'FARGATE' && !isFargateSize(cpu, memoryMib)) {
    throw invalid(
      `No Fargate configuration exists for given values: ${cpu} CPU, ${memoryMib} memory. See the Amazon ECS documentation for the valid values.`,
    );
  }
  const isOnFargate = definition.compatibility === 'FARGATE';
  return { cpu, memoryMib, storageGib: isOnFargate ? storage(overrides) : undefined };
}

function units(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new AwsError('ClientException', `Invalid '${name}' setting for task.`);
}

/** ECS API reference, EphemeralStorage: 21 to 200 GiB; without it a task has 20. */
function storage({ ephemeralStorage }: TaskOverride): number {
  const size = ephemeralStorage?.sizeInGiB;
  if (size === undefined) return 20;
  if (Number.isInteger(size) && size >= 21 && size <= 200) return size;
  throw invalid('Ephemeral storage size must be between 21 and 200 GiB.');
}

const invalid = (message: string) => new AwsError('InvalidParameterException', message);
