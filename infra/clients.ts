/**
 * The SDK's parts that the plugin uses. It imports this file at run time, and each name is an import of its own here:
 * a bundler keeps all of a package that is itself imported at run time, and EC2's is as large as the rest together.
 */
export { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
export { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
export { EC2Client } from '@aws-sdk/client-ec2';
export { ECSClient } from '@aws-sdk/client-ecs';
export { IAMClient } from '@aws-sdk/client-iam';
export { LambdaClient } from '@aws-sdk/client-lambda';
