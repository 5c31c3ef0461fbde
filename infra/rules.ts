import { PIPELINE_IMAGE } from '../functions/core/task/runner-version.ts';
import { findCaProblem } from './ca-bundle.ts';
import { hostBits, list, runnerImage, ZONE_LETTERS } from './derive.ts';

/**
 * The checks of the deployment's parameters. Each returns the problems it found, a sentence each that begins
 * with the parameter's name, quotes what was given and ends with the fix.
 */

/** The values that CloudWatch Logs accepts (API reference, PutRetentionPolicy). */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const unless = (fine: boolean, name: string, given: string, fix: string): string[] =>
  fine ? [] : [`${name}: "${given}" is not valid; ${fix}`];

export function oneOf(name: string, given: string, allowed: readonly string[]): string[] {
  return unless(allowed.includes(given), name, given, `choose ${allowed.join(', ')}`);
}

/** Any number of the allowed values, each once. */
export function someOf(name: string, given: string, allowed: readonly string[]): string[] {
  const items = list(given);
  const fits = items.every((item) => allowed.includes(item)) && new Set(items).size === items.length;
  return unless(
    fits,
    name,
    given,
    `give some of ${allowed.join(', ')}, separated by commas, or leave it empty`,
  );
}

/** The stack's name begins each runner's name and each resource's. */
export function stackName(stack: string, longest: number, pattern: RegExp): string[] {
  const fits = stack.length <= longest && pattern.test(stack);
  const fix = `use lower-case letters, digits and single hyphens, ${longest} characters at most with the service's name`;
  return unless(fits, '--stage', stack, fix);
}

export function vpcCidr(name: string, given: string): string[] {
  const fits = isCidr(given) && hostBits(given) >= 8 && hostBits(given) <= 16;
  return unless(fits, name, given, 'give the first address of a range of /16 to /24, like 10.83.0.0/16');
}

/** A security group has 60 rules, unless the account's quota has been raised (VPC user guide, Amazon VPC quotas). */
export function cidrs(name: string, given: string): string[] {
  const items = list(given);
  const fix = 'give IPv4 ranges, forty at most, like 0.0.0.0/0 or 10.0.0.0/8,192.168.0.0/16';
  return unless(items.length > 0 && items.length <= 40 && items.every(isCidr), name, given, fix);
}

/** IPv4, with all host bits zero: EC2 refuses 10.0.0.1/16. */
function isCidr(text: string): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return false;
  const [a = 0, b = 0, c = 0, d = 0, length = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((byte) => byte > 255) || length > 32) return false;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return address % 2 ** (32 - length) === 0;
}

/** Each zone has a range of its own by its letter, and there is room for four (infra/network.yml). */
export function zones(name: string, given: string, region: string): string[] {
  const items = list(given);
  const letters = items.map((zone) => (zone.startsWith(region) ? zone.slice(region.length) : ''));
  const inRegion = letters.every((letter) => ZONE_LETTERS.some((known) => known === letter));
  const distinct = new Set(items).size === items.length;
  const fix = `give two to four different zones of ${region} out of a, b, c and d, like ${region}a,${region}b, or none for its first two`;
  return unless(items.length !== 1 && distinct && inRegion, name, given, fix);
}

interface GivenNetwork {
  readonly subnets: string;
  readonly securityGroups: string;
  readonly endpoints: string;
}

/** `network=existing` uses what it is given. */
export function givenNetwork({ subnets, securityGroups, endpoints }: GivenNetwork): string[] {
  const fix = 'nothing is made in an existing network: leave it empty, and make endpoints there yourself';
  return [
    ...unless(endpoints === '', 'endpoints', endpoints, fix),
    ...ids('subnets', subnets, 'subnet-', 16),
    ...ids('securityGroups', securityGroups, 'sg-', 5), // ECS: 16 subnets and 5 security groups a task at most
  ];
}

function ids(name: string, given: string, prefix: string, most: number): string[] {
  const items = list(given);
  const alike = items.every(
    (id) => id.startsWith(prefix) && /^[0-9a-f]{8,17}$/.test(id.slice(prefix.length)),
  );
  const fits = items.length >= 1 && items.length <= most && alike;
  return unless(
    fits,
    name,
    given,
    `network=existing needs 1 to ${most} ids, like ${prefix}0123456789abcdef0.`,
  );
}

