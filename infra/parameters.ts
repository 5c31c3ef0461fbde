import path from 'node:path';
import { LONGEST_STACK, PREFIX_PATTERN } from '../functions/core/job/identity.ts';
import { readCertificates } from './ca-bundle.ts';
import {
  type EgressRule,
  ENDPOINTS,
  egressRules,
  eighths,
  endpoints,
  imageCredentials,
  jobBuckets,
  jobPolicies,
  linuxParameters,
  list,
  NO_VALUE,
  type NoValue,
  runnerImage,
  type Truth,
  truth,
  zoneConditions,
  zoneLetters,
} from './derive.ts';
import * as check from './rules.ts';
import { environment } from './task-environment.ts';

/** The parameters of serverless.yml, in its order; test/infra/parameters.test.ts keeps the two the same. */
export const PARAMETER_NAMES = [
  'network',
  'vpcCidr',
  'zones',
  'natGateways',
  'egressCidrs',
  'egressPrefixLists',
  'endpoints',
  'subnets',
  'securityGroups',
  'assignPublicIp',
  'functionsInVpc',
  'httpProxy',
  'noProxy',
  'caBundle',
  'image',
  'imageCredentials',
  'imagePipeline',
  'imageLayers',
  'imageBase',
  'imageBuildkit',
  'imageActions',
  'environment',
  'sharedMemoryMiB',
  'containerInsights',
  'diagnostics',
  'execCommand',
  'docker',
  'dockerStorageGiB',
  'dockerdImage',
  'logRetentionDays',
  'webhookRateLimit',
  'webhookBurstLimit',
  'alarmTopics',
  'alarmEmail',
  'weeklySummary',
  'fipsEndpoints',
  'dualStackEndpoints',
  'githubApiUrl',
  'jobBuckets',
  'jobPolicies',
  'cacheBucket',
  'cacheDays',
  'permissionsBoundary',
] as const;

export type ParameterName = (typeof PARAMETER_NAMES)[number];

/** As given: text from the command line, perhaps a number from the file. */
export type RawParameters = Readonly<Record<ParameterName, string>>;

/** The topic of infra/observability.yml, which is there under its condition only, as the condition here says too. */
const ALARM_TOPIC = { 'Fn::If': ['HasAlarmEmail', { Ref: 'AlarmTopic' }, { Ref: 'AWS::NoValue' }] } as const;

/** This machine; Lambda's runtime, instance metadata and the credentials of a task, which are link-local. */
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '169.254.100.1', '169.254.169.254', '169.254.170.2'];

/** Checked and typed, with what the templates cannot compute. */
export interface Parameters {
  /** As they were given or by default. */
  readonly given: RawParameters;
  readonly network: string;
  readonly vpcCidr: string;
  /** As given. */
  readonly zones: string;
  /** The eighths of the VPC's range. */
  readonly subnetRanges: readonly string[];
  /** Like `a,c`; the first has the NAT gateway where there is one for all. */
  readonly zoneLetters: string;
  readonly zoneConditions: ReturnType<typeof zoneConditions>;
  readonly natGateways: string;
  readonly egressRules: readonly EgressRule[];
  readonly endpoints: ReturnType<typeof endpoints>;
  readonly subnets: string;
  readonly subnetIds: readonly string[];
  readonly securityGroups: string;
  readonly securityGroupIds: readonly string[];
  readonly assignPublicIp: string;
  readonly functionsInVpc: string;
  readonly httpProxy: string;
  /** With the hosts that must never go through a proxy. */
  readonly noProxy: string;
  /** Certificates as PEM; empty for none. */
  readonly caBundle: string;
  readonly caBundleIs: 'given' | 'none';
  readonly image: ReturnType<typeof runnerImage>;
  readonly imageCredentials: ReturnType<typeof imageCredentials>;
  readonly imagePipeline: string;
  readonly imageLayers: string;
  readonly imageBase: string;
  readonly imageBuildkit: string;
  readonly imageActions: string;
  readonly linuxParameters: ReturnType<typeof linuxParameters>;
  readonly containerInsights: string;
  readonly diagnostics: string;
  readonly execCommand: string;
  readonly docker: string;
  readonly dockerStorageGiB: number;
  readonly dockerdImage: string;
  readonly logRetentionDays: number;
  readonly webhookRateLimit: number;
  readonly webhookBurstLimit: number;
  readonly alarmTopics: readonly string[];
  /** What an alarm tells: those topics, and our own that mails. */
  readonly alarmActions: readonly (string | typeof ALARM_TOPIC)[];
  /** The same as one text, with commas. */
  readonly summaryTopics: { readonly 'Fn::Join': readonly [',', Parameters['alarmActions']] };
  readonly alarmEmail: string;
  readonly weeklySummary: string;
  readonly usesFips: Truth;
  /** The name of its host and of its interface endpoint. */
  readonly kmsService: 'kms' | 'kms-fips';
  readonly usesDualStack: Truth;
  readonly githubApiUrl: string;
  readonly jobBuckets: ReturnType<typeof jobBuckets>;
  readonly jobPolicies: ReturnType<typeof jobPolicies>;
  readonly cacheBucket: string;
  readonly cacheDays: number;
  readonly permissionsBoundary: string | NoValue;
}

