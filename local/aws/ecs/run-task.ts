import type { RunTaskRequest, RunTaskResponse, Tag } from '@aws-sdk/client-ecs';
import { type LaunchCall, Launches, NO_CAPACITY, WAITING_FULL } from '../../../model/ecs/launches.ts';
import { AwsError } from '../errors.ts';
import { checkRunTask, type LaunchPlan } from './check-run-task.ts';
import type { Cluster } from './cluster.ts';
import { expectProviders } from './providers.ts';
import { showTask } from './read.ts';
import { mergeTags } from './tags.ts';
import { createTask, type TaskRecord } from './task.ts';

export type RunTask = (request: RunTaskRequest) => RunTaskResponse;

/** RunTask: what the model says of it, in ECS's words. */
export function createRunTask(cluster: Cluster): RunTask {
  const { clock, faults, random } = cluster;
  const launches = new Launches<TaskRecord>(({ view }) => view.stoppedAt?.getTime());
  const chances = { strikes: faults.strikes, isDuring: () => false };
  let isDisguised = false;
  return (request) => {
    cluster.expectCluster(request.cluster);
    expectProviders(
      cluster,
      (request.capacityProviderStrategy ?? []).map(({ capacityProvider }) => capacityProvider),
    );
    const plan = checkRunTask(request, cluster.definitions);
    const call = callOf(request, plan);
    const verdict = launches.judge(call, clock.nowMs(), chances, random);
    if (verdict.kind === 'launch') {
      const tasks = launch(cluster, request, plan);
      launches.remember(call, tasks, clock.nowMs());
      return answer(tasks);
    }
    if (verdict.kind === 'conflict') throw conflict(verdict.tasks);
    if (verdict.kind === 'known')
      return verdict.tasks.length > 0 ? answer(verdict.tasks) : failed(1, NO_CAPACITY);
    if (verdict.kind === 'failed' && verdict.reason === WAITING_FULL)
      throw new AwsError('ClientException', WAITING_FULL);
    if (verdict.kind === 'failed') return failed(plan.count, verdict.reason);
    // A fault comes in both disguises, one after the other.
    const isPlain = !verdict.isFault || !isDisguised;
    if (verdict.isFault) isDisguised = !isDisguised;
    throw isPlain ? rateExceeded() : disguisedThrottle(request);
  };
}

const callOf = (request: RunTaskRequest, plan: LaunchPlan): LaunchCall => ({
  clientToken: request.clientToken,
  parameters: parametersOf(request),
  count: plan.count,
  isSpot: plan.capacityProvider === 'FARGATE_SPOT',
  isOnInstance: plan.isManaged,
  vcpu: plan.cpu / 1024,
});

const answer = (tasks: readonly TaskRecord[]): RunTaskResponse => ({
  tasks: tasks.map((task) => showTask(task, true)),
  failures: [],
});

const failed = (count: number, reason: string): RunTaskResponse => ({
  tasks: [],
  failures: Array.from({ length: count }, () => ({ reason })),
});

function launch(cluster: Cluster, request: RunTaskRequest, plan: LaunchPlan): TaskRecord[] {
  const now = new Date(cluster.clock.nowMs());
  return Array.from({ length: plan.count }, () => {
    const task = createTask(request, plan, cluster.place, now);
    task.tags = tagsOf(cluster, request, plan);
    cluster.add(task);
    return task;
  });
}

function tagsOf(cluster: Cluster, request: RunTaskRequest, plan: LaunchPlan): Tag[] {
  const managed = { key: 'aws:ecs:clusterName', value: cluster.place.clusterName };
  return mergeTags(
    request.enableECSManagedTags ? [managed] : [],
    request.propagateTags === 'TASK_DEFINITION' ? plan.definition.tags : [],
    request.tags ?? [],
  );
}

const conflict = (tasks: readonly TaskRecord[]) =>
  new AwsError(
    'ConflictException',
    'The RunTask request could not be processed due to conflicts. The provided clientToken is already in use ' +
      'with a different RunTask request.',
    400,
    { resourceIds: tasks.map(({ arn }) => arn) },
  );

/** The request but for its token, in one spelling whatever the order of its members. */
function parametersOf({ clientToken: _, ...request }: RunTaskRequest): string {
  return JSON.stringify(request, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** dagster-io/dagster#33439: EC2's throttle, wrapped by ECS. */
function disguisedThrottle(request: RunTaskRequest): AwsError {
  const subnets = request.networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
  return new AwsError(
    'InvalidParameterException',
    `Error retrieving subnet information for [${subnets.join(', ')}]: Rate exceeded (ErrorCode: Throttling)`,
  );
}

const rateExceeded = () => new AwsError('ThrottlingException', 'Rate exceeded');
