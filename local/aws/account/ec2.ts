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
  DescribeSecurityGroups: (input: URLSearchParams, { network, guardDuty }: Account) => {
    const filters = filtersOf(input, ['group-id', 'vpc-id', GUARDDUTY_TAG]);
    const isOfGuardDuty = filters.has(GUARDDUTY_TAG);
    const found = [...(isOfGuardDuty ? [] : network.groupIds), ...guardDuty.groups].filter(
      (id) => passes(filters, 'group-id', id) && passes(filters, 'vpc-id', network.vpcId),
    );
    return { securityGroupInfo: { item: found.map((groupId) => group(groupId, network)) } };
  },
  DescribeVpcs: (_: URLSearchParams, { network, others }: Account) => ({
    vpcSet: { item: idsOf('vpc', others.vpcs, network.vpcId).map((vpcId) => ({ vpcId })) },
  }),
  DescribeAddresses: (_: URLSearchParams, { network, others }: Account) => {
    const own = network.wayOut?.startsWith('nat-') ? 'eipalloc-0aaaaaaaaaaaaaaaa' : '';
    const all = idsOf('eipalloc', others.addresses, own);
    return { addressesSet: { item: all.map((allocationId) => ({ allocationId })) } };
  },
  DescribeVpcEndpoints: (input: URLSearchParams, { network, guardDuty, region }: Account) => {
    const filters = filtersOf(input, ['vpc-id', GUARDDUTY_TAG]);
    const serviceName = `com.amazonaws.${region}.guardduty-data`;
    const all = passes(filters, 'vpc-id', network.vpcId) ? [...guardDuty.endpoints] : [];
    const item = all.map(([vpcEndpointId, state]) => ({
      vpcEndpointId,
      state,
      serviceName,
      vpcId: network.vpcId,
    }));
    return { vpcEndpointSet: { item } };
  },
  /** An endpoint that is told to go is there for the next look, and then gone. */
  DeleteVpcEndpoints: (input: URLSearchParams, { guardDuty }: Account) => {
    for (const id of listOf(input, 'VpcEndpointId')) {
      if (!guardDuty.endpoints.has(id))
        throw new AwsError('InvalidVpcEndpointId.NotFound', `The endpoint ${id} does not exist`);
      guardDuty.endpoints.set(id, 'deleting');
      setTimeout(() => guardDuty.endpoints.delete(id), 50).unref();
    }
    return { unsuccessful: {} };
  },
  DeleteSecurityGroup: (input: URLSearchParams, { guardDuty }: Account) => {
    const id = input.get('GroupId') ?? '';
    if (guardDuty.endpoints.size > 0)
      throw new AwsError('DependencyViolation', `resource ${id} has a dependent object`);
    if (!guardDuty.groups.delete(id))
      throw new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
    return { return: true };
  },
};

const GUARDDUTY_TAG = 'tag:GuardDutyManaged';

const idsOf = (kind: string, others: number, own: string): string[] => [
  ...Array.from({ length: others }, (_, index) => `${kind}-${index}`),
  ...(own === '' ? [] : [own]),
];

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