/** Where the parameters are for: names and zones are checked against these. */
export interface Deployment {
  readonly stack: string;
  readonly region: string;
}

/** All problems, each with the parameter's name and the fix; empty if there are none. */
export function findProblems(raw: RawParameters, deployment: Deployment): string[] {
  return [
    ...check.stackName(deployment.stack, LONGEST_STACK, PREFIX_PATTERN),
    ...check.oneOf('network', raw.network, ['private', 'public', 'existing']),
    ...check.vpcCidr('vpcCidr', raw.vpcCidr),
    ...check.zones('zones', raw.zones, deployment.region),
    ...check.oneOf('natGateways', raw.natGateways, ['one', 'per-zone']),
    ...check.cidrs('egressCidrs', raw.egressCidrs),
    ...check.prefixLists('egressPrefixLists', raw.egressPrefixLists),
    ...check.layersOfEcr('egressPrefixLists', raw, runnerImage(raw.image).isInEcr, deployment.region),
    ...check.someOf('endpoints', raw.endpoints, ENDPOINTS),
    ...(raw.network === 'existing' ? check.givenNetwork(raw) : check.noGivenNetwork(raw)),
    ...check.oneOf('assignPublicIp', raw.assignPublicIp, ['ENABLED', 'DISABLED']),
    ...check.oneOf('functionsInVpc', raw.functionsInVpc, ['disabled', 'enabled']),
    ...check.functionsInVpc('functionsInVpc', raw),
    ...check.proxy('httpProxy', raw.httpProxy),
    ...check.noProxy('noProxy', raw),
    ...check.caBundle('caBundle', raw.caBundle),
    ...check.image('image', raw.image, raw.imagePipeline),
    ...check.imageCredentials('imageCredentials', raw, deployment.region),
    ...check.oneOf('imagePipeline', raw.imagePipeline, ['disabled', 'enabled']),
    ...check.oneOf('imageLayers', raw.imageLayers, ['lazy', 'zstd']),
    ...check.repository('imageBase', raw.imageBase),
    ...check.pinned('imageBuildkit', raw.imageBuildkit),
    ...check.actions('imageActions', raw.imageActions),
    ...environment(raw.environment),
    ...check.sharedMemory('sharedMemoryMiB', raw.sharedMemoryMiB),
    ...check.oneOf('containerInsights', raw.containerInsights, ['disabled', 'enabled', 'enhanced']),
    ...check.oneOf('diagnostics', raw.diagnostics, ['disabled', 'enabled']),
    ...check.oneOf('execCommand', raw.execCommand, ['disabled', 'enabled']),
    ...check.oneOf('docker', raw.docker, ['disabled', 'enabled']),
    ...check.docker('docker', raw, deployment.region),
    ...check.wholeNumber('dockerStorageGiB', raw.dockerStorageGiB, 30, 16_384),
    ...check.dockerdImage('dockerdImage', raw.dockerdImage),
    ...check.logRetention('logRetentionDays', raw.logRetentionDays),
    ...check.wholeNumber('webhookRateLimit', raw.webhookRateLimit, 1, 10_000),
    ...check.wholeNumber('webhookBurstLimit', raw.webhookBurstLimit, 1, 5_000),
    ...check.topicArns('alarmTopics', raw.alarmTopics, deployment.region, raw.alarmEmail),
    ...check.email('alarmEmail', raw.alarmEmail),
    ...check.oneOf('weeklySummary', raw.weeklySummary, ['disabled', 'enabled']),
    ...check.weeklySummary('weeklySummary', raw),
    ...check.oneOf('fipsEndpoints', raw.fipsEndpoints, ['disabled', 'enabled']),
    ...check.fips('fipsEndpoints', raw.fipsEndpoints, deployment.region),
    ...check.oneOf('dualStackEndpoints', raw.dualStackEndpoints, ['disabled', 'enabled']),
    ...check.dualStack('dualStackEndpoints', raw),
    ...check.apiUrl('githubApiUrl', raw.githubApiUrl),
    ...check.buckets('jobBuckets', raw.jobBuckets),
    ...check.policyArns('jobPolicies', raw.jobPolicies),
    ...check.oneOf('cacheBucket', raw.cacheBucket, ['disabled', 'enabled']),
    ...check.wholeNumber('cacheDays', raw.cacheDays, 1, 365),
    ...check.policyArn('permissionsBoundary', raw.permissionsBoundary),
  ];
}

