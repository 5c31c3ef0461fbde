import { parseRunnerName } from '../../core/job/identity.ts';
import { accountOf } from '../../core/job/repository.ts';
import { taskEnding } from '../../core/task/exit-codes.ts';
import type { TaskFact } from '../../core/task/facts.ts';
import {
  CONTAINER_NAME,
  JOB_OVER_TAG,
  MARK_TAG,
  REJECTION_VARIABLE,
  readTaskIdentity,
} from '../../core/task/task-environment.ts';
import { providerOf } from './provider-of.ts';
import { readStop } from './stop-cause.ts';

/** A date as the SDK gives it, or as an event carries it. */
type When = Date | string | undefined;

/** What is read of a task: the SDK's Task, and the detail of an ECS Task State Change, both fit. */
export interface TaskView {
  readonly taskArn?: string | undefined;
  readonly startedBy?: string | undefined;
  readonly lastStatus?: string | undefined;
  readonly desiredStatus?: string | undefined;
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly taskDefinitionArn?: string | undefined;
  readonly capacityProviderName?: string | undefined;
  readonly ephemeralStorage?: { readonly sizeInGiB?: number | undefined } | undefined;
  readonly createdAt?: When;
  readonly pullStartedAt?: When;
  readonly startedAt?: When;
  readonly stoppedAt?: When;
  readonly stopCode?: string | undefined;
  readonly stoppedReason?: string | undefined;
  readonly containers?:
    | ReadonlyArray<{
        readonly name?: string | undefined;
        readonly exitCode?: number | undefined;
        readonly reason?: string | undefined;
      }>
    | undefined;
  readonly overrides?:
    | {
        readonly containerOverrides?:
          | ReadonlyArray<{
              readonly name?: string | undefined;
              readonly environment?:
                | ReadonlyArray<{ readonly name?: string | undefined; readonly value?: string | undefined }>
                | undefined;
            }>
          | undefined;
      }
    | undefined;
  readonly tags?:
    | ReadonlyArray<{ readonly key?: string | undefined; readonly value?: string | undefined }>
    | undefined;
}

/** `undefined` for a task that is not of this deployment. */
export function taskFact(task: TaskView, prefix: string): TaskFact | undefined {
  const runnerName = task.startedBy ?? '';
  const identity = parseRunnerName(prefix, runnerName);
  if (identity === undefined) return undefined;
  const override = task.overrides?.containerOverrides?.find(({ name }) => name === CONTAINER_NAME);
  const environment = new Map(override?.environment?.map(({ name, value }) => [name ?? '', value ?? '']));
  const launched = readTaskIdentity(environment, identity.repositoryId);
  const container = task.containers?.find(({ name }) => name === CONTAINER_NAME);
  const isStopped = task.lastStatus === 'STOPPED';
  return {
    taskArn: task.taskArn ?? '',
    runnerName,
    registration: launched && {
      account: accountOf(launched.repository),
      scope: launched.scope,
      runnerId: launched.runnerId,
    },
    repository: launched?.repository,
    workflowName: launched?.workflowName,
    labels: launched?.labels ?? [],
    isRejection: environment.has(REJECTION_VARIABLE),
    size: { vcpu: Number(task.cpu) / 1024, memoryGiB: Number(task.memory) / 1024 },
    provider: providerOf(task),
    markedJobId: numberOfTag(task, MARK_TAG),
    jobOverAtMs: numberOfTag(task, JOB_OVER_TAG),
    lastStatus: task.lastStatus ?? '',
    desiredStatus: task.desiredStatus ?? '',
    createdAtMs: timeMs(task.createdAt) ?? Number.NaN,
    startedAtMs: timeMs(task.startedAt),
    stoppedAtMs: timeMs(task.stoppedAt),
    ending: isStopped ? taskEnding(container?.exitCode) : undefined,
    stop: isStopped ? readStop(task.stopCode, task.stoppedReason, container?.reason) : undefined,
  };
}

function numberOfTag({ tags }: TaskView, name: string): number | undefined {
  const value = Number(tags?.find(({ key }) => key === name)?.value);
  return value > 0 ? value : undefined;
}

/** Epoch milliseconds. */
export const timeMs = (when: When): number | undefined =>
  when === undefined ? undefined : new Date(when).getTime();
