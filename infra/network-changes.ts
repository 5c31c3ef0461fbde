import { ConfigurationError } from '../functions/core/errors.ts';
import { list } from './derive.ts';

/** The network of a deployment, by the outputs of infra/network.yml or by its parameters. */
export interface NetworkChoice {
  readonly network: string;
  readonly vpcCidr: string;
  /** Of its subnets A, B and C; as a parameter in any order, and empty for the region's first two. */
  readonly zones: string;
}

type Outputs = readonly { readonly OutputKey?: string; readonly OutputValue?: string }[];

/** `undefined` where nothing of a VPC can be in the way: no stack, an older one, or one that makes no VPC. */
export function deployedNetwork(outputs: Outputs): NetworkChoice | undefined {
  const values = new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const [network, vpcCidr, zones] = ['Network', 'VpcCidr', 'Zones'].map((name) => values.get(name));
  if (network === undefined || vpcCidr === undefined || zones === undefined) return undefined;
  return { network, vpcCidr, zones };
}

/**
 * The zones of the subnets A, B and C after a change; `undefined` for those that the templates say. Throws
 * ConfigurationError for a change that CloudFormation can begin and never finish.
 *
 * It makes a subnet in another zone before it removes the old one, and the two would have the same range. So a subnet
 * keeps its zone for as long as its VPC lives, in whatever order zones are given or Fn::GetAZs lists them. A VPC with
 * another range is a new VPC; but the internet gateway cannot leave the old one while a NAT gateway's address is in it
 * (EC2 API reference, DetachInternetGateway).
 */
export function keepNetwork(deployed: NetworkChoice, wanted: NetworkChoice): string[] | undefined {
  if (wanted.network === 'existing') return undefined;
  if (wanted.vpcCidr === deployed.vpcCidr) return keepZones(list(deployed.zones), list(wanted.zones));
  if (deployed.network === 'private') throw refused(rangeCannotChange(deployed, wanted));
  return undefined;
}

function keepZones(deployed: readonly string[], wanted: readonly string[]): string[] {
  const kept = deployed.slice(0, wanted.length || 2);
  if (wanted.length === 0) return kept;
  if (!kept.every((zone) => wanted.includes(zone))) throw refused(zonesCannotChange(deployed));
  return [...kept, ...wanted.filter((zone) => !kept.includes(zone))];
}

const rangeCannotChange = (deployed: NetworkChoice, { vpcCidr }: NetworkChoice): string =>
  `vpcCidr cannot change from ${deployed.vpcCidr} to ${vpcCidr} while there are NAT gateways: deploy network=public with ` +
  `vpcCidr=${deployed.vpcCidr} first, wait until oneshot status shows no task, then deploy the new range; or deploy ` +
  'another stage beside this one';

const zonesCannotChange = (deployed: readonly string[]): string =>
  `zones cannot leave ${deployed.slice(0, 2).join(' and ')}, where subnets are${
    deployed.length > 2 ? ` (nor swap ${deployed[2]} for another)` : ''
  }: add a third zone or take it away, or give another vpcCidr with the new zones, which makes a new network`;

/** osls prints the stack: of this error the message is all there is. */
function refused(problem: string): ConfigurationError {
  const error = new ConfigurationError('The change', [problem]);
  error.stack = error.message;
  return error;
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties?: Record<string, unknown> }>>;
  readonly Outputs: Record<string, object>;
}

/** Writes the zones into a packaged template, its output included. */
export function setZones({ Resources, Outputs }: Template, zones: readonly string[]): void {
  Outputs['Zones'] = { ...Outputs['Zones'], Value: zones.join(',') };
  for (const [index, zone] of zones.entries())
    for (const kind of ['PublicSubnet', 'PrivateSubnet']) {
      const properties = Resources[`${kind}${'ABC'[index]}`]?.Properties;
      if (properties !== undefined) properties['AvailabilityZone'] = zone;
    }
}
