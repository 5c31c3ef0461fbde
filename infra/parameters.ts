import { LONGEST_PREFIX, PREFIX_PATTERN } from '../functions/core/identity.ts';
import {
  type EgressRule,
  ecrImage,
  egressRules,
  eighths,
  firstZones,
  list,
  NO_VALUE,
  type NoValue,
  type ZoneName,
} from './derive.ts';
import * as check from './rules.ts';

/** The parameters of serverless.yml, in its order; test/infra/parameters.test.ts keeps the two the same. */
export const PARAMETER_NAMES = [
  'network',
  'vpcCidr',
  'zones',
  'natGateways',
  'egressCidrs',
  'subnets',
  'securityGroups',
  'assignPublicIp',
  'image',
  'containerInsights',
  'logRetentionDays',
  'webhookRateLimit',
  'webhookBurstLimit',
  'alarmTopics',
  'githubApiUrl',
  'permissionsBoundary',
] as const;

export type ParameterName = (typeof PARAMETER_NAMES)[number];

/** As given: what comes from the command line is text, what comes from the file may be a number. */
export type RawParameters = Readonly<Record<ParameterName, string>>;

/** Checked, typed, and with what the templates would have to compute. */
export interface Parameters {
  readonly network: string;
  readonly vpcCidr: string;
  /** The eighths of the VPC's range. */
  readonly subnetRanges: readonly string[];
  readonly zoneCount: '2' | '3';
  readonly zoneA: ZoneName;
  readonly zoneB: ZoneName;
  readonly zoneC: ZoneName;
  readonly natGateways: string;
  readonly egressRules: readonly EgressRule[];
  readonly subnets: string;
  readonly securityGroups: string;
  readonly assignPublicIp: string;
  readonly image: string;
  readonly imageIsInEcr: 'true' | 'false';
  readonly imageRepositoryArn: string;
  readonly containerInsights: string;
  readonly logRetentionDays: number;
  readonly webhookRateLimit: number;
  readonly webhookBurstLimit: number;
  readonly alarmTopics: readonly string[];
  readonly githubApiUrl: string;
  readonly permissionsBoundary: string | NoValue;
}

/** Where the parameters are for: names and zones are checked against these. */
export interface Deployment {
  readonly stack: string;
  readonly region: string;
}

/** All that is wrong, each with the parameter's name and the fix; empty if nothing is. */
export function findProblems(raw: RawParameters, deployment: Deployment): string[] {
  return [
    ...check.stackName(deployment.stack, LONGEST_PREFIX, PREFIX_PATTERN),
    ...check.oneOf('network', raw.network, ['private', 'public', 'existing']),
    ...check.vpcCidr('vpcCidr', raw.vpcCidr),
    ...check.zones('zones', raw.zones, deployment.region),
    ...check.oneOf('natGateways', raw.natGateways, ['one', 'per-zone']),
    ...check.cidrs('egressCidrs', raw.egressCidrs),
    ...(raw.network === 'existing' ? check.givenNetwork(raw) : check.noGivenNetwork(raw)),
    ...check.oneOf('assignPublicIp', raw.assignPublicIp, ['ENABLED', 'DISABLED']),
    ...check.image('image', raw.image),
    ...check.oneOf('containerInsights', raw.containerInsights, ['disabled', 'enabled', 'enhanced']),
    ...check.logRetention('logRetentionDays', raw.logRetentionDays),
    ...check.wholeNumber('webhookRateLimit', raw.webhookRateLimit, 1, 10_000),
    ...check.wholeNumber('webhookBurstLimit', raw.webhookBurstLimit, 1, 5_000),
    ...check.topicArns('alarmTopics', raw.alarmTopics, deployment.region),
    ...check.httpsUrl('githubApiUrl', raw.githubApiUrl),
    ...check.policyArn('permissionsBoundary', raw.permissionsBoundary),
  ];
}

/** The parameters as the templates use them, of those in which no problem was found. */
export function readParameters(raw: RawParameters): Parameters {
  const zones = list(raw.zones);
  return {
    ...raw,
    ...firstZones(zones),
    subnetRanges: eighths(raw.vpcCidr),
    egressRules: egressRules(list(raw.egressCidrs)),
    subnets: list(raw.subnets).join(','),
    securityGroups: list(raw.securityGroups).join(','),
    assignPublicIp: assignPublicIp(raw),
    ...ecrImage(raw.image),
    logRetentionDays: Number(raw.logRetentionDays),
    webhookRateLimit: Number(raw.webhookRateLimit),
    webhookBurstLimit: Number(raw.webhookBurstLimit),
    alarmTopics: list(raw.alarmTopics),
    githubApiUrl: raw.githubApiUrl.replace(/\/+$/, ''),
    permissionsBoundary: raw.permissionsBoundary || NO_VALUE,
  };
}

/** Without a public address an image cannot be pulled in a public subnet; behind NAT there is no use for one. */
function assignPublicIp(raw: RawParameters): string {
  if (raw.network === 'existing') return raw.assignPublicIp;
  return raw.network === 'public' ? 'ENABLED' : 'DISABLED';
}
