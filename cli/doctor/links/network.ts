import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type Route,
  type RouteTable,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { fail, judged, link, looked, ok, type Verdict, warn } from '../link.ts';
import { readWebhookFunction } from './functions.ts';
import { CONTAINERS } from './image.ts';

/** Where tasks run, by what the launching function was deployed with, and how they get out of there. */
export interface NetworkFact {
  readonly assignsPublicIp: boolean;
  /** They are in the tasks' subnets too (functionsInVpc), and never have a public address. */
  readonly areFunctionsInside: boolean;
  /** Tasks are told a proxy (httpProxy). */
  readonly hasProxy: boolean;
  readonly subnets: ReadonlyArray<{
    readonly subnetId: string;
    /** Where its route to the internet leads; `missing` where the subnet is gone. */
    readonly wayOut: 'internet-gateway' | 'nat' | 'other' | 'none' | 'missing';
  }>;
  /** Security groups that let nothing out by HTTPS. */
  readonly closedGroups: readonly string[];
}

type WayOut = NetworkFact['subnets'][number]['wayOut'];

const NETWORK = looked(
  'lambda:GetFunctionConfiguration, ec2:DescribeSubnets, RouteTables and SecurityGroups',
  async ({ aws }, ask): Promise<NetworkFact> => {
    const { Environment, VpcConfig } = await ask(readWebhookFunction);
    const list = (name: string) =>
      (Environment?.Variables?.[name] ?? '').split(',').filter((id) => id !== '');
    const ec2 = new EC2Client(aws);
    const subnetIds = list('ONESHOT_SUBNETS');
    const [ways, closedGroups, container] = await Promise.all([
      waysOut(ec2, subnetIds),
      closed(ec2, list('ONESHOT_SECURITY_GROUPS')),
      ask(CONTAINERS.x64),
    ]);
    return {
      assignsPublicIp: Environment?.Variables?.['ONESHOT_ASSIGN_PUBLIC_IP'] === 'ENABLED',
      areFunctionsInside: (VpcConfig?.SubnetIds ?? []).length > 0,
      hasProxy: (container?.environment ?? []).some(({ name }) => name === 'https_proxy'),
      subnets: subnetIds.map((subnetId) => ({ subnetId, wayOut: ways.get(subnetId) ?? 'missing' })),
      closedGroups,
    };
  },
);

export const network = link({
  id: 'network',
  title: 'tasks have a way out',
  tries: 'ec2:DescribeSubnets, DescribeRouteTables and DescribeSecurityGroups',
  needs: ['stack'],
  reads: { network: NETWORK },
  judge: (seen) => judged(seen.network, 'deploy again', judgeNetwork),
});

function judgeNetwork(network: NetworkFact): Verdict {
  const { subnets, assignsPublicIp, areFunctionsInside, hasProxy, closedGroups } = network;
  const those = (way: NetworkFact['subnets'][number]['wayOut']) =>
    subnets.filter(({ wayOut }) => wayOut === way).map(({ subnetId }) => subnetId);
  if (those('missing').length > 0)
    return fail(`gone: ${those('missing').join(', ')}`, 'name subnets that exist, and deploy again');
  // By a proxy GitHub is reached; what Fargate calls, and KMS, by endpoints that may be anyone's.
  if (those('none').length > 0 && !hasProxy)
    return fail(
      `no way to the internet from ${those('none').join(', ')}`,
      'a task must reach GitHub and its image: a route to a NAT gateway, or an internet gateway and assignPublicIp',
    );
  const open = those('internet-gateway');
  if (open.length > 0 && areFunctionsInside)
    return fail(
      `${open.join(', ')}: out by an internet gateway, and a function there gets no public address`,
      'name subnets whose way out is NAT, or set functionsInVpc to disabled, and deploy again',
    );
  if (open.length > 0 && !assignsPublicIp)
    return fail(
      `${open.join(', ')}: out by an internet gateway, and tasks get no public address`,
      'set assignPublicIp to ENABLED (network existing), or route through NAT, and deploy again',
    );
  if (those('nat').length > 0 && assignsPublicIp)
    return warn(
      'a public address for each task, out by NAT',
      'set assignPublicIp to DISABLED: the addresses cost money and have no use',
    );
  return closedGroups.length === 0
    ? ok(subnets.map(({ subnetId, wayOut }) => `${subnetId} by ${wayOut}`).join(', '))
    : fail(
        `no HTTPS out through ${closedGroups.join(', ')}`,
        'allow port 443 outwards in the security group',
      );
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
