import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { ParameterName, RawParameters } from '../../infra/parameters.ts';
import { ROOT } from './osls.ts';

type Changes = Partial<RawParameters>;

const THREE_ZONES: Changes = { zones: 'us-east-1a,us-east-1c,us-east-1d' };
export const EXISTING: Changes = {
  network: 'existing',
  subnets: 'subnet-01234567,subnet-89abcdef',
  securityGroups: 'sg-01234567',
  assignPublicIp: 'ENABLED',
};
const OF_ECR: Changes = { image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/oneshot:1' };
const OF_PRIVATE: Changes = {
  image: 'registry.example.com/ci/runner:1',
  imageCredentials: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:ci/runner-AbCdEf',
};
const OF_PIPELINE: Changes = { imagePipeline: 'enabled', image: 'pipeline' };
const BUCKETS: Changes = { jobBuckets: 'acme-artifacts,acme-cache' };
const POLICIES: Changes = {
  jobPolicies: 'arn:aws:iam::aws:policy/ReadOnlyAccess,arn:aws:iam::123456789012:policy/jobs',
};
const BOUNDARY: Changes = { permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary' };
const DOCKER: Changes = { docker: 'enabled' };
const TOPIC: Changes = { alarmTopics: 'arn:aws:sns:us-east-1:123456789012:alarms' };

/** What is packaged by osls: each network, and each choice that makes other resources at least once. */
export const VARIANTS = {
  private: { network: 'private' },
  'private, everything on': {
    network: 'private',
    ...THREE_ZONES,
    natGateways: 'per-zone',
    endpoints: 'ecr,kms,logs,sts',
    containerInsights: 'enhanced',
    ...OF_PIPELINE,
    imageLayers: 'zstd',
    ...BUCKETS,
    ...POLICIES,
    ...BOUNDARY,
    ...TOPIC,
    alarmEmail: 'ops@example.com',
    weeklySummary: 'enabled',
    ...{ sharedMemoryMiB: '1024', diagnostics: 'enabled', execCommand: 'enabled', cacheBucket: 'enabled' },
    ...{ docker: 'enabled', dockerStorageGiB: '200' },
    fipsEndpoints: 'enabled',
    functionsInVpc: 'enabled',
    httpProxy: 'http://proxy.example.com:3128',
    noProxy: '.example.com',
    environment: '{"TZ":"Europe/Berlin","LC_ALL":"a,b"}',
    caBundle: path.join(ROOT, 'test/fixtures/authority.pem'),
    egressCidrs: '192.30.252.0/22',
    egressPrefixLists: 'pl-01234567',
  },
  'private, with Docker': { network: 'private', ...DOCKER },
  'private, an image of ECR': { network: 'private', ...OF_ECR, ...BOUNDARY },
  public: {},
  'public over three zones': {
    ...THREE_ZONES,
    endpoints: 'kms',
    imagePipeline: 'enabled',
    ...POLICIES,
  },
  existing: { ...EXISTING, ...OF_PRIVATE },
  'existing, with Docker': { ...EXISTING, assignPublicIp: 'DISABLED', ...DOCKER, ...OF_PRIVATE, ...BOUNDARY },
  'existing, with extras': {
    ...EXISTING,
    functionsInVpc: 'enabled',
    ...OF_PIPELINE,
    ...BUCKETS,
    containerInsights: 'enabled',
  },
} satisfies Record<string, Changes>;

export type VariantName = keyof typeof VARIANTS;

const PRIVATE: Changes = { network: 'private' };
const PER_ZONE: Changes = { ...PRIVATE, natGateways: 'per-zone' };

/** Where zones and NAT gateways make a difference. */
const NETWORKS: readonly Changes[] = [
  {},
  THREE_ZONES,
  PRIVATE,
  PER_ZONE,
  { ...PRIVATE, ...THREE_ZONES },
  { ...THREE_ZONES, ...PER_ZONE, functionsInVpc: 'enabled' },
  { ...EXISTING, functionsInVpc: 'enabled' },
  { ...EXISTING, assignPublicIp: 'DISABLED' },
];

/** All that changes resources: one choice of each list is a deployment, if the parameters' check has nothing to say. */
const CHOICES: readonly (readonly Changes[])[] = [
  NETWORKS,
  [{}, { endpoints: 'ecr,logs,sts' }, { endpoints: 'kms' }, { endpoints: 'ecr,kms,logs,sts' }],
  [OF_PRIVATE, OF_ECR, { imagePipeline: 'enabled' }, OF_PIPELINE],
  [{}, { containerInsights: 'enhanced' }],
  [{}, BUCKETS],
  [{}, POLICIES],
  [{}, BOUNDARY],
  [{}, { alarmEmail: 'ops@example.com' }],
  [{}, DOCKER],
];

/** Every combination of these choices. */
export const COMBINATIONS: readonly Changes[] = CHOICES.reduce<readonly Changes[]>(
  (all, choices) => all.flatMap((one) => choices.map((choice) => ({ ...one, ...choice }))),
  [{}],
);

const { params } = parse(readFileSync(path.join(ROOT, 'serverless.yml'), 'utf8'), { logLevel: 'silent' });

/** Over which a deployment may be deployed: each network, each other choice by itself, the variants, and new values. */
export const CHANGES: readonly Changes[] = [
  ...CHOICES.flat().filter((choice) => Object.keys(choice).length > 0),
  ...Object.values(VARIANTS),
  ...['us-east-1a,us-east-1b', 'us-east-1d,us-east-1b'].map((zones) => ({ ...PRIVATE, zones })),
  { ...PER_ZONE, network: 'public' },
  { zones: 'us-east-1a,us-east-1b,us-east-1c,us-east-1d', ...PER_ZONE },
  { zones: 'us-east-1c,us-east-1a' },
  ...[{ vpcCidr: '10.84.0.0/16' }, { ...PRIVATE, vpcCidr: '10.84.0.0/16' }],
  { ...EXISTING, subnets: 'subnet-fedcba98', assignPublicIp: 'DISABLED' },
  { image: 'ghcr.io/actions/actions-runner:2.340.0', imagePipeline: 'enabled', imageLayers: 'zstd' },
  { egressCidrs: '10.0.0.0/8', logRetentionDays: '7', githubApiUrl: 'https://github.example.com/api/v3' },
  { webhookRateLimit: '10', webhookBurstLimit: '20', alarmEmail: 'other@example.com', ...TOPIC },
  { weeklySummary: 'enabled', ...TOPIC },
];

/** The parameters of serverless.yml with these changes, as osls hands them over. */
export function parametersWith(changes: Changes): RawParameters {
  const defaults = Object.entries<unknown>(params.default).map(([name, value]) => [name, String(value)]);
  return { ...(Object.fromEntries(defaults) as Record<ParameterName, string>), ...changes };
}
