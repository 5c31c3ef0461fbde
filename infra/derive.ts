import { PIPELINE_IMAGE } from '../functions/core/task/runner-version.ts';

/** Leaves out the property that it is given to. */
export const NO_VALUE = { Ref: 'AWS::NoValue' } as const;
export type NoValue = typeof NO_VALUE;

/** An expression that CloudFormation evaluates. */
export type Expression = Readonly<Record<string, unknown>>;

/** A rule of the tasks' security group. */
export interface EgressRule {
  readonly IpProtocol: '-1';
  readonly CidrIp?: string;
  readonly DestinationPrefixListId?: string;
  readonly Description: string;
}

/** Items of a comma separated list. */
export function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** How many bits of an address a range leaves open: 16 for a /16. */
export const hostBits = (cidr: string): number => 32 - Number(cidr.split('/')[1]);

/** A range cut into eight: 10.0.0.0/16 is 10.0.0.0/19, 10.0.32.0/19, and so on. */
export function eighths(cidr: string): string[] {
  const [address = ''] = cidr.split('/');
  const start = address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0);
  const bits = hostBits(cidr) - 3;
  return Array.from({ length: 8 }, (_, index) => `${dotted(start + index * 2 ** bits)}/${32 - bits}`);
}

const dotted = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

/** The zones that a VPC has room for: each has its own two eighths. No region but us-east-1 has others. */
export const ZONE_LETTERS = ['a', 'b', 'c', 'd'] as const;
export type ZoneLetter = (typeof ZONE_LETTERS)[number];

/** Of zones by name; those of a packaging that nobody gave zones are a and b. */
export function zoneLetters(names: readonly string[]): ZoneLetter[] {
  const letters = names.map((name) => name.at(-1) ?? '');
  return letters.length === 0 ? ['a', 'b'] : letters.filter(isZoneLetter);
}

const isZoneLetter = (letter: string): letter is ZoneLetter => ZONE_LETTERS.some((known) => known === letter);

/** The conditions of infra/network.yml that say in which zones there is what. */
export function zoneConditions(
  letters: readonly ZoneLetter[],
  { network, natGateways }: { readonly network: string; readonly natGateways: string },
) {
  const withNat = natGateways === 'per-zone' ? letters : letters.slice(0, 1);
  const conditions = (name: string, zones: readonly ZoneLetter[], isMade: boolean) =>
    ZONE_LETTERS.map((zone) => [`${name}${zone.toUpperCase()}`, truth(isMade && zones.includes(zone))]);
  return Object.fromEntries([
    ...conditions('HasZone', letters, network !== 'existing'),
    ...conditions('HasPrivate', letters, network === 'private'),
    ...conditions('HasNat', withNat, network === 'private'),
  ]) as Readonly<Record<string, 'true' | 'false'>>;
}

/** Any protocol to each range and prefix list, once: what a job connects to is not ours to know. */
export function egressRules(cidrs: readonly string[], prefixLists: readonly string[]): EgressRule[] {
  const rule = (to: string) => ({ IpProtocol: '-1', Description: `Jobs may connect to ${to}` }) as const;
  return [
    ...[...new Set(cidrs)].map((CidrIp) => ({ ...rule(CidrIp), CidrIp })),
    ...[...new Set(prefixLists)].map((id) => ({ ...rule(id), DestinationPrefixListId: id })),
  ];
}

/** The interface endpoints that can be asked for; `ecr` is two. */
export const ENDPOINTS = ['ecr', 'kms', 'logs', 'sts'] as const;

/** For the conditions of infra/network.yml. */
export function endpoints(names: readonly string[]) {
  const has = (name: (typeof ENDPOINTS)[number]) => truth(names.includes(name));
  return {
    any: truth(names.length > 0),
    ecr: has('ecr'),
    kms: has('kms'),
    logs: has('logs'),
    sts: has('sts'),
  } as const;
}

/** CloudFormation's conditions compare text, and the SDK's environment is text. */
export type Truth = 'true' | 'false';
export const truth = (value: boolean): Truth => (value ? 'true' : 'false');

/** ARNs in the partition of the deployment. */
const sub = (text: string): Expression => ({ 'Fn::Sub': text });

/** Buckets by name, as the ARNs of themselves and of all their objects. */
export function jobBuckets(names: readonly string[]) {
  const arns = (path: string) => names.map((name) => sub(`arn:\${AWS::Partition}:s3:::${name}${path}`));
  return { any: truth(names.length > 0), buckets: arns(''), objects: arns('/*') } as const;
}

/** Managed policies of the task role. */
export function jobPolicies(arns: readonly string[]) {
  const any = truth(arns.length > 0);
  return { any, arns: arns.length > 0 ? arns : NO_VALUE } as const;
}

/**
 * A larger /dev/shm, or nothing said of it. Fargate takes a tmpfs at a path of the container (aws/containers-roadmap#736,
 * shipped 2026-01-06) and no `sharedMemorySize` (ECS API reference, LinuxParameters). Without `mode` a tmpfs is writable for
 * everybody (kernel.org, tmpfs).
 */
export function linuxParameters(sharedMemoryMiB: number) {
  if (sharedMemoryMiB === 0) return NO_VALUE;
  return {
    Tmpfs: [{ ContainerPath: '/dev/shm', Size: sharedMemoryMiB, MountOptions: ['rw', 'nosuid', 'nodev'] }],
  } as const;
}

/** Names nothing; conditions keep what it stands in out of the stack. */
const NO_REPOSITORY = 'arn:aws:ecr:us-east-1:000000000000:repository/none';

/** Names nothing, as NO_REPOSITORY. */
const NO_SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:none';

/** The secret with which ECS logs in to the image's registry, if there is one. */
export function imageCredentials(given: string) {
  const isSecret = given.startsWith('arn:');
  return { are: isSecret ? 'secret' : 'none', arn: isSecret ? given : NO_SECRET } as const;
}

/** The runner image, and whether the execution role must be let pull it. */
export function runnerImage(image: string) {
  const isPipeline = image === PIPELINE_IMAGE;
  const repositoryArn = ecrRepositoryArn(image);
  return {
    name: image,
    isPipeline: truth(isPipeline),
    isInEcr: truth(isPipeline || repositoryArn !== undefined),
    repositoryArn: repositoryArn ?? NO_REPOSITORY,
  } as const;
}

/** `{account}.dkr.ecr.{region}.{suffix}/{repository}` is a private ECR repository; here is its ARN. */
function ecrRepositoryArn(image: string): string | undefined {
  const match = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.(?:com|com\.cn|eu)\/([^:@]+)/.exec(image);
  if (match === null) return undefined;
  const [, account, region = '', repository] = match;
  return `arn:${partitionOf(region)}:ecr:${region}:${account}:repository/${repository}`;
}

/** By the beginning of a region's name (AWS General Reference, ARNs; AWS European Sovereign Cloud user guide). */
const PARTITIONS = { 'cn-': 'aws-cn', 'us-gov-': 'aws-us-gov', 'eusc-': 'aws-eusc' } as const;

const partitionOf = (region: string): string =>
  Object.entries(PARTITIONS).find(([beginning]) => region.startsWith(beginning))?.[1] ?? 'aws';
