import { type CloudWatchLogsClient, DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';

/** The log group of Container Insights, as ECS names it. */
const insightsLogGroup = (cluster: string): string => `/aws/ecs/containerinsights/${cluster}/performance`;

/**
 * Deletes the log group of Container Insights that is not the stack's, and says so; `undefined` where there is none. ECS
 * writes what it measured minutes late and makes the group again for it, also after a removal. It is kept forever then,
 * and the next deployment that wants to make it fails: it "already exists".
 */
export async function deleteRevivedLogs(
  logs: CloudWatchLogsClient,
  cluster: string,
): Promise<string | undefined> {
  const logGroupName = insightsLogGroup(cluster);
  try {
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    return `Deleted ${logGroupName}, which ECS had made again after the stack’s own was removed`;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
