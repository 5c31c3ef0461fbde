import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeAddressesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { MADE_BY_GUARDDUTY } from '../../infra/guardduty.ts';
import type { AwsConfig } from '../deployment.ts';
import type { BeforeFacts, Wanted } from './before-facts.ts';
import { readConcurrency, readIdentity } from './observe-account.ts';
import { QUOTAS, type QuotaName, readQuota } from './quotas.ts';
import { type Look, looked } from './read.ts';

interface Place {
  readonly aws: AwsConfig;
  readonly region: string;
  readonly stack: string;
}

/** One look at an account in which the stage may not be yet. Each part fails on its own. */
export async function observeBefore(deployment: Place, wanted: Wanted): Promise<BeforeFacts> {
  const { aws, region } = deployment;
  const ec2 = new EC2Client(aws);
  const [identity, stack, concurrency, quotas, vpcs, addresses, watchedVpcs] = await Promise.all([
    looked('sts:GetCallerIdentity', () => readIdentity(deployment)),
    looked('cloudformation:DescribeStacks', () => readStack(deployment)),
    looked('lambda:GetAccountSettings', () => readConcurrency(new LambdaClient(aws))),
    readQuotas(new ServiceQuotasClient(aws)),
    looked('ec2:DescribeVpcs', () => countVpcs(ec2)),
    looked('ec2:DescribeAddresses', () => countAddresses(ec2)),
    looked('ec2:DescribeVpcEndpoints', () => countWatchedVpcs(ec2)),
  ]);
  return { region, wanted, identity, stack, concurrency, quotas, vpcs, addresses, watchedVpcs };
}

async function readStack({ aws, stack }: Place) {
  try {
    const client = new CloudFormationClient(aws);
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const { StackStatus: status = 'missing', Outputs = [] } = Stacks?.[0] ?? {};
    return { status, isMade: Outputs.some(({ OutputKey }) => OutputKey === 'WebhookUrl') };
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

async function readQuotas(client: ServiceQuotasClient): Promise<Record<QuotaName, Look<number>>> {
  const names = Object.keys(QUOTAS) as QuotaName[];
  const read = (name: QuotaName) =>
    looked('servicequotas:GetServiceQuota and servicequotas:GetAWSDefaultServiceQuota', () =>
      readQuota(client, name),
    );
  const looks = await Promise.all(names.map(async (name) => [name, await read(name)] as const));
  return Object.fromEntries(looks) as Record<QuotaName, Look<number>>;
}

async function countVpcs(ec2: EC2Client): Promise<number> {
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}));
  return Vpcs.length;
}

async function countAddresses(ec2: EC2Client): Promise<number> {
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
  return Addresses.length;
}

async function countWatchedVpcs(ec2: EC2Client): Promise<number> {
  const { VpcEndpoints = [] } = await ec2.send(
    new DescribeVpcEndpointsCommand({ Filters: [MADE_BY_GUARDDUTY] }),
  );
  return new Set(VpcEndpoints.map(({ VpcId }) => VpcId)).size;
}
