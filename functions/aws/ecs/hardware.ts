import { DEFAULT_STORAGE_GIB } from '../../core/job/sizes.ts';
import type { TaskHardware } from '../../core/task/prices.ts';
import { providerOf } from './provider-of.ts';
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
