import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Packaged, packageService, removePackages } from './package-service.ts';
import { at, ofType, properties, statementsOf, type Template } from './template.ts';

afterAll(removePackages);

const ENTRYPOINT = 'exit';
const EXISTING = {
  network: 'existing',
  subnets: 'subnet-01234567,subnet-89abcdef',
  securityGroups: 'sg-01234567',
  assignPublicIp: 'ENABLED',
};
const THREE_ZONES = { zones: 'us-east-1a,us-east-1c,us-east-1d', natGateways: 'per-zone' };

const packages: Record<string, Packaged> = {};
const resolved = (name: string): Template => {
  const packaged = packages[name];
  if (packaged === undefined) throw new Error(`${name} was not packaged.`);
  return packaged.resolved;
};

beforeAll(async () => {
  packages['private'] = await packageService({ entrypoint: ENTRYPOINT });
  packages['three zones'] = await packageService({ entrypoint: ENTRYPOINT, parameters: THREE_ZONES });
  packages['public'] = await packageService({ entrypoint: ENTRYPOINT, parameters: { network: 'public' } });
  packages['existing'] = await packageService({ entrypoint: ENTRYPOINT, parameters: EXISTING });
}, 120_000);

const count = (name: string, type: string) => ofType(resolved(name), `AWS::EC2::${type}`).length;
const environment = (name: string) =>
  at(properties(resolved(name), 'WebhookLambdaFunction'), 'Environment', 'Variables');
const subnetRefs = (name: string): unknown[] =>
  at(environment(name), 'ONESHOT_SUBNETS', 'Fn::Join', 1) as unknown[];

/** The route to everywhere of a subnet's route table. */
function defaultRoute(template: Template, subnet: string): unknown {
  const association = ofType(template, 'AWS::EC2::SubnetRouteTableAssociation').find(
    ([, { SubnetId }]) => at(SubnetId, 'Ref') === subnet,
  );
  const table = at(association?.[1], 'RouteTableId', 'Ref');
  return ofType(template, 'AWS::EC2::Route').find(
    ([, route]) => at(route, 'RouteTableId', 'Ref') === table,
  )?.[1];
}

describe('a private network', () => {
  it('should put tasks in private subnets without a public address', () => {
    expect(subnetRefs('private')).toEqual([{ Ref: 'PrivateSubnetA' }, { Ref: 'PrivateSubnetB' }]);
    expect(at(environment('private'), 'ONESHOT_ASSIGN_PUBLIC_IP')).toBe('DISABLED');
  });

  it('should have one NAT gateway, which every task uses', () => {
    expect(count('private', 'NatGateway')).toBe(1);
    for (const subnet of ['PrivateSubnetA', 'PrivateSubnetB'])
      expect(at(defaultRoute(resolved('private'), subnet), 'NatGatewayId')).toEqual({ Ref: 'NatGatewayA' });
  });

  it('should open sealed configs to the NAT address only', () => {
    const [unseal] = statementsOf(resolved('private'), 'TaskRole');
    const addresses = at(unseal, 'Condition', 'IpAddress', 'aws:SourceIp');
    expect(addresses).toEqual([{ 'Fn::Sub': `\${NatAddressA}/32` }]);
  });
});

describe('a private network over three zones with a NAT gateway in each', () => {
  it.each(['A', 'B', 'C'])('should send the tasks of zone %s through its own', (zone) => {
    expect(subnetRefs('three zones')).toContainEqual({ Ref: `PrivateSubnet${zone}` });
    const route = defaultRoute(resolved('three zones'), `PrivateSubnet${zone}`);
    expect(at(route, 'NatGatewayId')).toEqual({ Ref: `NatGateway${zone}` });
    expect(at(properties(resolved('three zones'), `NatGateway${zone}`), 'SubnetId', 'Ref')).toBe(
      `PublicSubnet${zone}`,
    );
  });

  it('should put the subnets into the zones given, each with a range of its own', () => {
    const subnets = ofType(resolved('three zones'), 'AWS::EC2::Subnet').map(([, subnet]) => subnet);
    expect(subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([
      ...THREE_ZONES.zones.split(','),
      ...THREE_ZONES.zones.split(','),
    ]);
    const ranges = subnets.map((subnet) => subnet['CidrBlock']);
    expect(ranges).toEqual([
      '10.83.0.0/19',
      '10.83.32.0/19',
      '10.83.64.0/19',
      '10.83.96.0/19',
      '10.83.128.0/19',
      '10.83.160.0/19',
    ]);
  });

  it('should open sealed configs to the three NAT addresses', () => {
    const [unseal] = statementsOf(resolved('three zones'), 'TaskRole');
    expect(at(unseal, 'Condition', 'IpAddress', 'aws:SourceIp')).toHaveLength(3);
  });
});

describe('a public network', () => {
  it('should put tasks in public subnets with a public address, without which no image is pulled', () => {
    expect(subnetRefs('public')).toEqual([{ Ref: 'PublicSubnetA' }, { Ref: 'PublicSubnetB' }]);
    expect(at(environment('public'), 'ONESHOT_ASSIGN_PUBLIC_IP')).toBe('ENABLED');
    for (const subnet of ['PublicSubnetA', 'PublicSubnetB'])
      expect(at(defaultRoute(resolved('public'), subnet), 'GatewayId')).toEqual({ Ref: 'InternetGateway' });
  });

  it('should have nothing that costs money while idle', () => {
    expect(count('public', 'NatGateway') + count('public', 'EIP')).toBe(0);
    expect(count('public', 'Subnet')).toBe(2);
  });

  it('should not tie sealed configs to an address, which differs from task to task', () => {
    const [unseal] = statementsOf(resolved('public'), 'TaskRole');
    expect(unseal?.Condition).not.toHaveProperty('IpAddress');
  });
});

describe('an existing network', () => {
  it('should be used as given', () => {
    expect(environment('existing')).toMatchObject({
      ONESHOT_SUBNETS: EXISTING.subnets,
      ONESHOT_SECURITY_GROUPS: EXISTING.securityGroups,
      ONESHOT_ASSIGN_PUBLIC_IP: 'ENABLED',
    });
  });

  it('should get nothing made in it', () => {
    const types = Object.values(resolved('existing').Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('AWS::EC2::'))).toEqual([]);
  });
});

describe('any network that is made', () => {
  it.each(['private', 'three zones', 'public'])('should let nobody connect to a task (%s)', (name) => {
    const groups = ofType(resolved(name), 'AWS::EC2::SecurityGroup');
    expect(groups).toHaveLength(1);
    expect(groups[0]?.[1]).not.toHaveProperty('SecurityGroupIngress');
    expect(count(name, 'SecurityGroupIngress')).toBe(0);
  });

  it.each(['private', 'three zones', 'public'])('should reach S3 past the NAT gateway (%s)', (name) => {
    const tables = ofType(resolved(name), 'AWS::EC2::RouteTable').map(([table]) => ({ Ref: table }));
    expect(properties(resolved(name), 'S3Endpoint')['RouteTableIds']).toEqual(tables);
  });

  it.each(['private', 'three zones', 'public', 'existing'])(
    'should refer to nothing that is not there (%s)',
    (name) => {
      const template = resolved(name);
      const text = JSON.stringify(template);
      const refs = [...text.matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"|\$\{(\w+)\}\/32/g)];
      for (const [, ref, attribute, sub] of refs)
        expect(Object.keys(template.Resources)).toContain(ref ?? attribute ?? sub);
    },
  );
});
