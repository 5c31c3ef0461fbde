import { type ProviderName, providerNamed } from '../../core/job/providers.ts';
import { DEFAULT_STORAGE_GIB } from '../../core/job/sizes.ts';
import type { TaskHardware } from '../../core/task/prices.ts';
import type { TaskView } from './task-fact.ts';

/** What a task runs on, from the SDK's Task or from the detail of an event. */
export function hardwareOf(task: TaskView): TaskHardware {
  return {
    vcpu: Number(task.cpu ?? 0) / 1024,
    memoryGiB: Number(task.memory ?? 0) / 1024,
    storageGiB: task.ephemeralStorage?.sizeInGiB ?? DEFAULT_STORAGE_GIB,
    // The families of infra/cluster.yml and infra/docker.yml.
    arch: /-arm64:\d+$/.test(task.taskDefinitionArn ?? '') ? 'arm64' : 'x64',
    provider: providerOf(task),
  };
}

/** By the family where the deployment made the provider itself: a task says it from its first moment. */
export const providerOf = ({ taskDefinitionArn, capacityProviderName }: TaskView): ProviderName =>
  /-docker-(x64|arm64):\d+$/.test(taskDefinitionArn ?? '') ? 'docker' : providerNamed(capacityProviderName);