/** Somebody who gives them expects their own network, but they would not be used. */
export function noGivenNetwork({ subnets, securityGroups }: GivenNetwork): string[] {
  const fix = 'set network=existing, which alone uses it, or leave it empty';
  return [
    ...unless(subnets === '', 'subnets', subnets, fix),
    ...unless(securityGroups === '', 'securityGroups', securityGroups, fix),
  ];
}

export function prefixLists(name: string, given: string): string[] {
  const fits = list(given).every((id) => /^pl-[0-9a-f]{8,17}$/.test(id));
  return unless(
    fits,
    name,
    given,
    'give ids of managed prefix lists, separated by commas, like pl-0123456789abcdef0.',
  );
}

interface Egress {
  readonly network: string;
  readonly egressCidrs: string;
  readonly egressPrefixLists: string;
}

/** ECR hands out layers from S3 (ECR user guide, VPC endpoints), whose ranges change: a prefix list follows them. */
export function layersOfEcr(name: string, raw: Egress, isInEcr: string, region: string): string[] {
  const reachesAll = raw.network === 'existing' || list(raw.egressCidrs).includes('0.0.0.0/0');
  const fits = reachesAll || isInEcr === 'false' || raw.egressPrefixLists !== '';
  const ask = `aws ec2 describe-managed-prefix-lists --region ${region} --filters Name=prefix-list-name,Values=com.amazonaws.${region}.s3`;
  const fix = `an image in ECR is loaded from S3, which egressCidrs leaves out. Give the prefix list that this command shows: ${ask}`;
  return unless(fits, name, raw.egressPrefixLists, fix);
}

/** Regions of partitions that AWS has not announced Managed Instances for: China and the sovereign clouds (AWS-65). */
const WITHOUT_MANAGED_INSTANCES = /^(cn|eusc)-/;

/** A task on Managed Instances gets no public address, so it needs a way out that is not its own (AWS-66). */
export function docker(
  name: string,
  raw: { docker: string; network: string; assignPublicIp: string },
  region: string,
): string[] {
  if (raw.docker !== 'enabled') return [];
  const hasWayOut =
    raw.network === 'existing' ? raw.assignPublicIp === 'DISABLED' : raw.network === 'private';
  const noWayOut =
    'a task with Docker gets no public address: choose network=private, or existing with subnets behind NAT and assignPublicIp=DISABLED';
  const notOffered = `ECS Managed Instances are not offered in ${region}: leave it disabled`;
  return [
    ...unless(hasWayOut, name, raw.docker, noWayOut),
    ...unless(!WITHOUT_MANAGED_INSTANCES.test(region), name, raw.docker, notOffered),
  ];
}

/** It runs privileged: another image from one day to the next would be somebody else's root on the instance. */
export function dockerdImage(name: string, given: string): string[] {
  const fix = 'name docker:dind by its digest, like public.ecr.aws/docker/library/docker@sha256:...';
  return unless(BY_DIGEST.test(given), name, given, fix);
}

/** Repositories that get Docker, and none of their jobs could be launched. */
export function dockerRepositories(enabled: string, repositories: readonly string[]): string[] {
  const fix =
    'runners.yml names docker.repositories, or has a rule with docker: true; choose enabled, or take them out';
  return unless(enabled === 'enabled' || repositories.length === 0, 'docker', enabled, fix);
}

/** A function gets no public address (Lambda developer guide, "Giving Lambda functions access to resources in a VPC"). */
export function functionsInVpc(name: string, raw: { functionsInVpc: string; network: string }): string[] {
  const fits = raw.functionsInVpc !== 'enabled' || raw.network !== 'public';
  const fix =
    'in public subnets a function has no way out: choose network=private, or existing with private subnets';
  return unless(fits, name, raw.functionsInVpc, fix);
}

/** Without a password: the definition of a task shows it to everybody who may read that. */
export function proxy(name: string, given: string): string[] {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const fits = /^https?:$/.test(url?.protocol ?? '') && url?.username === '' && url.pathname === '/';
  const hidden = given.replace(/\/\/.*@/, '//***@');
  const fix = 'give an address without path, user and password, like http://proxy.example.com:3128';
  return unless(given === '' || (fits && url.search + url.hash === ''), name, hidden, fix);
}

