import { ConfigurationError } from '../functions/core/words/errors.ts';
import { list, ZONE_LETTERS, type ZoneLetter, zoneConditions, zoneLetters } from './derive.ts';

/** The VPC of a deployment, by the outputs of infra/network.yml. */
export interface DeployedNetwork {
  readonly vpcCidr: string;
  /** Those of its subnets, the one with the only NAT gateway first; empty for a stack that does not tell. */
  readonly zones: readonly string[];
  /** By a version that gave each zone the range of its place: the first zone that of a, and so on. */
  readonly isByPlace: boolean;
}

/** Of the deployment's parameters. */
export interface WantedNetwork {
  readonly network: string;
  readonly vpcCidr: string;
  /** As given. */
  readonly zones: string;
}

type Outputs = readonly { readonly OutputKey?: string; readonly OutputValue?: string }[];

/** `undefined` where no VPC can be in the way: no stack, one that makes no VPC, or one too old to tell. */
export function deployedNetwork(outputs: Outputs): DeployedNetwork | undefined {
  const values = new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const [vpcCidr, letters, names] = ['VpcCidr', 'ZoneLetters', 'Zones'].map((name) => values.get(name));
  if (vpcCidr === undefined) return undefined;
  return { vpcCidr, zones: list(letters ?? names ?? ''), isByPlace: letters === undefined };
}

/** What a VPC cannot become in place. */
const WAYS_OUT =
  'Deploy another stage beside this one and move the webhook of the App to it; or deploy network=existing with subnets of ' +
  'another VPC first, and then this again';

/**
 * The zones to deploy in: those given, or the existing ones; `undefined` where the first deployment must choose.
 * Throws ConfigurationError for a change that CloudFormation can begin and never finish.
 *
 * Zones may change freely: each has resources and a range of its own. A VPC with another range is a new VPC, made before
 * the old one is removed; but an internet gateway is attached to one VPC at a time (EC2 user guide, "Internet gateways"),
 * and neither it nor a NAT gateway's address leaves the old one for as long as that is there.
 */
export function keepNetwork(
  deployed: DeployedNetwork | undefined,
  wanted: WantedNetwork,
): readonly ZoneLetter[] | undefined {
  if (wanted.network === 'existing') return [];
  const problem = deployed && problemOf(deployed, wanted);
  if (problem !== undefined) throw refused(`${problem}. ${WAYS_OUT}`);
  const zones = wanted.zones === '' ? (deployed?.zones ?? []) : list(wanted.zones);
  return zones.length === 0 ? undefined : zoneLetters(zones);
}

function problemOf(
  { vpcCidr, zones, isByPlace }: DeployedNetwork,
  wanted: WantedNetwork,
): string | undefined {
  if (vpcCidr !== wanted.vpcCidr) return `vpcCidr cannot change from ${vpcCidr} to ${wanted.vpcCidr}`;
  if (!isByPlace || zones.every((name, place) => name.at(-1) === ZONE_LETTERS[place])) return undefined;
  return `the version that made the subnets in ${zones.join(', ')} gave them ranges that are other zones' now`;
}

/** A change that is not to be begun. osls prints the stack: of this error the message is all there is. */
export function refused(problem: string): ConfigurationError {
  const error = new ConfigurationError('The change', [problem]);
  error.stack = error.message;
  return error;
}

interface Template {
  readonly Conditions?: Record<string, unknown>;
  readonly Outputs: Record<string, object>;
}

/** Writes the zones into a packaged template: its conditions and its output. */
export function setZones(
  { Conditions, Outputs }: Template,
  letters: readonly ZoneLetter[],
  wanted: { readonly network: string; readonly natGateways: string },
): void {
  for (const [name, value] of Object.entries(zoneConditions(letters, wanted)))
    Object.assign(Object(Conditions), { [name]: { 'Fn::Equals': [value, 'true'] } });
  Outputs['ZoneLetters'] = { ...Outputs['ZoneLetters'], Value: letters.join(',') };
}
