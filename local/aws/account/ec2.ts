import { AwsError } from '../errors.ts';
import type { Account, Network } from './account.ts';
import { listOf } from './iam.ts';
import type { Xml } from './xml.ts';

type Filters = ReadonlyMap<string, readonly string[]>;

export const ec2Actions = {
  DescribeAvailabilityZones: (_: URLSearchParams, { region }: Account) => ({
    availabilityZoneInfo: {
      item: ['a', 'b', 'c'].map((letter) => ({ zoneName: `${region}${letter}`, zoneState: 'available' })),
    },
  }),
  DescribeSubnets: (input: URLSearchParams, { network }: Account) => {
    const filters = filtersOf(input, ['subnet-id', 'vpc-id']);
    const found = network.subnetIds.filter(
      (id) => passes(filters, 'subnet-id', id) && passes(filters, 'vpc-id', network.vpcId),
    );
    return { subnetSet: { item: found.map((subnetId) => ({ subnetId, vpcId: network.vpcId })) } };
  },
  DescribeRouteTables: (input: URLSearchParams, { network }: Account) => {
    const isAsked = passes(filtersOf(input, ['vpc-id']), 'vpc-id', network.vpcId);
    return { routeTableSet: { item: isAsked ? [routeTable(network)] : [] } };
  },
  DescribeSecurityGroups: (input: URLSearchParams, { network }: Account) => {
    const filters = filtersOf(input, ['group-id']);
    const found = network.groupIds.filter((id) => passes(filters, 'group-id', id));
    return { securityGroupInfo: { item: found.map((groupId) => group(groupId, network)) } };
  },
};

/** `Filter.1.Name`, `Filter.1.Value.1`, ...; another filter than these is refused. */
function filtersOf(input: URLSearchParams, known: readonly string[]): Filters {
  const filters = new Map<string, readonly string[]>();
  for (let index = 1; input.has(`Filter.${index}.Name`); index += 1) {
    const name = input.get(`Filter.${index}.Name`) ?? '';
    if (!known.includes(name)) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
    filters.set(name, listOf(input, `Filter.${index}.Value`));
  }
  return filters;
}

const passes = (filters: Filters, name: string, value: string): boolean =>
  filters.get(name)?.includes(value) ?? true;

/** One table for all subnets. */
function routeTable({ vpcId, subnetIds, wayOut }: Network): Xml {
  const out = { destinationCidrBlock: '0.0.0.0/0', state: 'active' };
  const target = wayOut?.startsWith('nat-') ? { natGatewayId: wayOut } : { gatewayId: wayOut };
  const associations = subnetIds.map((subnetId) => ({
    subnetId,
    routeTableId: 'rtb-0aaaaaaaaaaaaaaaa',
    main: false,
  }));
  return {
    routeTableId: 'rtb-0aaaaaaaaaaaaaaaa',
    vpcId,
    associationSet: { item: associations },
    routeSet: { item: wayOut === undefined ? [] : [{ ...out, ...target }] },
  };
}

function group(groupId: string, { vpcId, egressPort }: Network): Xml {
  const ports = egressPort === undefined ? {} : { fromPort: egressPort, toPort: egressPort };
  const range = { ipRanges: { item: [{ cidrIp: '0.0.0.0/0' }] } };
  const rule = { ipProtocol: egressPort === undefined ? '-1' : 'tcp', ...ports, ...range };
  return { groupId, vpcId, ipPermissionsEgress: { item: [rule] } };
}
