import { beforeAll, describe, expect, it } from 'vitest';
import { deployedNetwork, keepNetwork, type NetworkChoice, setZones } from '../../infra/network-changes.ts';
import { type Packaged, packageService } from './package-service.ts';
import { at } from './template.ts';

const DEPLOYED: NetworkChoice = {
  ...{ network: 'private', vpcCidr: '10.83.0.0/16', zones: 'eu-west-1a,eu-west-1b' },
};
const THREE = { ...DEPLOYED, zones: 'eu-west-1a,eu-west-1b,eu-west-1c' };
const zonesAfter = (deployed: NetworkChoice, change: Partial<NetworkChoice>) =>
  keepNetwork(deployed, { ...deployed, ...change });

describe('a change of zones', () => {
  it.each([
    ['none are named, whatever Fn::GetAZs lists first', DEPLOYED, '', ['a', 'b']],
    ['they are named in another order', DEPLOYED, 'eu-west-1b,eu-west-1a', ['a', 'b']],
    ['a third comes, in any place', DEPLOYED, 'eu-west-1c,eu-west-1b,eu-west-1a', ['a', 'b', 'c']],
    ['the third goes', THREE, 'eu-west-1a,eu-west-1b', ['a', 'b']],
    ['the network becomes public', { ...DEPLOYED, network: 'public' }, '', ['a', 'b']],
  ])('should leave each subnet in its zone where %s', (_, deployed, zones, expected) => {
    expect(zonesAfter(deployed, { zones })).toEqual(expected.map((letter) => `eu-west-1${letter}`));
  });

  it.each([
    ['another zone for one that has a subnet', DEPLOYED, 'eu-west-1a,eu-west-1c'],
    ['both others', DEPLOYED, 'eu-west-1c,eu-west-1d'],
    ['another third', THREE, 'eu-west-1a,eu-west-1b,eu-west-1d'],
    ['the first of three gone', THREE, 'eu-west-1b,eu-west-1c'],
  ])('should be refused with the way out: %s', (_, deployed, zones) => {
    expect(() => zonesAfter(deployed, { zones })).toThrow(
      /zones cannot leave eu-west-1a and eu-west-1b.*give another vpcCidr/s,
    );
  });

  it('should be free where the network is a new one, or none', () => {
    const zones = 'eu-west-1c,eu-west-1d';
    expect(
      zonesAfter({ ...DEPLOYED, network: 'public' }, { zones, vpcCidr: '10.84.0.0/16' }),
    ).toBeUndefined();
    expect(zonesAfter(DEPLOYED, { zones, network: 'existing' })).toBeUndefined();
  });
});

describe('a change of vpcCidr', () => {
  it.each(['private', 'public'])(
    'should be refused with the way out where NAT gateways are, to %s',
    (network) => {
      expect(() => zonesAfter(DEPLOYED, { network, vpcCidr: '10.84.0.0/16' })).toThrow(
        /vpcCidr cannot change from 10.83.0.0.16 to 10.84.0.0.16 .*network=public with vpcCidr=10.83.0.0.16 first/s,
      );
    },
  );
});

describe('what is compared', () => {
  let packaged: Packaged;
  beforeAll(async () => {
    packaged = await packageService({ entrypoint: 'exit', parameters: { network: 'private' } });
  }, 120_000);

  it('should be what the stack has as outputs, and nothing of a stack that has none', () => {
    const outputs = Object.keys(packaged.resolved.Outputs);
    expect(outputs).toEqual(expect.arrayContaining(['Network', 'VpcCidr', 'Zones']));
    const { network: Network, vpcCidr: VpcCidr, zones: Zones } = DEPLOYED;
    const pairs = Object.entries({ Network, VpcCidr, Zones });
    const shown = pairs.map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
    expect(deployedNetwork(shown)).toEqual(DEPLOYED);
    expect(deployedNetwork(shown.slice(0, 1))).toBeUndefined();
  });

  it('should be written into every subnet of the template', () => {
    const template = structuredClone(packaged.resolved);
    setZones(template, ['eu-west-1c', 'eu-west-1a']);
    expect(template.Outputs['Zones']?.Value).toBe('eu-west-1c,eu-west-1a');
    const zoneOf = (name: string) => at(template.Resources[name], 'Properties', 'AvailabilityZone');
    expect(
      ['A', 'B'].flatMap((slot) => [zoneOf(`PublicSubnet${slot}`), zoneOf(`PrivateSubnet${slot}`)]),
    ).toEqual([...['eu-west-1c', 'eu-west-1c', 'eu-west-1a', 'eu-west-1a']]);
  });
});
