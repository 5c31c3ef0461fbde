import type { AccessRequest } from './evaluate.ts';

/** Who called what, with the request as the service read it. */
export interface AwsCall {
  /** ARN of the caller: a role's session is named like the role's function, a task's like the task. */
  readonly principal: string;
  readonly api: string;
  readonly operation: string;
  readonly input: unknown;
}

/** Names that a call's authorization depends on and that its request does not hold. */
export interface Deployment {
  readonly region: string;
  readonly account: string;
  readonly stack: string;
  readonly clusterArn: string;
  readonly keyArn: string;
  /** Those that ECS is handed with a task. */
  readonly taskRoles: readonly string[];
  /** From which tasks call: that of the NAT gateway. */
  readonly sourceIp: string;
  /** Whether there is such a parameter: nothing is decrypted of one that is not. Default: every one is. */
  readonly isStored?: (parameter: string) => boolean;
}

type Input = Readonly<Record<string, never>> & { readonly [key: string]: unknown };
type Requests = (input: Input, deployment: Deployment) => readonly AccessRequest[];

const request = (
  action: string,
  resource: string,
  context: AccessRequest['context'] = {},
): AccessRequest => ({ action, resource, context });

const tasksOf = ({ tasks, task }: Input): string[] => (tasks ?? [task]) as unknown as string[];
const queueArn = (url: unknown, { region, account }: Deployment): string =>
  `arn:aws:sqs:${region}:${account}:${String(url).split('/').at(-1)}`;
const onQueue =
  (action: string): Requests =>
  (input, deployment) => [request(action, queueArn(input['QueueUrl'], deployment))];
const onKey =
  (action: string): Requests =>
  (input, { keyArn, sourceIp }) => {
    const pairs = Object.entries(Object(input['EncryptionContext']) as Record<string, string>);
    const context = pairs.map(([key, value]) => [`kms:EncryptionContext:${key}`, value] as const);
    const keys = { 'kms:EncryptionContextKeys': pairs.map(([key]) => key) };
    return [request(action, keyArn, { ...Object.fromEntries(context), ...keys, 'aws:SourceIp': sourceIp })];
  };

const onAll =
  (action: string): Requests =>
  () => [request(action, '*')];
const onProject = (action: string, name: unknown, { region, account }: Deployment): AccessRequest =>
  request(action, `arn:aws:codebuild:${region}:${account}:project/${name}`);
const onProvider = (action: string, name: unknown, { region, account }: Deployment): AccessRequest =>
  request(action, `arn:aws:ecs:${region}:${account}:capacity-provider/${name}`);
const onFunction =
  (action: string): Requests =>
  (input, { region, account }) => [
    request(action, `arn:aws:lambda:${region}:${account}:function:${input['FunctionName']}`),
  ];
const parameterArn = (name: string, { region, account }: Deployment): string =>
  `arn:aws:ssm:${region}:${account}:parameter${name}`;

/** By the stack's name or its id. */
const onStack =
  (name: string): Requests =>
  (input, { region, account }) => {
    const stack = String(input['StackName']);
    const arn = `arn:aws:cloudformation:${region}:${account}:stack/${stack}/0`;
    return [request(`cloudformation:${name}`, stack.startsWith('arn:') ? stack : arn)];
  };
const onBucket =
  (action: string): Requests =>
  (input) => [request(action, `arn:aws:s3:::${input['Bucket']}`)];
const onObjects =
  (action: string): Requests =>
  (input) =>
    (input['Keys'] as unknown as string[]).map((key) =>
      request(action, `arn:aws:s3:::${input['Bucket']}/${key}`),
    );
/** CloudFormation reads a template with its caller's permission (CloudFormation user guide, "Controlling access"). */
const templateOf = (url: unknown): AccessRequest[] =>
  url === undefined
    ? []
    : [
        request('s3:GetObject', `arn:aws:s3:::${new URL(String(url)).pathname.slice(1)}`, {
          'aws:CalledVia': ['cloudformation.amazonaws.com'],
        }),
      ];
const ECS_ROLE = 'aws-service-role/ecs.amazonaws.com';
const COMPUTE_ROLE = 'aws-service-role/ecs-compute.amazonaws.com';

/** The Parameter Store uses the key with its caller's permission (Systems Manager user guide, SecureString encryption). */
function throughParameterStore(action: string, name: string, deployment: Deployment): AccessRequest {
  return request(action, deployment.keyArn, {
    'kms:ViaService': `ssm.${deployment.region}.amazonaws.com`,
    'kms:EncryptionContext:PARAMETER_ARN': parameterArn(name, deployment),
    'kms:EncryptionContextKeys': ['PARAMETER_ARN'],
  });
}

/**
 * Which permissions a call needs, on what and under which condition keys. Source: Service Authorization Reference
 * (docs.aws.amazon.com/service-authorization): Actions, resources, and condition keys for each service.
 */