/** Hosts only: curl reads ranges, Node and .NET do not. */
export function noProxy(name: string, raw: { httpProxy: string; noProxy: string }): string[] {
  const isHost = (item: string) => /^\.?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(item);
  const fix =
    'give hosts separated by commas, like github.example.com,.internal.example.com, without range, port or wildcard';
  return [
    ...unless(list(raw.noProxy).every(isHost), name, raw.noProxy, fix),
    ...unless(
      raw.noProxy === '' || raw.httpProxy !== '',
      name,
      raw.noProxy,
      'give httpProxy too, or leave this empty',
    ),
  ];
}

export function caBundle(name: string, given: string): string[] {
  const problem = findCaProblem(given);
  return unless(problem === undefined, name, given, problem ?? '');
}

const IMAGE = /^[\w.-]+(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]{1,128}|@sha256:[0-9a-f]{64})$/;

/** Without a tag it would be `latest`: another runner from one day to the next, without a way back. */
export function image(name: string, given: string, pipeline: string): string[] {
  if (given === PIPELINE_IMAGE)
    return unless(pipeline === 'enabled', name, given, 'set imagePipeline=enabled and build once');
  return unless(
    IMAGE.test(given),
    name,
    given,
    'name a tag or a digest, like ghcr.io/actions/actions-runner:2.336.0, or "pipeline"',
  );
}

/** Registries of which nobody can tell by the name whether an image is private; for most of theirs nobody has to log in. */
const PUBLIC_REGISTRIES =
  /^(ghcr\.io|docker\.io|registry-1\.docker\.io|public\.ecr\.aws|quay\.io|mcr\.microsoft\.com|mirror\.gcr\.io)\//;

/** Without them ECS fails each task with CannotPullContainerError, long after the deployment. */
export function imageCredentials(
  name: string,
  raw: { image: string; imageCredentials: string },
  region: string,
): string[] {
  const { image: reference, imageCredentials: given } = raw;
  const isSecret = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/.test(given);
  const form = `give the ARN of a secret in ${region}, or "none" if anybody may read the image`;
  if (runnerImage(reference).isInEcr === 'true')
    return unless(
      given === '',
      name,
      given,
      'an image in ECR is pulled with the execution role; leave it empty',
    );
  if (given !== '' && given !== 'none')
    return unless(isSecret && given.split(':')[3] === region, name, given, form);
  const hasHost = IMAGE.test(reference) && /^[^/]*[.:][^/]*\//.test(reference);
  const fits = given === 'none' || !hasHost || PUBLIC_REGISTRIES.test(reference);
  return unless(fits, name, given, `${reference} is in a registry that may be private; ${form}`);
}

export function repository(name: string, given: string): string[] {
  const fix = 'give a repository without a tag or digest, like ghcr.io/actions/actions-runner';
  return unless(/^[\w.-]+(?::\d+)?(?:\/[\w.-]+)+$/.test(given), name, given, fix);
}

const BY_DIGEST = /^[\w.-]+(?::\d+)?(?:\/[\w.-]+)+@sha256:[0-9a-f]{64}$/;

/** The image runs privileged, and pushes what tasks will run. */
export function pinned(name: string, given: string): string[] {
  const fits = given === '' || BY_DIGEST.test(given);
  return unless(fits, name, given, 'name it by digest, like registry.example.com/moby/buildkit@sha256:...');
}

/** Without a password: anybody who may read the build's project sees it. */
export function actions(name: string, given: string): string[] {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const fits = url?.protocol === 'https:' && url.username === '' && url.search + url.hash === '';
  const hidden = given.replace(/\/\/.*@/, '//***@');
  const fix =
    'give an https address without user, query and fragment, like https://github.com/actions, or none';
  return unless(given === 'none' || fits, name, hidden, fix);
}

export function logRetention(name: string, given: string): string[] {
  const fix = `CloudWatch Logs accepts ${RETENTION_DAYS.join(', ')}`;
  return unless(/^\d+$/.test(given) && RETENTION_DAYS.includes(Number(given)), name, given, fix);
}

/** 64 MiB exist already. What is used of a tmpfs counts against the task's memory, so 4 GiB is plenty. */
export function sharedMemory(name: string, given: string): string[] {
  const fits = /^\d+$/.test(given) && (Number(given) === 0 || (Number(given) > 64 && Number(given) <= 4096));
  return unless(fits, name, given, 'give 0, or MiB from 65 to 4096, like 1024');
}

