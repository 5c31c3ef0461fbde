import { beforeAll, describe, expect, it } from 'vitest';
import { packageSkeleton } from './skeleton.ts';
import {
  asList,
  at,
  ofType,
  properties,
  resolveConditions,
  statementsOf,
  type Template,
} from './template.ts';

const EXISTING = {
  network: 'existing',
  subnets: 'subnet-01234567,subnet-89abcdef',
  securityGroups: 'sg-01234567',
  assignPublicIp: 'ENABLED',
};
const PRIVATE = { network: 'private' };
const THREE_ZONES = { ...PRIVATE, zones: 'us-east-1a,us-east-1c,us-east-1d', natGateways: 'per-zone' };
const ALL_ENDPOINTS = 'ecr,kms,logs,sts';

const NETWORKS = {
  private: PRIVATE,
  'three zones': THREE_ZONES,
  'private with endpoints': { ...PRIVATE, endpoints: ALL_ENDPOINTS },
  'three zones with endpoints': { ...THREE_ZONES, endpoints: ALL_ENDPOINTS, egressCidrs: '192.30.252.0/22' },
  public: {},
  'public with an endpoint': { endpoints: 'kms' },
  existing: EXISTING,
};
type Network = keyof typeof NETWORKS;
const names = Object.keys(NETWORKS) as Network[];
const made = names.filter((name) => name !== 'existing');

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;

beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

const resolved = (name: Network): Template => resolveConditions(templateWith(NETWORKS[name]));

const count = (name: Network, type: string) => ofType(resolved(name), `AWS::EC2::${type}`).length;
const environment = (name: Network) =>
  at(properties(resolved(name), 'WebhookLambdaFunction'), 'Environment', 'Variables');
const subnetRefs = (name: Network): unknown[] =>
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

describe('the NAT gateways', () => {
  it.each(['private', 'three zones'] as const)(
    'should come after the internet gateway is attached, and go before it is taken off: %s',
    (name) => {
      for (const [, gateway] of Object.entries(resolved(name).Resources).filter(
        ([, { Type }]) => Type === 'AWS::EC2::NatGateway',
      ))
        expect(at(gateway, 'DependsOn')).toEqual(['InternetGatewayAttachment']);
    },
  );
});

