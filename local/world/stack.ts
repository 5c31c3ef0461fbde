import type { AwsWorld } from '../aws/index.ts';
import type { Deployment } from './deployment.ts';

export interface StackDescription {
  readonly stack: string;
  readonly deployment: Deployment;
  /** Of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  readonly webhookUrl: string;
  readonly runnerLogGroup: string;
}

/** Tells AWS what was deployed: the stack with its outputs, the functions, the network that tasks run in. */
export function describeStack(aws: AwsWorld, description: StackDescription): void {
  const { stack, deployment, environment, webhookUrl, runnerLogGroup } = description;
  const { accountState: account } = aws;
  const [subnets = '', groups = ''] = [
    environment['ONESHOT_SUBNETS'],
    environment['ONESHOT_SECURITY_GROUPS'],
  ];
  account.worldOutputs = {
    ClusterName: stack,
    ...(aws.dockerTaskDefinitionArns.x64 !== undefined && { DockerCapacity: `${stack}-docker` }),
    DashboardUrl: `${aws.url}/no-dashboard`,
    DeadDoubtQueueUrl: aws.queues.deadLetters.url,
    DoubtQueueUrl: aws.queues.doubts.url,
    KeyAlias: `alias/${stack}`,
    RunnerLogGroup: runnerLogGroup,
    RunnerPrefix: environment['ONESHOT_RUNNER_PREFIX'] ?? '',
    TaskSecurityGroups: groups,
    TaskSubnets: subnets,
    WebhookUrl: webhookUrl,
  };
  account.stack = { name: stack, status: 'UPDATE_COMPLETE', outputs: account.worldOutputs };
  // With an image pipeline, to be tried.
  for (const arch of ['x64', 'arm64']) account.imageBuilds.set(`${stack}-image-${arch}`, []);
  for (const { name, triggers } of deployment.functions)
    account.functions.set(`${stack}-${name}`, {
      name: `${stack}-${name}`,
      role: `arn:aws:iam::${aws.account}:role/${stack}-${name}`,
      environment,
      state: 'Active',
      lastUpdate: 'Successful',
      reservedConcurrency: undefined,
      eventSource: triggers.some(({ kind }) => kind === 'queue') ? 'Enabled' : undefined,
    });
  account.network = {
    vpcId: 'vpc-0aaaaaaaaaaaaaaaa',
    subnetIds: subnets.split(','),
    groupIds: groups.split(','),
    wayOut: 'nat-0aaaaaaaaaaaaaaaa',
    egressPort: undefined,
  };
}