export function wholeNumber(name: string, given: string, least: number, most: number): string[] {
  const fits = /^\d+$/.test(given) && Number(given) >= least && Number(given) <= most;
  return unless(fits, name, given, `give a whole number from ${least} to ${most}`);
}

/** Another path or host answers too, but with pages (docs.github.com, REST API, of each product). */
function isApi({ hostname, pathname }: URL): boolean {
  const isOfGitHub = /(^|\.)(github|ghe)\.com$/.test(hostname);
  const path = pathname.replace(/\/+$/, '');
  return isOfGitHub ? hostname.startsWith('api.') && path === '' : path === '/api/v3';
}

export function apiUrl(name: string, given: string): string[] {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const fits = url?.protocol === 'https:' && url.username === '' && url.search === '' && url.hash === '';
  const fix =
    'give the https URL of the REST API: https://api.github.com, https://api.NAME.ghe.com or https://HOSTNAME/api/v3.';
  return unless(fits && isApi(url), name, given, fix);
}

/** ECS has FIPS endpoints in the regions of the US and in GovCloud (US) only (docs.aws.amazon.com, ECS endpoints and quotas). */
export function fips(name: string, given: string, region: string): string[] {
  const fix = `ECS has no FIPS endpoint in ${region}: deploy in a region us-*, or leave it disabled`;
  return unless(given !== 'enabled' || region.startsWith('us-'), name, given, fix);
}

/** An interface endpoint answers for the service's standard name: past it, no sealed config is opened (infra/iam.yml). */
export function dualStack(name: string, raw: { dualStackEndpoints: string; endpoints: string }): string[] {
  const isPastEndpoint = raw.dualStackEndpoints === 'enabled' && list(raw.endpoints).length > 0;
  const fix =
    'interface endpoints do not answer for those names; leave it disabled, or leave endpoints empty';
  return unless(!isPastEndpoint, name, raw.dualStackEndpoints, fix);
}

export function policyArn(name: string, given: string): string[] {
  const fix = 'give the ARN of a managed policy, like arn:aws:iam::123456789012:policy/boundary.';
  return unless(given === '' || isPolicyArn(given), name, given, fix);
}

/** IAM: ten managed policies to a role, unless the account's quota has been raised. */
export function policyArns(name: string, given: string): string[] {
  const items = list(given);
  const fits = items.length <= 10 && new Set(items).size === items.length && items.every(isPolicyArn);
  const fix = 'give ARNs of managed policies, ten at most, like arn:aws:iam::123456789012:policy/jobs.';
  return unless(fits, name, given, fix);
}

const isPolicyArn = (arn: string): boolean =>
  /^arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy\/[\w+=.@/-]+$/.test(arn);

/**
 * Names only, no ARNs and no wildcards: `*` would be every bucket of the account. (S3: bucket naming rules.) Twenty of
 * the longest fill the inline policies of the task role by a third.
 */
export function buckets(name: string, given: string): string[] {
  const isBucket = (item: string) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(item);
  const fix =
    'give names of buckets separated by commas, twenty at most, like acme-artifacts,acme-cache, without ARN, path or wildcard';
  return unless(list(given).length <= 20 && list(given).every(isBucket), name, given, fix);
}

/** An alarm tells topics of its own region only, and five of them (CloudWatch API reference, PutMetricAlarm). */
export function topicArns(name: string, given: string, region: string, email: string): string[] {
  const most = email === '' ? 5 : 4; // the one that mails is one
  const isTopic = (arn: string) =>
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/.test(arn) && arn.split(':')[3] === region;
  const fix = `give ARNs of SNS topics in ${region}, ${most} at most${email && ' with alarmEmail'}, like arn:aws:sns:${region}:123456789012:alarms`;
  return unless(list(given).length <= most && list(given).every(isTopic), name, given, fix);
}

/** A summary that nobody gets is a mistake. */
export function weeklySummary(
  name: string,
  {
    weeklySummary: given,
    alarmTopics,
    alarmEmail,
  }: Record<'weeklySummary' | 'alarmTopics' | 'alarmEmail', string>,
): string[] {
  const isHeard = given !== 'enabled' || alarmTopics !== '' || alarmEmail !== '';
  return unless(isHeard, name, given, 'give alarmEmail or alarmTopics too: nobody would get it');
}

export function email(name: string, given: string): string[] {
  const isAddress = given === '' || /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(given);
  return unless(isAddress, name, given, 'give one address, like ops@example.com, or nothing');
}
