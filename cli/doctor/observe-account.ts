import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetServiceSettingCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Deployment } from '../deployment.ts';
import type { AccountFacts, FunctionFact } from './facts.ts';
import { readQuota } from './quotas.ts';
import { looked } from './read.ts';
import { simulateLauncher } from './simulate.ts';

/** By their names in serverless.yml. */
const FUNCTIONS = ['webhook', 'reconcile', 'settle', 'sweep'] as const;

/** What AWS says of the account, the stack and its functions. */
export async function observeAccount(deployment: Deployment): Promise<AccountFacts> {
  const lambda = new LambdaClient(deployment.aws);
  const [identity, stack, functions, eventSource, concurrency, vcpuQuotas, hasParameterThroughput, denied] =
    await Promise.all([
      looked('sts:GetCallerIdentity', () => readIdentity(deployment)),
      looked('cloudformation:DescribeStacks', () => readStack(deployment)),
      looked('lambda:GetFunctionConfiguration and lambda:GetFunctionConcurrency', () =>
        Promise.all(FUNCTIONS.map((name) => readFunction(lambda, name, deployment.stack))),
      ),
      looked('lambda:ListEventSourceMappings', () =>
        readEventSource(lambda, `${deployment.stack}-reconcile`),
      ),
      looked('lambda:GetAccountSettings', () => readConcurrency(lambda)),
      looked('servicequotas:GetServiceQuota', () => readQuotas(deployment)),
      looked('ssm:GetServiceSetting', () => readThroughput(deployment)),
      looked('iam:SimulatePrincipalPolicy', () => simulateLauncher(deployment)),
    ]);
  return { identity, stack, functions, eventSource, concurrency, vcpuQuotas, hasParameterThroughput, denied };
}

export async function readIdentity({ aws, region }: Pick<Deployment, 'aws' | 'region'>) {
  const { Arn = 'nobody' } = await new STSClient(aws).send(new GetCallerIdentityCommand({}));
  return { arn: Arn, region };
}

async function readStack({ aws, stack }: Deployment) {
  const { Stacks } = await new CloudFormationClient(aws).send(
    new DescribeStacksCommand({ StackName: stack }),
  );
  return { status: Stacks?.[0]?.StackStatus ?? 'missing', reason: Stacks?.[0]?.StackStatusReason };
}

async function readFunction(client: LambdaClient, name: string, stack: string): Promise<FunctionFact> {
  const FunctionName = `${stack}-${name}`;
  try {
    const [{ State, LastUpdateStatus }, { ReservedConcurrentExecutions }] = await Promise.all([
      client.send(new GetFunctionConfigurationCommand({ FunctionName })),
      client.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    ]);
    const isClosed = ReservedConcurrentExecutions === 0;
    return { name, state: State ?? 'Active', lastUpdate: LastUpdateStatus, isClosed };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException')
      return { name, state: undefined, lastUpdate: undefined, isClosed: false };
    throw error;
  }
}

async function readEventSource(client: LambdaClient, FunctionName: string): Promise<string | undefined> {
  const { EventSourceMappings } = await client.send(new ListEventSourceMappingsCommand({ FunctionName }));
  return EventSourceMappings?.[0]?.State;
}

export async function readConcurrency(client: LambdaClient): Promise<number> {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  return AccountLimit?.ConcurrentExecutions ?? 0;
}

async function readThroughput({ ssm }: Deployment): Promise<boolean> {
  const SettingId = '/ssm/parameter-store/high-throughput-enabled';
  const { ServiceSetting } = await ssm.send(new GetServiceSettingCommand({ SettingId }));
  return ServiceSetting?.SettingValue === 'true';
}

async function readQuotas({ aws }: Deployment) {
  const client = new ServiceQuotasClient(aws);
  const [onDemand, spot] = await Promise.all([
    readQuota(client, 'onDemandVcpus'),
    readQuota(client, 'spotVcpus'),
  ]);
  return { onDemand, spot };
}
