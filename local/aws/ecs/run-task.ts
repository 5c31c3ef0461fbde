import type { RunTaskRequest, RunTaskResponse, Tag } from '@aws-sdk/client-ecs';
import { AwsError } from '../errors.ts';
import { type Bucket, createBucket } from '../rates.ts';
import { checkRunTask, type LaunchPlan } from './check-run-task.ts';
import type { Cluster } from './cluster.ts';
import { expectProviders } from './providers.ts';
import { showTask } from './read.ts';
import { mergeTags } from './tags.ts';
import { createTask } from './task.ts';

export type RunTask = (request: RunTaskRequest) => RunTaskResponse;

interface Launched {
  readonly parameters: string;
  readonly arns: readonly string[];
  readonly atMs: number;
}

const HOUR_MS = 3_600_000;

/**
 * RunTask with its limits: 20 calls a second, and a bucket of 100 launches refilled at 20 a second, one for
 * on-demand and one for Spot (ECS and Fargate service quotas).
 */
export function createRunTask(cluster: Cluster): RunTask {
  const { clock, faults } = cluster;
  const calls = createBucket(clock, 20, 20);
  const launches = { onDemand: createBucket(clock, 100, 20), spot: createBucket(clock, 100, 20) };
  const tokens = new Map<string, Launched>();
  let disguised = false;
  const throttle = (request: RunTaskRequest) => {
    const error = disguised ? disguisedThrottle(request) : rateExceeded();
    disguised = !disguised;
    return error;
  };
  return (request) => {
    if (faults.strikes('ecs-throttle')) throw throttle(request);
    if (!calls.take()) throw rateExceeded();
    cluster.expectCluster(request.cluster);
    const plan = checkRunTask(request, cluster.definitions);
    expectProviders(
      cluster,
      (request.capacityProviderStrategy ?? []).map(({ capacityProvider }) => capacityProvider),
    );
    const earlier = findEarlier(cluster, tokens, request);
    if (earlier) return earlier;
    if (faults.strikes('ecs-no-capacity')) {
      if (faults.strikes('ecs-refused-token-kept')) remember(tokens, request, [], clock.nowMs());
      return { tasks: [], failures: Array.from({ length: plan.count }, noCapacity) };
    }
    takeLaunches(plan, launches);
    return launch(cluster, request, plan, tokens);
  };
}

function launch(
  cluster: Cluster,
  request: RunTaskRequest,
  plan: LaunchPlan,
  tokens: Map<string, Launched>,
): RunTaskResponse {
  const now = new Date(cluster.clock.nowMs());
  const tasks = Array.from({ length: plan.count }, () => {
    const task = createTask(request, plan, cluster.place, now);
    task.tags = tagsOf(cluster, request, plan);
    cluster.add(task);
    return task;
  });
  const arns = tasks.map(({ arn }) => arn);
  remember(tokens, request, arns, now.getTime());
  return { tasks: tasks.map((task) => showTask(task, true)), failures: [] };
}

function tagsOf(cluster: Cluster, request: RunTaskRequest, plan: LaunchPlan): Tag[] {
  const managed = { key: 'aws:ecs:clusterName', value: cluster.place.clusterName };
  return mergeTags(
    request.enableECSManagedTags ? [managed] : [],
    request.propagateTags === 'TASK_DEFINITION' ? plan.definition.tags : [],
    request.tags ?? [],
  );
}

/** ECS API reference, "Ensuring idempotency": the same token gives the same tasks or a conflict. */
function findEarlier(
  cluster: Cluster,
  tokens: Map<string, Launched>,
  request: RunTaskRequest,
): RunTaskResponse | undefined {
  const launched = request.clientToken === undefined ? undefined : tokens.get(request.clientToken);
  if (!launched || isForgotten(cluster, launched)) return undefined;
  const arns = [...launched.arns];
  if (launched.parameters !== parametersOf(request)) {
    throw new AwsError(
      'ConflictException',
      'The RunTask request could not be processed due to conflicts. The provided clientToken is already in use ' +
        'with a different RunTask request.',
      400,
      { resourceIds: arns },
    );
  }
  const tasks = arns.flatMap((arn) => cluster.tasks.get(arn) ?? []).map((task) => showTask(task, true));
  return { tasks, failures: arns.length === 0 ? [noCapacity()] : [] };
}

/** AWS-9: 24 hours, and no longer than an hour after the task has stopped. */
function isForgotten({ clock, tasks }: Cluster, { arns, atMs }: Launched): boolean {
  const nowMs = clock.nowMs();
  const over = (arn: string) => {
    const stoppedAt = tasks.get(arn)?.view.stoppedAt;
    return stoppedAt !== undefined && nowMs - stoppedAt.getTime() > HOUR_MS;
  };
  return nowMs - atMs > 24 * HOUR_MS || (arns.length > 0 && arns.every(over));
}

function remember(
  tokens: Map<string, Launched>,
  request: RunTaskRequest,
  arns: readonly string[],
  atMs: number,
): void {
  if (request.clientToken === undefined) return;
  tokens.set(request.clientToken, { parameters: parametersOf(request), arns, atMs });
}

/** The request but for its token, in one spelling whatever the order of its members. */
function parametersOf({ clientToken: _, ...request }: RunTaskRequest): string {
  return JSON.stringify(request, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function takeLaunches(plan: LaunchPlan, launches: { onDemand: Bucket; spot: Bucket }): void {
  const bucket = plan.capacityProvider === 'FARGATE_SPOT' ? launches.spot : launches.onDemand;
  if (!bucket.take(plan.count)) throw rateExceeded();
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

/** ECS developer guide: "API failure reasons", RunTask on Fargate. */
const noCapacity = () => ({
  reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone',
});
