/** A zone's name, or CloudFormation's expression for the first, second or third zone of the region. */
export type ZoneName = string | { readonly 'Fn::Select': readonly unknown[] };

/** Leaves out the property that it is given to. */
export const NO_VALUE = { Ref: 'AWS::NoValue' } as const;
export type NoValue = typeof NO_VALUE;

/** A rule of the tasks' security group. */
export interface EgressRule {
  readonly IpProtocol: '-1';
  readonly CidrIp: string;
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

/** The zones given, or the region's first two. The third is a place-holder where there are two. */
export function firstZones(given: readonly string[]) {
  const zone = (index: number): ZoneName => given[index] ?? { 'Fn::Select': [index, { 'Fn::GetAZs': '' }] };
  return {
    zoneCount: given.length === 3 ? '3' : '2',
    zoneA: zone(0),
    zoneB: zone(1),
    zoneC: zone(2),
  } as const;
}

/** Any protocol to each range: what a job connects to is not ours to know. */
export function egressRules(cidrs: readonly string[]): EgressRule[] {
  return cidrs.map((cidr) => ({ IpProtocol: '-1', CidrIp: cidr, Description: `egressCidrs: ${cidr}` }));
}

/** Names nothing; the condition HasEcrImage keeps the statement that it stands in out of the role. */
const NO_REPOSITORY = 'arn:aws:ecr:us-east-1:000000000000:repository/none';

/** `{account}.dkr.ecr.{region}.{suffix}/{repository}` is a private ECR repository; here is its ARN. */
export function ecrImage(image: string) {
  const match = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?\/([^:@]+)/.exec(image);
  if (match === null) return { imageIsInEcr: 'false', imageRepositoryArn: NO_REPOSITORY } as const;
  const [, account, region = '', chinese, repository] = match;
  const arn = `arn:${partition(region, chinese)}:ecr:${region}:${account}:repository/${repository}`;
  return { imageIsInEcr: 'true', imageRepositoryArn: arn } as const;
}

function partition(region: string, chinese: string | undefined): string {
  if (chinese !== undefined) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