const NEEDS: Readonly<Record<string, Requests>> = {
  'ecs:RunTask': (input, deployment) => {
    const { cpu, memory } = Object(input['overrides']) as Record<string, string>;
    const { region, account, stack, clusterArn } = deployment;
    const context = { 'ecs:cluster': clusterArn, 'ecs:task-cpu': cpu ?? '', 'ecs:task-memory': memory ?? '' };
    const tags = (input['tags'] ?? []) as unknown as { key: string }[];
    return [
      request('ecs:RunTask', String(input['taskDefinition']), context),
      request('ecs:TagResource', `arn:aws:ecs:${region}:${account}:task/${stack}/${'0'.repeat(32)}`, {
        'ecs:CreateAction': 'RunTask',
        'aws:TagKeys': tags.map(({ key }) => key),
      }),
      ...deployment.taskRoles.map((role) =>
        request('iam:PassRole', role, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }),
      ),
    ];
  },
  'ecs:ListTasks': (_, { clusterArn }) => [request('ecs:ListTasks', '*', { 'ecs:cluster': clusterArn })],
  'ecs:DescribeTasks': (input, { clusterArn }) =>
    tasksOf(input).map((task) => request('ecs:DescribeTasks', task, { 'ecs:cluster': clusterArn })),
  'ecs:StopTask': (input, { clusterArn }) =>
    tasksOf(input).map((task) => request('ecs:StopTask', task, { 'ecs:cluster': clusterArn })),
  'ecs:TagResource': (input) => {
    const tags = (input['tags'] ?? []) as unknown as { key: string }[];
    return [
      request('ecs:TagResource', String(input['resourceArn']), { 'aws:TagKeys': tags.map(({ key }) => key) }),
    ];
  },
  'kms:Encrypt': onKey('kms:Encrypt'),
  'kms:Decrypt': onKey('kms:Decrypt'),
  'ssm:GetParameters': (input, deployment) =>
    (input['Names'] as unknown as string[]).flatMap((name) => [
      request('ssm:GetParameters', parameterArn(name, deployment)),
      ...(input['WithDecryption'] && (deployment.isStored?.(name) ?? true)
        ? [throughParameterStore('kms:Decrypt', name, deployment)]
        : []),
    ]),
  'ssm:PutParameter': (input, deployment) => [
    request('ssm:PutParameter', parameterArn(String(input['Name']), deployment)),
    throughParameterStore('kms:Encrypt', String(input['Name']), deployment),
  ],
  'ssm:GetParametersByPath': (input, deployment) => [
    request('ssm:GetParametersByPath', parameterArn(String(input['Path']), deployment)),
  ],
  'ssm:DeleteParameters': (input, deployment) =>
    (input['Names'] as unknown as string[]).map((name) =>
      request('ssm:DeleteParameters', parameterArn(name, deployment)),
    ),
  'ssm:GetServiceSetting': (input, { region, account }) => [
    request('ssm:GetServiceSetting', `arn:aws:ssm:${region}:${account}:servicesetting${input['SettingId']}`),
  ],
  'cloudwatch:GetMetricData': onAll('cloudwatch:GetMetricData'),
  'sns:Publish': (input) => [request('sns:Publish', String(input['TopicArn']))],
  'sqs:SendMessage': onQueue('sqs:SendMessage'),
  'sqs:ReceiveMessage': onQueue('sqs:ReceiveMessage'),
  'sqs:DeleteMessageBatch': onQueue('sqs:DeleteMessage'),
  'sqs:DeleteMessage': onQueue('sqs:DeleteMessage'),
  'sqs:ChangeMessageVisibilityBatch': onQueue('sqs:ChangeMessageVisibility'),
  'sqs:GetQueueAttributes': onQueue('sqs:GetQueueAttributes'),
  // "No permissions are required to perform this operation" (STS API reference).
  'sts:GetCallerIdentity': () => [],
  'cloudformation:ValidateTemplate': onAll('cloudformation:ValidateTemplate'),
  'cloudformation:CreateChangeSet': (input, deployment) => [
    ...onStack('CreateChangeSet')(input, deployment),
    ...templateOf(input['TemplateURL']),
  ],
  ...Object.fromEntries(
    [
      'DeleteChangeSet',
      'DeleteStack',
      'DescribeChangeSet',
      'DescribeStackEvents',
      'DescribeStackResource',
      'DescribeStacks',
      'ExecuteChangeSet',
      'GetTemplate',
      'ListStackResources',
    ].map((name) => [`cloudformation:${name}`, onStack(name)]),
  ),
  's3:HeadBucket': onBucket('s3:ListBucket'),
  's3:ListObjectsV2': onBucket('s3:ListBucket'),
  's3:HeadObject': onObjects('s3:GetObject'),
  's3:GetObject': onObjects('s3:GetObject'),
  's3:PutObject': onObjects('s3:PutObject'),
  's3:DeleteObjects': onObjects('s3:DeleteObject'),
  'ecr:DescribeRepositories': (input, { region, account }) =>
    ((input['repositoryNames'] ?? []) as unknown as string[]).map((name) =>
      request('ecr:DescribeRepositories', `arn:aws:ecr:${region}:${account}:repository/${name}`),
    ),
  'iam:GetRole': (input, { account }) => {
    const name = String(input['RoleName']);
    const path = name.endsWith('Compute') ? COMPUTE_ROLE : ECS_ROLE;
    return [request('iam:GetRole', `arn:aws:iam::${account}:role/${path}/${name}`)];
  },
  'iam:CreateServiceLinkedRole': (_, { account }) => [
    request('iam:CreateServiceLinkedRole', `arn:aws:iam::${account}:role/${ECS_ROLE}/AWSServiceRoleForECS`),
  ],
  'ec2:DescribeAvailabilityZones': onAll('ec2:DescribeAvailabilityZones'),
  'lambda:GetFunction': onFunction('lambda:GetFunction'),
  'ecs:DescribeClusters': (_, { clusterArn }) => [request('ecs:DescribeClusters', clusterArn)],
  'ecs:PutClusterCapacityProviders': (_, { clusterArn }) => [
    request('ecs:PutClusterCapacityProviders', clusterArn),
  ],
  'ecs:DescribeCapacityProviders': (input, deployment) =>
    ((input['capacityProviders'] ?? []) as unknown as string[]).map((name) =>
      onProvider('ecs:DescribeCapacityProviders', name, deployment),
    ),
  'ecs:DeleteCapacityProvider': (input, deployment) => [
    onProvider('ecs:DeleteCapacityProvider', input['capacityProvider'], deployment),
  ],
  'ecs:DescribeTaskDefinition': onAll('ecs:DescribeTaskDefinition'),
  'lambda:GetFunctionConfiguration': onFunction('lambda:GetFunctionConfiguration'),
  'lambda:GetFunctionConcurrency': onFunction('lambda:GetFunctionConcurrency'),
  'lambda:PutFunctionConcurrency': onFunction('lambda:PutFunctionConcurrency'),
  'lambda:DeleteFunctionConcurrency': onFunction('lambda:DeleteFunctionConcurrency'),
  'lambda:ListEventSourceMappings': onAll('lambda:ListEventSourceMappings'),
  'lambda:GetAccountSettings': onAll('lambda:GetAccountSettings'),
  'servicequotas:GetServiceQuota': onAll('servicequotas:GetServiceQuota'),
  'servicequotas:GetAWSDefaultServiceQuota': onAll('servicequotas:GetAWSDefaultServiceQuota'),
  'codebuild:StartBuild': (input, deployment) => [
    onProject('codebuild:StartBuild', input['projectName'], deployment),
  ],
  'codebuild:ListBuildsForProject': (input, deployment) => [
    onProject('codebuild:ListBuildsForProject', input['projectName'], deployment),
  ],
  'codebuild:BatchGetBuilds': (input, deployment) =>
    (input['ids'] as unknown as string[]).map((id) =>
      onProject('codebuild:BatchGetBuilds', id.split(':')[0], deployment),
    ),
  'ec2:DescribeSubnets': onAll('ec2:DescribeSubnets'),
  'ec2:DescribeRouteTables': onAll('ec2:DescribeRouteTables'),
  'ec2:DescribeSecurityGroups': onAll('ec2:DescribeSecurityGroups'),
  'ec2:DescribeAddresses': onAll('ec2:DescribeAddresses'),
  'ec2:DescribeVpcEndpoints': onAll('ec2:DescribeVpcEndpoints'),
  'ec2:DescribeVpcs': onAll('ec2:DescribeVpcs'),
  // Only what GuardDuty made is deleted by a command; the rest is CloudFormation's.
  'ec2:DeleteVpcEndpoints': (input, { region, account }) => [
    request(
      'ec2:DeleteVpcEndpoints',
      `arn:aws:ec2:${region}:${account}:vpc-endpoint/${input['VpcEndpointId.1']}`,
      {
        'aws:ResourceTag/GuardDutyManaged': 'true',
      },
    ),
  ],
  'ec2:DeleteSecurityGroup': (input, { region, account }) => [
    request(
      'ec2:DeleteSecurityGroup',
      `arn:aws:ec2:${region}:${account}:security-group/${input['GroupId']}`,
      {
        'aws:ResourceTag/GuardDutyManaged': 'true',
      },
    ),
  ],
  'iam:SimulatePrincipalPolicy': (input) => [
    request('iam:SimulatePrincipalPolicy', String(input['PolicySourceArn'])),
  ],
  'logs:DeleteLogGroup': (input, { region, account }) => [
    request('logs:DeleteLogGroup', `arn:aws:logs:${region}:${account}:log-group:${input['logGroupName']}`),
  ],
  'logs:FilterLogEvents': (input, { region, account }) => [
    request(
      'logs:FilterLogEvents',
      `arn:aws:logs:${region}:${account}:log-group:${input['logGroupName']}:log-stream:`,
    ),
  ],
};

/** Throws for a call that nobody has looked up. */
export function needsOf(
  { api, operation, input }: AwsCall,
  deployment: Deployment,
): readonly AccessRequest[] {
  const needs = NEEDS[`${api}:${operation}`];
  if (needs === undefined) throw new Error(`look up which permissions ${api}:${operation} needs`);
  return needs(Object(input) as Input, deployment);
}
