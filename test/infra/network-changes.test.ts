import { beforeAll, describe, expect, it } from 'vitest';
import { zoneConditions } from '../../infra/derive.ts';
import { type DeployedNetwork, deployedNetwork, keepNetwork, setZones } from '../../infra/network-changes.ts';
import { packageSkeleton } from './skeleton.ts';
import { at, ofType, resolveConditions } from './template.ts';

const DEPLOYED: DeployedNetwork = { vpcCidr: '10.83.0.0/16', zones: ['b', 'c'], isByPlace: false };
const WANTED = { network: 'private', vpcCidr: '10.83.0.0/16', zones: '' };
const BY_PLACE = { ...DEPLOYED, zones: ['eu-west-1a', 'eu-west-1c'], isByPlace: true };

describe('the zones of a deployment', () => {
  it.each([
    ['those that there are, in their order, where none are named', DEPLOYED, '', ['b', 'c']],
    ['those that are named', DEPLOYED, 'eu-west-1d,eu-west-1a', ['d', 'a']],
    ['those that are named at first', undefined, 'eu-west-1a,eu-west-1c', ['a', 'c']],
    ['open where nobody has chosen yet', undefined, '', undefined],
  ])('should be %s', (_, deployed, zones, expected) => {
    expect(keepNetwork(deployed, { ...WANTED, zones })).toEqual(expected);
  });

  it('should be none where no VPC is made', () => {
    expect(keepNetwork(DEPLOYED, { ...WANTED, network: 'existing', vpcCidr: '10.84.0.0/16' })).toEqual([]);
    expect(keepNetwork(BY_PLACE, { ...WANTED, network: 'existing' })).toEqual([]);
  });
});

describe('a change that CloudFormation cannot make', () => {
  it.each(['private', 'public'])('should be refused with the way out: vpcCidr, to %s', (network) => {
    expect(() => keepNetwork(DEPLOYED, { ...WANTED, network, vpcCidr: '10.84.0.0/16' })).toThrow(
      /vpcCidr cannot change from 10.83.0.0.16 to 10.84.0.0.16. Deploy another stage .* network=existing/,
    );
  });

  it('should be refused where an older version gave ranges by place, unless those are the letters’', () => {
    expect(() => keepNetwork(BY_PLACE, WANTED)).toThrow(/subnets in eu-west-1a, eu-west-1c .* another stage/);
    const alike = { ...BY_PLACE, zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] };
    expect(keepNetwork(alike, WANTED)).toEqual(['a', 'b', 'c']);
  });
});

describe('what is compared', () => {
  const shown = (outputs: Readonly<Record<string, string>>) =>
    deployedNetwork(Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })));

  it('should be what the stack has as outputs, and nothing of a stack that has none', () => {
    expect(shown({ VpcCidr: '10.83.0.0/16', ZoneLetters: 'b,c' })).toEqual(DEPLOYED);
    expect(shown({ VpcCidr: '10.83.0.0/16', Zones: 'eu-west-1a,eu-west-1c' })).toEqual(BY_PLACE);
    expect(shown({ Network: 'existing' })).toBeUndefined();
  });
});

describe('zones that are written into a packaged template', () => {
  let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;
  beforeAll(async () => {
    templateWith = await packageSkeleton();
  }, 120_000);

  it('should make the template that the parameter makes', () => {
    const wanted = { network: 'private', natGateways: 'one' };
    const written = structuredClone(templateWith(wanted));
    setZones(written, ['c', 'a'], wanted);
    const named = templateWith({ ...wanted, zones: 'us-east-1c,us-east-1a' });
    expect(resolveConditions(written)).toEqual({
      ...resolveConditions(named),
      Conditions: written.Conditions,
      Metadata: Object(written)['Metadata'], // says the parameters as they were given
    });
    expect(written.Outputs['ZoneLetters']?.Value).toBe('c,a');
    expect(Object.keys(Object(written.Conditions))).toEqual(
      expect.arrayContaining(Object.keys(zoneConditions(['a'], wanted))),
    );
  });

  it('should give each zone ranges that no other has, whichever are chosen', () => {
    const pairs = ['us-east-1a,us-east-1b', 'us-east-1b,us-east-1c', 'us-east-1d,us-east-1a'];
    const ranges = new Map<string, string>();
    for (const zones of pairs)
      for (const [, subnet] of ofType(
        resolveConditions(templateWith({ network: 'private', zones })),
        'AWS::EC2::Subnet',
      )) {
        const range = String(subnet['CidrBlock']);
        const place = `${at(subnet, 'AvailabilityZone', 'Fn::Sub')} ${String(at(subnet, 'Tags', 0, 'Value')).split(' ')[1]}`;
        expect([range, ranges.get(range) ?? place]).toEqual([range, place]);
        ranges.set(range, place);
      }
    expect(ranges.size).toBe(8);
  });
});
