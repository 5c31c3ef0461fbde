import { OPERATIONS, type Operation } from '../../local/aws/cloudformation/handlers.ts';
import { handlerNeeds, type Need } from '../../local/aws/cloudformation/needs.ts';
import { type AccessRequest, decide, type Statement } from '../../local/aws/iam/evaluate.ts';
import { packageSkeleton } from './skeleton.ts';
import { asList, type Template } from './template.ts';
import { VARIANTS } from './variants.ts';

/** Where the templates of the tests are deployed. */
export const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const STACK = 'oneshot-dev';
const regional = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const BUCKET = `arn:aws:s3:::${STACK}-serverlessdeploymentbucket-1a2b3c4d5e6f`;

export const siteOf = ({ Resources: resources }: Template) => ({
  ...{ stack: STACK, region: REGION, account: ACCOUNT, resources },
});

type Changes = Parameters<Awaited<ReturnType<typeof packageSkeleton>>>[0];

export interface HandlerNeed extends Need {
  readonly operation: Operation;
}

/** What CloudFormation needs for every resource of every variant, to make, look at, change and remove it; each once. */
export async function handlerProofs(besides: Changes = {}): Promise<HandlerNeed[]> {
  const templateWith = await packageSkeleton();
  const found = new Map<string, HandlerNeed>();
  for (const changes of Object.values(VARIANTS)) {
    const site = siteOf(templateWith({ ...changes, ...besides }));
    for (const logicalId of Object.keys(site.resources))
      for (const operation of OPERATIONS)
        for (const need of await handlerNeeds(site, logicalId, operation)) {
          const { action, resource, context } = need;
          found.set(JSON.stringify([action, resource, context]), { ...need, operation });
        }
  }
  return [...found.values()];
}

const asked = (action: string, resource: string): AccessRequest => ({ action, resource, context: {} });
const stack = regional('cloudformation', `stack/${STACK}/1`);

/**
 * What osls itself asks; test/world/long/deployer.test.ts records it. Before a removal it also asks for a registry that is
 * named otherwise, and takes a refusal for none (osls, check-if-ecr-repository-exists.js).
 */
export const OSLS_CALLS: readonly AccessRequest[] = [
  ...[
    ...['CreateChangeSet', 'DeleteChangeSet', 'DeleteStack', 'DescribeChangeSet', 'DescribeStackEvents'],
    ...['DescribeStackResource', 'DescribeStacks', 'ExecuteChangeSet', 'GetTemplate', 'ListStackResources'],
  ].map((name) => asked(`cloudformation:${name}`, stack)),
  asked('cloudformation:ValidateTemplate', '*'),
  asked('s3:ListBucket', BUCKET),
  ...['DeleteObject', 'GetObject', 'PutObject'].map((name) =>
    asked(`s3:${name}`, `${BUCKET}/serverless/x.zip`),
  ),
  asked('lambda:GetFunction', regional('lambda', `function:${STACK}-webhook`)),
];

/** What the plugin asks before and after osls (infra/account-plugin.js), besides what its tests record. */
const OF_THE_PLUGIN: readonly AccessRequest[] = [
  asked('ec2:DescribeAvailabilityZones', '*'),
  ...['iam:GetRole', 'iam:CreateServiceLinkedRole'].map((action) =>
    asked(action, `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`),
  ),
];

/**
 * On all resources: so the Service Authorization Reference had it before it named resources of these actions, and services
 * may still ask so. DescribeAlarms is so of several alarms.
 */
const ON_ALL: readonly AccessRequest[] = [
  ...['ecs:RegisterTaskDefinition', 'sns:Unsubscribe', 'cloudwatch:DescribeAlarms'].map((action) => ({
    ...asked(action, '*'),
    context: { 'aws:CalledVia': ['cloudformation.amazonaws.com'] },
  })),
  // API Gateway asks these in the name of who deploys; it is none of the services that AWS lists for aws:CalledVia.
  ...[
    'CreateLogDelivery',
    'GetLogDelivery',
    'ListLogDeliveries',
    'UpdateLogDelivery',
    'DeleteLogDelivery',
  ].map((name) => asked(`logs:${name}`, '*')),
  ...['DescribeResourcePolicies', 'PutResourcePolicy'].map((name) => asked(`logs:${name}`, '*')),
];

/** The Parameter Store seals what is over 4 KB, or of the advanced tier, with a data key. */
const SEALED: AccessRequest = {
  ...asked('kms:GenerateDataKey', regional('kms', 'key/11111111-2222-3333-4444-555555555555')),
  context: {
    'kms:ViaService': `ssm.${REGION}.amazonaws.com`,
    'kms:EncryptionContext:PARAMETER_ARN': regional('ssm', 'parameter/oneshot/dev/github/private-key'),
  },
};

const registry = regional('ecr', `repository/${STACK}-runner`);

/** What the commands of docs/deploy.md ask. The registry's token and image are for `crane`. */
export const COMMANDS: Readonly<Record<string, readonly AccessRequest[]>> = {
  'ec2 describe-availability-zones': [asked('ec2:DescribeAvailabilityZones', '*')],
  'ec2 describe-managed-prefix-lists': [asked('ec2:DescribeManagedPrefixLists', '*')],
  'ec2 describe-subnets': [asked('ec2:DescribeSubnets', '*')],
  'ecr list-images': [
    asked('ecr:GetAuthorizationToken', '*'),
    ...['ecr:ListImages', 'ecr:PutImage'].map((action) => asked(action, registry)),
  ],
  'logs tail': [asked('logs:FilterLogEvents', regional('logs', 'log-group:/oneshot/dev/runners'))],
  // CloudFormation names it after the stack and the resource.
  's3 rb': [asked('s3:DeleteBucket', `arn:aws:s3:::${STACK}-cachebucket-1abc2def3ghi`)],
  'ssm delete-parameters': [
    asked('ssm:DeleteParameters', regional('ssm', 'parameter/oneshot/dev/github/app-id')),
  ],
  'ssm put-parameter': [asked('ssm:PutParameter', regional('ssm', 'parameter/oneshot/dev/github/app-id'))],
};

/** What `oneshot shell` has the AWS CLI ask. */
const OF_THE_SHELL: readonly AccessRequest[] = [
  asked('ecs:ExecuteCommand', regional('ecs', `cluster/${STACK}`)),
  asked('ecs:ExecuteCommand', regional('ecs', `task/${STACK}/0123456789abcdef0123456789abcdef`)),
];

export const BY_HAND: readonly AccessRequest[] = [
  ...OSLS_CALLS,
  ...OF_THE_PLUGIN,
  ...OF_THE_SHELL,
  ...ON_ALL,
  SEALED,
  ...Object.values(COMMANDS).flat(),
];

/** Each thing that can be taken out of a policy, by the policy that is left. */
export function reduced(policy: readonly Statement[]): [what: string, rest: readonly Statement[]][] {
  return policy.flatMap((statement, index) =>
    (['Action', 'Resource'] as const).flatMap((part) =>
      asList(statement[part]).map((taken): [string, readonly Statement[]] => [
        `${statement.Sid}: ${taken}`,
        policy.with(index, { ...statement, [part]: asList(statement[part]).filter((one) => one !== taken) }),
      ]),
    ),
  );
}

export const denied = <R extends AccessRequest>(policy: readonly Statement[], requests: readonly R[]): R[] =>
  requests.filter((request) => decide(policy, request) !== 'allowed');
