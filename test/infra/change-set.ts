import { changesBetween } from '../../cli/deploy/plan/changes.ts';
import { hostBits } from '../../infra/derive.ts';
import { references, type Template } from './template.ts';

/**
 * Of each new resource CloudFormation makes the new one first and removes the old one last ("Update behaviors of stack
 * resources", AWS CloudFormation user guide). So a new one must not need what the old one holds until then.
 */
export interface ChangeSet {
  /** Logical ids of what is made: added, or made again. */
  readonly made: readonly string[];
  /** What is removed once the rest is done: gone, or made again. */
  readonly removed: readonly string[];
}

type Resource = Template['Resources'][string];

/** Of templates without conditions (`resolveConditions`). */
export function changeSet(from: Template, to: Template): ChangeSet {
  const changes = changesBetween(from, to);
  const those = (...actions: string[]) =>
    changes.filter(({ action }) => actions.includes(action)).map(({ id }) => id);
  return { made: those('make', 'replace'), removed: those('delete', 'replace') };
}

/** The values of what refers to something new are other values than before. */
function refersToNew(resource: Resource, isNew: (id: string) => boolean): Resource {
  if (!references(resource.Properties).some(isNew)) return resource;
  const renew = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renew);
    if (typeof value !== 'object' || value === null) return value;
    if (references(value).some(isNew) && isReference(value)) return { new: value };
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renew(inner)]));
  };
  return { ...resource, Properties: renew(resource.Properties) as Resource['Properties'] };
}

const isReference = (value: object): boolean => 'Ref' in value || 'Fn::GetAtt' in value || 'Fn::Sub' in value;

/** What only one resource can have at a time, beside the names of FIXED_NAMES: each a list of properties. */
const HOLDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'AWS::EC2::NatGateway': [['AllocationId']],
  'AWS::EC2::VPCGatewayAttachment': [['InternetGatewayId'], ['VpcId']],
  'AWS::EC2::Route': [['RouteTableId', 'DestinationCidrBlock']],
  'AWS::EC2::SubnetRouteTableAssociation': [['SubnetId']],
  // Each would add the same route to a table, or answer for the same name in the VPC.
  'AWS::EC2::VPCEndpoint': [['VpcId', 'ServiceName']],
  'AWS::Lambda::EventSourceMapping': [['EventSourceArn', 'FunctionName']],
  'AWS::Lambda::EventInvokeConfig': [['FunctionName', 'Qualifier']],
  'AWS::IAM::RolePolicy': [['RoleName', 'PolicyName']],
  'AWS::ApiGatewayV2::Stage': [['ApiId', 'StageName']],
  'AWS::ApiGatewayV2::Route': [['ApiId', 'RouteKey']],
};

/** Properties that are a resource's name in its account and region. A family is none: it has revisions. */
const FIXED_NAMES = [
  ...['AlarmName', 'AliasName', 'BucketName', 'ClusterName', 'DashboardName', 'FunctionName', 'GroupName'],
  ...['LogGroupName', 'ManagedPolicyName', 'Name', 'QueueName', 'RepositoryName', 'RoleName', 'TopicName'],
];

/** Types in which Name is a name for people, or FunctionName and RoleName another resource's. */
const NOT_NAMED =
  /^AWS::(?:ApiGatewayV2::Api|IAM::RolePolicy|Lambda::(?:EventInvokeConfig|EventSourceMapping|Permission))$/;

/** What is lost with a resource that is made again. */
const KEEPS_DATA =
  /^AWS::(?:Logs::LogGroup|ECR::Repository|SQS::Queue|KMS::Key|S3::Bucket|ECS::Cluster|ApiGatewayV2::Api)$/;

/** Why CloudFormation cannot make a change, or would lose something by it; empty if it can. */
export function conflicts(from: Template, to: Template): string[] {
  const { made, removed } = changeSet(from, to);
  const isAgain = (id: string) => made.includes(id);
  const claimsIn = ({ Resources }: Template, ids: readonly string[], isNew: (id: string) => boolean) =>
    ids.flatMap((id) => claims(Resources[id], isNew).map((claim) => [claim, id] as const));
  const held = claimsIn(from, removed, () => false);
  const taken = claimsIn(to, made, isAgain);
  return [
    ...taken.flatMap(([claim, id]) =>
      held.filter(([other]) => overlap(claim, other)).map(([, by]) => `${id}: ${by} still holds ${claim}`),
    ),
    ...removed
      .filter((id) => isAgain(id) && KEEPS_DATA.test(from.Resources[id]?.Type ?? ''))
      .map((id) => `${id}: would be made again, and lose what it keeps`),
  ];
}

function claims(resource: Resource | undefined, isNew: (id: string) => boolean): string[] {
  if (resource === undefined) return [];
  const { Type, Properties } = refersToNew(resource, isNew);
  const names = NOT_NAMED.test(Type) ? [] : FIXED_NAMES.map((name) => [name]);
  const ofType = Type === 'AWS::EC2::Subnet' ? [['VpcId', 'CidrBlock']] : (HOLDS[Type] ?? []);
  return [...names, ...ofType]
    .filter((keys) => keys.every((key) => Properties[key] !== undefined))
    .map((keys) => [Type, ...keys.map((key) => JSON.stringify(Properties[key]))].join(' '));
}

/** The same, or ranges of subnets of one VPC that have addresses in common. */
function overlap(one: string, other: string): boolean {
  if (one === other) return true;
  const [[vpc, first], [otherVpc, second]] = [one, other].map((claim) => {
    const at = claim.lastIndexOf(' ');
    return [claim.slice(0, at), /^"([\d.]+\/\d+)"$/.exec(claim.slice(at + 1))?.[1]] as const;
  }) as [readonly [string, string | undefined], readonly [string, string | undefined]];
  if (vpc !== otherVpc || first === undefined || second === undefined) return false;
  const bits = Math.max(hostBits(first), hostBits(second));
  return Math.floor(addressOf(first) / 2 ** bits) === Math.floor(addressOf(second) / 2 ** bits);
}

const addressOf = (cidr: string): number =>
  (cidr.split('/')[0] ?? '').split('.').reduce((number, byte) => number * 256 + Number(byte), 0);
