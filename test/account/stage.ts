import { setTimeout as pause } from 'node:timers/promises';
import { CloudFormationClient, paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmHistoryCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTaskDefinitionCommand, DescribeTasksCommand, ECSClient } from '@aws-sdk/client-ecs';
import {
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { openDocker } from './docker-port.ts';
import { imageBytes } from './image-bytes.ts';
import { openLauncher } from './launcher.ts';
import type { StagePort } from './questions.ts';

interface Deployment {
  readonly aws: { readonly region: string };
  readonly stack: string;
  readonly stage: string;
  readonly hasDocker: boolean;
}

const TASK_ENDS_WITHIN_MS = 10 * 60_000;
const LOOK_EVERY_MS = 5_000;

/** A deployed stage in an account, as the questions ask it. */
export function openStage(deployment: Deployment): StagePort {
  const { aws, stack } = deployment;
  const ecs = new ECSClient(aws);
  const launch = openLauncher(deployment);
  return {
    launch,
    ...(deployment.hasDocker && { docker: openDocker(deployment, launch) }),
    endOf: (taskArn) => endOf(ecs, stack, taskArn),
    deniedWhileDeploying: () => deniedWhileDeploying(new CloudFormationClient(aws), stack),
    reserveNothing: () => reserveNothing(new LambdaClient(aws), `${stack}-sweep`),
    silentAlarmStates: () => alarmStates(new CloudWatchClient(aws), `${stack}-sweep-silent`),
    imageBytes: async (arch) => {
      const taskDefinition = `${stack}-${arch}`;
      const { taskDefinition: found } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      return imageBytes(found?.containerDefinitions?.[0]?.image ?? '', arch);
    },
    async hasInsightsLogGroup() {
      const logGroupNamePrefix = `/aws/ecs/containerinsights/${stack}/`;
      const { logGroups = [] } = await new CloudWatchLogsClient(aws).send(
        new DescribeLogGroupsCommand({ logGroupNamePrefix }),
      );
      return logGroups.length > 0;
    },
  };
}

async function endOf(ecs: ECSClient, cluster: string, taskArn: string) {
  for (const endsAtMs = Date.now() + TASK_ENDS_WITHIN_MS; Date.now() < endsAtMs; await pause(LOOK_EVERY_MS)) {
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
    const [task] = tasks;
    if (task?.lastStatus === 'STOPPED')
      return { exitCode: task.containers?.[0]?.exitCode, reason: task.stoppedReason ?? '' };
  }
  throw new Error(`${taskArn} has not stopped`);
}

async function deniedWhileDeploying(client: CloudFormationClient, StackName: string): Promise<string[]> {
  const denied: string[] = [];
  for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client }, { StackName }))
    for (const { ResourceStatusReason = '', LogicalResourceId } of StackEvents)
      if (/not authorized|AccessDenied/i.test(ResourceStatusReason))
        denied.push(`${LogicalResourceId}: ${ResourceStatusReason}`);
  return denied;
}

async function reserveNothing(lambda: LambdaClient, FunctionName: string) {
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
  const limit = AccountLimit?.ConcurrentExecutions ?? 0;
  try {
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    return { limit, refusal: undefined };
  } catch (error) {
    return { limit, refusal: error instanceof Error ? error.message : String(error) };
  }
}

async function alarmStates(client: CloudWatchClient, AlarmName: string): Promise<string[]> {
  const { AlarmHistoryItems = [] } = await client.send(
    new DescribeAlarmHistoryCommand({
      AlarmName,
      HistoryItemType: 'StateUpdate',
      ScanBy: 'TimestampAscending',
    }),
  );
  // "Alarm updated from INSUFFICIENT_DATA to OK"
  return AlarmHistoryItems.flatMap(({ HistorySummary = '' }) => / to (\w+)$/.exec(HistorySummary)?.[1] ?? []);
}
