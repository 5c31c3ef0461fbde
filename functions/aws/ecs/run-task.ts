import { type ECSClient, RunTaskCommand, type RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { withoutMarks } from '../../core/job/labels.ts';
import { PROVIDERS, providerNameIn } from '../../core/job/providers.ts';
import { fullName } from '../../core/job/repository.ts';
import type { Architecture } from '../../core/job/sizes.ts';
import { cpuUnits, DEFAULT_STORAGE_GIB, memoryMiB } from '../../core/job/sizes.ts';
import type { Launch } from '../../core/plan/decide-launch.ts';
import type { RunTaskRequest } from '../../core/ports.ts';
import {
  CONTAINER_NAME,
  REJECTION_VARIABLE,
  writeTaskIdentity,
  writeTaskSize,
} from '../../core/task/task-environment.ts';
import type { RunTaskOutcome } from '../../core/words/outcomes.ts';
import { classifyRunTaskError, classifyRunTaskFailure } from './classify.ts';

/** Where tasks run. */
export interface Placement {
  readonly stack: string;
  readonly clusterArn: string;
  readonly taskDefinitionArns: Readonly<Record<Architecture, string>>;
  /** Empty where the parameter `docker` is disabled. */
  readonly dockerTaskDefinitionArns: Readonly<Partial<Record<Architecture, string>>>;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: 'ENABLED' | 'DISABLED';
  /** For ECS Exec: a task has it from its start, or not at all. */
  readonly enableExecuteCommand: boolean;
}

/** Starts one task. The client must have `maxAttempts: 1`: only a first attempt's refusal is firm (rule 5). */
export async function runTask(
  client: ECSClient,
  placement: Placement,
  request: RunTaskRequest,
  signal: AbortSignal,
): Promise<RunTaskOutcome> {
  const missing = missingDefinition(placement, request.launch.given);
  if (missing !== undefined) return missing;
  try {
    const { tasks, failures } = await client.send(new RunTaskCommand(runTaskInput(placement, request)), {
      abortSignal: signal,
    });
    const taskArn = tasks?.[0]?.taskArn;
    if (taskArn !== undefined) return { kind: 'started', taskArn };
    // HTTP 200 with failures[]: a launch that did not happen (AWS-12).
    return classifyRunTaskFailure(failures?.[0]);
  } catch (error) {
    return classifyRunTaskError(error);
  }
}

function runTaskInput(placement: Placement, request: RunTaskRequest): RunTaskCommandInput {
  const { runnerName, launch } = request;
  const size = launch.given;
  return {
    cluster: placement.clusterArn,
    count: 1,
    // Never `launchType` beside it: ECS refuses the two together, and Spot exists only here.
    capacityProviderStrategy: [
      { capacityProvider: providerNameIn(placement.stack, size.provider), weight: 1 },
    ],
    ...(PROVIDERS[size.provider].isFargate
      ? onFargate(placement, size.arch)
      : onInstance(placement, size.arch)),
    startedBy: runnerName,
    clientToken: runnerName,
    enableECSManagedTags: true,
    enableExecuteCommand: placement.enableExecuteCommand,
    propagateTags: 'TASK_DEFINITION',
    tags: tagsOf(launch),
    overrides: overridesOf(request),
  };
}

const onFargate = (placement: Placement, arch: Architecture) => ({
  taskDefinition: placement.taskDefinitionArns[arch],
  platformVersion: 'LATEST',
  networkConfiguration: networkOf(placement, placement.assignPublicIp),
});

/** One task an instance, until a task can have a sandbox of its own (ADR 43). An instance has no public addresses (AWS-66). */
const onInstance = (placement: Placement, arch: Architecture) => ({
  taskDefinition: placement.dockerTaskDefinitionArns[arch],
  group: 'docker',
  placementConstraints: [{ type: 'distinctInstance' as const }],
  networkConfiguration: networkOf(placement, 'DISABLED'),
});

/** A deployment without Docker, or without its arm64, has no definition to name: refused here, and nothing was started. */
function missingDefinition(
  placement: Placement,
  { provider, arch }: Launch['given'],
): RunTaskOutcome | undefined {
  if (PROVIDERS[provider].isFargate || placement.dockerTaskDefinitionArns[arch] !== undefined)
    return undefined;
  const detail = `RunTask: this deployment has no ${arch} task definition with Docker: set the parameter docker to enabled and deploy`;
  return { kind: 'refused', refusal: 'not-found', detail };
}

const networkOf = (
  { subnets, securityGroups }: Placement,
  assignPublicIp: Placement['assignPublicIp'],
): RunTaskCommandInput['networkConfiguration'] => ({
  awsvpcConfiguration: { subnets: [...subnets], securityGroups: [...securityGroups], assignPublicIp },
});

/**
 * Size overrides are always sent: the IAM policy's limits are conditions on them. The container gets all of the task's
 * memory as a limit of its own: a JVM or Node.js reads that, and without it the memory of the machine below
 * (AWS-63). As much as the task has is allowed, and the two cannot differ after an override, as a limit in the task
 * definition would (AWS-4).
 */
function overridesOf({ runnerName, runnerId, sealedConfig, launch }: RunTaskRequest) {
  const { repository, scope, labels, workflowName, given: size, rejection } = launch;
  const environment = {
    ONESHOT_RUNNER_NAME: runnerName,
    ONESHOT_SEALED_CONFIG: sealedConfig,
    ...writeTaskIdentity({ repository, scope, runnerId, labels, workflowName }),
    ...writeTaskSize(size),
    ...(rejection && { [REJECTION_VARIABLE]: rejection.message }),
  };
  return {
    cpu: cpuUnits(size.vcpu),
    memory: memoryMiB(size.memoryGiB),
    ...(PROVIDERS[size.provider].isFargate &&
      size.storageGiB > DEFAULT_STORAGE_GIB && { ephemeralStorage: { sizeInGiB: size.storageGiB } }),
    containerOverrides: [
      {
        name: CONTAINER_NAME,
        memory: Number(memoryMiB(size.memoryGiB)),
        environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
      },
    ],
  };
}

/** For people and for AWS's bill (docs/costs.md): what has one value a job is of no use there, so labels go without marks. */
function tagsOf({ repository, jobId, runId, labels, workflowName }: Launch) {
  const { owner, installationId } = repository;
  const tags = {
    'oneshot:owner': owner,
    'oneshot:repository': fullName(repository),
    'oneshot:repository-id': String(repository.id),
    'oneshot:job': String(jobId),
    'oneshot:run': String(runId),
    'oneshot:labels': tagValue(labels.map(withoutMarks).join(' ')),
    ...(workflowName !== undefined && { 'oneshot:workflow': tagValue(workflowName) }),
    ...(installationId !== undefined && { 'oneshot:installation': String(installationId) }),
  };
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** Nothing that ECS refuses in a tag's value (AWS-16): each other character becomes `_`. */
const tagValue = (text: string): string => text.slice(0, 256).replaceAll(/[^\p{L}\p{N} +\-=._:/@]/gu, '_');