/** The parameters as the templates use them. Call it only with parameters that have no problems. */
export function readParameters(raw: RawParameters): Parameters {
  return {
    ...raw,
    given: { ...raw, caBundle: path.basename(raw.caBundle) },
    zoneLetters: zoneLetters(list(raw.zones)).join(','),
    zoneConditions: zoneConditions(zoneLetters(list(raw.zones)), raw),
    subnetRanges: eighths(raw.vpcCidr),
    // Tasks reach the endpoints inside the VPC, whatever else they may reach.
    egressRules: egressRules(
      [...list(raw.egressCidrs), ...(raw.endpoints === '' ? [] : [raw.vpcCidr])],
      list(raw.egressPrefixLists),
    ),
    endpoints: endpoints(list(raw.endpoints)),
    subnets: list(raw.subnets).join(','),
    subnetIds: list(raw.subnets),
    securityGroups: list(raw.securityGroups).join(','),
    securityGroupIds: list(raw.securityGroups),
    assignPublicIp: assignPublicIp(raw),
    httpProxy: raw.httpProxy.replace(/\/$/, ''),
    noProxy: [...new Set([...LOCAL_HOSTS, ...list(raw.noProxy)])].join(','),
    caBundle: readCertificates(raw.caBundle),
    caBundleIs: raw.caBundle === '' ? 'none' : 'given',
    image: runnerImage(raw.image),
    imageCredentials: imageCredentials(raw.imageCredentials),
    imageActions: raw.imageActions.replace(/\/+$/, ''),
    linuxParameters: linuxParameters(Number(raw.sharedMemoryMiB)),
    dockerStorageGiB: Number(raw.dockerStorageGiB),
    cacheDays: Number(raw.cacheDays),
    logRetentionDays: Number(raw.logRetentionDays),
    webhookRateLimit: Number(raw.webhookRateLimit),
    webhookBurstLimit: Number(raw.webhookBurstLimit),
    alarmTopics: list(raw.alarmTopics),
    alarmActions: alarmActions(raw),
    summaryTopics: { 'Fn::Join': [',', alarmActions(raw)] },
    usesFips: truth(raw.fipsEndpoints === 'enabled'),
    kmsService: raw.fipsEndpoints === 'enabled' ? 'kms-fips' : 'kms',
    usesDualStack: truth(raw.dualStackEndpoints === 'enabled'),
    githubApiUrl: raw.githubApiUrl.replace(/\/+$/, ''),
    jobBuckets: jobBuckets(list(raw.jobBuckets)),
    jobPolicies: jobPolicies(list(raw.jobPolicies)),
    permissionsBoundary: raw.permissionsBoundary || NO_VALUE,
  };
}

const alarmActions = ({ alarmTopics, alarmEmail }: RawParameters): Parameters['alarmActions'] => [
  ...list(alarmTopics),
  ...(alarmEmail ? [ALARM_TOPIC] : []),
];

/** Without a public address an image cannot be pulled in a public subnet; behind NAT it has no use. */
function assignPublicIp(raw: RawParameters): string {
  if (raw.network === 'existing') return raw.assignPublicIp;
  return raw.network === 'public' ? 'ENABLED' : 'DISABLED';
}