describe('a private network over three zones with a NAT gateway in each', () => {
  it.each(['A', 'C', 'D'])('should send the tasks of zone %s through its own', (zone) => {
    expect(subnetRefs('three zones')).toContainEqual({ Ref: `PrivateSubnet${zone}` });
    const route = defaultRoute(resolved('three zones'), `PrivateSubnet${zone}`);
    expect(at(route, 'NatGatewayId')).toEqual({ Ref: `NatGateway${zone}` });
    expect(at(properties(resolved('three zones'), `NatGateway${zone}`), 'SubnetId', 'Ref')).toBe(
      `PublicSubnet${zone}`,
    );
  });

  it('should put the subnets into the zones given, each with a range of its own', () => {
    const subnets = ofType(resolved('three zones'), 'AWS::EC2::Subnet').map(([, subnet]) => subnet);
    const places = subnets.map((subnet) => [at(subnet, 'AvailabilityZone', 'Fn::Sub'), subnet['CidrBlock']]);
    const zone = (letter: string) => `\${AWS::Region}${letter}`;
    expect(places).toEqual([
      [zone('a'), '10.83.0.0/19'],
      [zone('c'), '10.83.64.0/19'],
      [zone('d'), '10.83.192.0/19'],
      [zone('a'), '10.83.96.0/19'],
      [zone('c'), '10.83.160.0/19'],
      [zone('d'), '10.83.224.0/19'],
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

describe('interface endpoints', () => {
  const endpoints = (name: Network) =>
    ofType(resolved(name), 'AWS::EC2::VPCEndpoint').filter(
      ([, { VpcEndpointType }]) => VpcEndpointType === 'Interface',
    );
  /** As CloudFormation writes it in a region of the partition. */
  const servicesIn = (partition: string, region: string, name: Network): string[] => {
    const text = JSON.stringify(templateWith(NETWORKS[name]))
      .replaceAll('{"Ref":"AWS::Partition"}', `"${partition}"`)
      .replaceAll('{"Ref":"AWS::Region"}', `"${region}"`)
      .replaceAll(`\${AWS::Region}`, region);
    return ofType(resolveConditions(JSON.parse(text)), 'AWS::EC2::VPCEndpoint').map(([, { ServiceName }]) =>
      String(at(ServiceName, 'Fn::Sub') ?? asList(at(ServiceName, 'Fn::Join', 1) as string[]).join('.')),
    );
  };
  const services = (name: Network) =>
    servicesIn('aws', 'us-east-1', name)
      .map((service) => service.replace('com.amazonaws.us-east-1.', ''))
      .filter((service) => service !== 's3');

  it.each(['private', 'three zones', 'public', 'existing'] as const)(
    'should not be there unless asked for, as each costs money (%s)',
    (name) => {
      expect(services(name)).toEqual([]);
    },
  );

  it('should be those that are asked for', () => {
    const all = ['kms', 'logs', 'ecr.api', 'ecr.dkr', 'sts'];
    expect(services('private with endpoints').toSorted()).toEqual(all.toSorted());
    expect(services('public with an endpoint')).toEqual(['kms']);
  });

  it.each([
    ['aws-cn', 'cn-north-1', ['ecr.api', 'ecr.dkr', 'sts'], 'cn.com.amazonaws'],
    ['aws-eusc', 'eusc-de-east-1', ['ecr.api', 'ecr.dkr'], 'eu.amazonaws'],
    ['aws-us-gov', 'us-gov-west-1', [], ''],
  ])('should be of services by the names that they have in %s', (partition, region, others, prefix) => {
    const expected = ['s3', 'kms', 'logs', 'ecr.api', 'ecr.dkr', 'sts'].map(
      (service) => `${others.includes(service) ? prefix : 'com.amazonaws'}.${region}.${service}`,
    );
    expect(servicesIn(partition, region, 'private with endpoints').toSorted()).toEqual(expected.toSorted());
  });

  it.each(['private with endpoints', 'three zones with endpoints', 'public with an endpoint'] as const)(
    'should answer for the service by its own name, in each subnet of the tasks (%s)',
    (name) => {
      for (const [, endpoint] of endpoints(name))
        expect(endpoint).toMatchObject({
          PrivateDnsEnabled: true,
          SubnetIds: subnetRefs(name),
          SecurityGroupIds: [{ 'Fn::GetAtt': ['EndpointSecurityGroup', 'GroupId'] }],
        });
    },
  );

  it('should be open to tasks and nobody else', () => {
    const group = properties(resolved('private with endpoints'), 'EndpointSecurityGroup');
    expect(group['SecurityGroupIngress']).toEqual([
      expect.objectContaining({
        FromPort: 443,
        ToPort: 443,
        SourceSecurityGroupId: { 'Fn::GetAtt': ['TaskSecurityGroup', 'GroupId'] },
      }),
    ]);
  });

  it('should be reached by tasks that may not reach much else', () => {
    const rules = properties(resolved('three zones with endpoints'), 'TaskSecurityGroup')[
      'SecurityGroupEgress'
    ];
    expect(rules).toMatchObject([{ CidrIp: '192.30.252.0/22' }, { CidrIp: '10.83.0.0/16' }]);
  });

  it.each(['private with endpoints', 'public with an endpoint'] as const)(
    'should be the only way by which sealed configs are opened, if there is one for KMS (%s)',
    (name) => {
      const [unseal] = statementsOf(resolved(name), 'TaskRole');
      expect(unseal?.Condition?.['StringEquals']).toMatchObject({ 'aws:SourceVpce': { Ref: 'KmsEndpoint' } });
      expect(unseal?.Condition).not.toHaveProperty('IpAddress');
    },
  );
});

describe('any network that is made', () => {
  it.each(made)('should let nobody connect to a task (%s)', (name) => {
    expect(properties(resolved(name), 'TaskSecurityGroup')).not.toHaveProperty('SecurityGroupIngress');
    expect(count(name, 'SecurityGroupIngress')).toBe(0);
    const groups = ofType(resolved(name), 'AWS::EC2::SecurityGroup').map(([group]) => group);
    expect(groups.filter((group) => group !== 'EndpointSecurityGroup')).toEqual(['TaskSecurityGroup']);
  });

  it.each(made)('should reach S3 past the NAT gateway (%s)', (name) => {
    const tables = ofType(resolved(name), 'AWS::EC2::RouteTable').map(([table]) => ({ Ref: table }));
    expect(properties(resolved(name), 'S3Endpoint')['RouteTableIds']).toEqual(tables);
  });
});

describe('functions in the VPC', () => {
  const FUNCTIONS = ['Webhook', 'Reconcile', 'Settle', 'Sweep'];
  const inside = { private: PRIVATE, 'three zones': THREE_ZONES, existing: EXISTING };
  const configs = (changes: Parameters<typeof templateWith>[0]) => {
    const template = resolveConditions(templateWith(changes));
    return FUNCTIONS.map((name) => properties(template, `${name}LambdaFunction`)['VpcConfig']);
  };

  it.each(Object.entries(inside))('should be outside unless asked for (%s)', (_, changes) => {
    expect(configs(changes)).toEqual(FUNCTIONS.map(() => undefined));
  });

  it('should be where tasks are, with their group, so that an endpoint lets them in too', () => {
    const config = {
      SubnetIds: ['A', 'C', 'D'].map((zone) => ({ Ref: `PrivateSubnet${zone}` })),
      SecurityGroupIds: [{ 'Fn::GetAtt': ['TaskSecurityGroup', 'GroupId'] }],
    };
    expect(configs({ ...THREE_ZONES, functionsInVpc: 'enabled' })).toEqual(FUNCTIONS.map(() => config));
  });

  it('should be in the subnets and groups that are given', () => {
    const config = {
      SubnetIds: EXISTING.subnets.split(','),
      SecurityGroupIds: [EXISTING.securityGroups],
    };
    expect(configs({ ...EXISTING, functionsInVpc: 'enabled' })).toEqual(FUNCTIONS.map(() => config));
  });

  it('should keep the loop of doubts open that is ours to bound', () => {
    const template = resolveConditions(templateWith({ ...PRIVATE, functionsInVpc: 'enabled' }));
    expect(properties(template, 'ReconcileLambdaFunction')['RecursiveLoop']).toBe('Allow');
  });

  it('should have roles that let Lambda attach them, and not their own code', () => {
    const template = resolveConditions(templateWith({ functionsInVpc: 'enabled' }));
    for (const name of FUNCTIONS) {
      const own = statementsOf(template, `${name}Role`).filter(({ Action }) =>
        asList(Action)[0]?.startsWith('ec2:'),
      );
      expect(own.map(({ Effect }) => Effect)).toEqual(['Allow', 'Deny']);
      expect(own[1]?.Action).toEqual(own[0]?.Action);
      expect(own[1]?.Condition).toEqual({
        ArnLike: {
          'lambda:SourceFunctionArn': { 'Fn::Sub': expect.stringMatching(/:function:oneshot-dev-\*$/) },
        },
      });
    }
  });

  it('should tell the addresses that tasks and functions come from', () => {
    const addresses = (changes: Parameters<typeof templateWith>[0]) =>
      at(resolveConditions(templateWith(changes)).Outputs['NatAddresses']?.Value, 'Fn::Join', 1);
    expect(addresses(PRIVATE)).toEqual([{ Ref: 'NatAddressA' }]);
    expect(addresses(THREE_ZONES)).toHaveLength(3);
    expect(addresses({})).toBeUndefined();
  });
});

describe('a narrow way out', () => {
  it('should lead to the prefix lists that are given', () => {
    const template = resolveConditions(
      templateWith({ egressCidrs: '192.30.252.0/22', egressPrefixLists: 'pl-01234567' }),
    );
    expect(properties(template, 'TaskSecurityGroup')['SecurityGroupEgress']).toMatchObject([
      { CidrIp: '192.30.252.0/22' },
      { DestinationPrefixListId: 'pl-01234567' },
    ]);
  });
});
