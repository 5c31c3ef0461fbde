import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Route,
  type RouteTable,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Deployment } from '../deployment.ts';
import type { NetworkFact } from './facts.ts';

type WayOut = NetworkFact['subnets'][number]['wayOut'];

/** Where tasks run, by what the launching function was deployed with, and how they get out of there. */
export async function readNetwork(deployment: Deployment): Promise<NetworkFact> {
  const FunctionName = `${deployment.stack}-webhook`;
  const { Environment, VpcConfig } = await new LambdaClient(deployment.aws).send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  const list = (name: string) => (Environment?.Variables?.[name] ?? '').split(',').filter((id) => id !== '');
  const ec2 = new EC2Client(deployment.aws);
  const subnetIds = list('ONESHOT_SUBNETS');
  const [ways, closedGroups, hasProxy] = await Promise.all([
    waysOut(ec2, subnetIds),
    closed(ec2, list('ONESHOT_SECURITY_GROUPS')),
    tellsProxy(deployment),
  ]);
  return {
    assignsPublicIp: Environment?.Variables?.['ONESHOT_ASSIGN_PUBLIC_IP'] === 'ENABLED',
    areFunctionsInside: (VpcConfig?.SubnetIds ?? []).length > 0,
    hasProxy,
    subnets: subnetIds.map((subnetId) => ({ subnetId, wayOut: ways.get(subnetId) ?? 'missing' })),
    closedGroups,
  };
}

async function tellsProxy({ ecs, stack }: Deployment): Promise<boolean> {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition: `${stack}-x64` });
  const [container] = (await ecs.send(command)).taskDefinition?.containerDefinitions ?? [];
  return (container?.environment ?? []).some(({ name }) => name === 'https_proxy');
}

async function waysOut(
  client: EC2Client,
  subnetIds: readonly string[],
): Promise<ReadonlyMap<string, WayOut>> {
  // By filter: a list of ids fails as a whole when one is gone.
  const { Subnets = [] } = await client.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values: [...subnetIds] }] }),
  );
  const vpcIds = [...new Set(Subnets.flatMap(({ VpcId }) => VpcId ?? []))];
  const { RouteTables = [] } = await client.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: 'vpc-id', Values: vpcIds }] }),
  );
  return new Map(
    Subnets.map(({ SubnetId = '', VpcId = '' }) => [SubnetId, wayOut(tableOf(RouteTables, SubnetId, VpcId))]),
  );
}

/** A subnet that no table names uses the main one of its VPC (VPC user guide, Route tables). */
function tableOf(tables: readonly RouteTable[], subnetId: string, vpcId: string): RouteTable | undefined {
  const own = tables.find(({ Associations = [] }) => Associations.some((one) => one.SubnetId === subnetId));
  return (
    own ??
    tables.find(({ VpcId, Associations = [] }) => VpcId === vpcId && Associations.some(({ Main }) => Main))
  );
}

function wayOut(table: RouteTable | undefined): WayOut {
  const route = table?.Routes?.find(
    ({ DestinationCidrBlock, State }) => DestinationCidrBlock === '0.0.0.0/0' && State !== 'blackhole',
  );
  return route === undefined ? 'none' : targetOf(route);
}

function targetOf({ GatewayId, NatGatewayId }: Route): WayOut {
  if (NatGatewayId !== undefined) return 'nat';
  return GatewayId?.startsWith('igw-') ? 'internet-gateway' : 'other';
}

async function closed(client: EC2Client, groupIds: readonly string[]): Promise<string[]> {
  const { SecurityGroups = [] } = await client.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-id', Values: [...groupIds] }] }),
  );
  const isOpen = (groupId: string) => {
    const group = SecurityGroups.find(({ GroupId }) => GroupId === groupId);
    return group !== undefined && letsHttpsOut(group);
  };
  // What one group lets out, the others do not hold back.
  return groupIds.some(isOpen) ? [] : [...groupIds];
}

const letsHttpsOut = ({ IpPermissionsEgress = [] }: SecurityGroup): boolean =>
  IpPermissionsEgress.some(
    ({ IpProtocol, FromPort = 0, ToPort = 65_535 }) =>
      IpProtocol === '-1' || (IpProtocol === 'tcp' && FromPort <= 443 && ToPort >= 443),
  );
