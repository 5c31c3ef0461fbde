import { type ECSClient, RunTaskCommand, type RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { PROVIDERS } from '../../core/job/providers.ts';
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
  readonly clusterArn: string;
  readonly taskDefinitionArns: Readonly<Record<Architecture, string>>;
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
    taskDefinition: placement.taskDefinitionArns[size.arch],
    count: 1,
    // Never `launchType` beside it: ECS refuses the two together, and Spot exists only here.
    capacityProviderStrategy: [{ capacityProvider: PROVIDERS[size.provider].name, weight: 1 }],
    platformVersion: 'LATEST',
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...placement.subnets],
        securityGroups: [...placement.securityGroups],
        assignPublicIp: placement.assignPublicIp,
      },
    },
    startedBy: runnerName,
    clientToken: runnerName,
    enableECSManagedTags: true,
    enableExecuteCommand: placement.enableExecuteCommand,
    propagateTags: 'TASK_DEFINITION',
    tags: tagsOf(launch),
    overrides: overridesOf(request),
  };
}

/**
 * Size overrides are always sent: the IAM policy's limits are conditions on them. The container gets all of the task's
 * memory as a limit of its own: a JVM or Node.js reads that, and without it the memory of the machine below
 * (AWS-63). As much as the task has is allowed, and the two cannot differ after an override, as a limit in the task
 * definition would (AWS-4).
 */
function overridesOf({ runnerName, runnerId, sealedConfig, launch }: RunTaskRequest) {
  const { repository, scope, labels, given: size, rejection } = launch;
  const environment = {
    ONESHOT_RUNNER_NAME: runnerName,
    ONESHOT_SEALED_CONFIG: sealedConfig,
    ...writeTaskIdentity({ repository, scope, runnerId, labels }),
    ...writeTaskSize(size),
    ...(rejection && { [REJECTION_VARIABLE]: rejection.message }),
  };
  return {
    cpu: cpuUnits(size.vcpu),
    memory: memoryMiB(size.memoryGiB),
    ...(size.storageGiB > DEFAULT_STORAGE_GIB && { ephemeralStorage: { sizeInGiB: size.storageGiB } }),
    containerOverrides: [
      {
        name: CONTAINER_NAME,
        memory: Number(memoryMiB(size.memoryGiB)),
        environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
      },
    ],
  };
}

function tagsOf({ repository, jobId, runId, labels }: Launch) {
  const { installationId } = repository;
  const tags = {
    'oneshot:repository': fullName(repository),
    'oneshot:repository-id': String(repository.id),
    'oneshot:job': String(jobId),
    'oneshot:run': String(runId),
    // A space between, and nothing that ECS refuses in a tag's value (AWS-16).
    'oneshot:labels': labels
      .join(' ')
      .replace(/[^\w +\-=.:/@]/g, '_')
      .slice(0, 256),
    ...(installationId !== undefined && { 'oneshot:installation': String(installationId) }),
  };
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
