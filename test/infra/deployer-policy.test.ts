import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './osls.ts';
import { packageSkeleton } from './skeleton.ts';
import { asList, type Statement } from './template.ts';
import { VARIANTS } from './variants.ts';

const text = readFileSync(path.join(ROOT, 'infra/deployer-policy.json'), 'utf8');
const policy: { readonly Statement: readonly Statement[] } = JSON.parse(text);

const ACCOUNT = '123456789012';
const regional = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:${ACCOUNT}:${resource}`;

/** What CloudFormation calls for a type, to make it, look at it, tag it and remove it, and on which resource. */
const CALLS: Readonly<Record<string, readonly [resource: string, actions: string]>> = {
  'AWS::CloudWatch::Alarm': [
    regional('cloudwatch', 'alarm:oneshot-prod-dead-doubts'),
    'cloudwatch: PutMetricAlarm DeleteAlarms TagResource',
  ],
  'AWS::CloudWatch::Dashboard': [
    `arn:aws:cloudwatch::${ACCOUNT}:dashboard/oneshot-prod`,
    'cloudwatch: PutDashboard GetDashboard DeleteDashboards',
  ],
  'AWS::CodeBuild::Project': [
    regional('codebuild', 'project/oneshot-prod-image-x64'),
    'codebuild: CreateProject UpdateProject BatchGetProjects DeleteProject',
  ],
  'AWS::EC2::EIP': [
    regional('ec2', 'elastic-ip/eipalloc-1'),
    'ec2: AllocateAddress CreateTags ReleaseAddress',
  ],
  'AWS::EC2::InternetGateway': [
    regional('ec2', 'internet-gateway/igw-1'),
    'ec2: CreateInternetGateway CreateTags DeleteInternetGateway',
  ],
  'AWS::EC2::NatGateway': [
    regional('ec2', 'natgateway/nat-1'),
    'ec2: CreateNatGateway CreateTags DeleteNatGateway',
  ],
  'AWS::EC2::Route': [regional('ec2', 'route-table/rtb-1'), 'ec2: CreateRoute ReplaceRoute DeleteRoute'],
  'AWS::EC2::RouteTable': [
    regional('ec2', 'route-table/rtb-1'),
    'ec2: CreateRouteTable CreateTags DeleteRouteTable',
  ],
  'AWS::EC2::SecurityGroup': [
    regional('ec2', 'security-group/sg-1'),
    'ec2: CreateSecurityGroup AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress UpdateSecurityGroupRuleDescriptionsEgress UpdateSecurityGroupRuleDescriptionsIngress CreateTags DeleteSecurityGroup',
  ],
  'AWS::EC2::Subnet': [
    regional('ec2', 'subnet/subnet-1'),
    'ec2: CreateSubnet ModifySubnetAttribute CreateTags DeleteSubnet',
  ],
  'AWS::EC2::SubnetRouteTableAssociation': [
    regional('ec2', 'route-table/rtb-1'),
    'ec2: AssociateRouteTable DisassociateRouteTable',
  ],
  'AWS::EC2::VPC': [regional('ec2', 'vpc/vpc-1'), 'ec2: CreateVpc ModifyVpcAttribute CreateTags DeleteVpc'],
  'AWS::EC2::VPCEndpoint': [
    regional('ec2', 'vpc-endpoint/vpce-1'),
    'ec2: CreateVpcEndpoint ModifyVpcEndpoint CreateTags DeleteVpcEndpoints',
  ],
  'AWS::EC2::VPCGatewayAttachment': [
    regional('ec2', 'internet-gateway/igw-1'),
    'ec2: AttachInternetGateway DetachInternetGateway',
  ],
  'AWS::ECR::Repository': [
    regional('ecr', 'repository/oneshot-prod-runner'),
    'ecr: CreateRepository PutLifecyclePolicy PutImageScanningConfiguration TagResource DescribeRepositories BatchDeleteImage DeleteRepository',
  ],
  'AWS::ECS::Cluster': [
    regional('ecs', 'cluster/oneshot-prod'),
    'ecs: DescribeClusters PutClusterCapacityProviders UpdateClusterSettings DeleteCluster TagResource',
  ],
  'AWS::ECS::TaskDefinition': [
    regional('ecs', 'task-definition/oneshot-prod-x64:1'),
    'ecs: RegisterTaskDefinition TagResource',
  ],
  'AWS::Events::Rule': [
    regional('events', 'rule/oneshot-prod-SweepEventsRuleSchedule1-A1B2C3'),
    'events: PutRule PutTargets DescribeRule RemoveTargets DeleteRule TagResource',
  ],
  'AWS::IAM::Role': [
    `arn:aws:iam::${ACCOUNT}:role/oneshot-prod-WebhookRole-A1B2C3`,
    'iam: CreateRole GetRole PutRolePolicy DeleteRolePolicy AttachRolePolicy DetachRolePolicy UpdateRoleDescription TagRole DeleteRole',
  ],
  'AWS::IAM::RolePolicy': [
    `arn:aws:iam::${ACCOUNT}:role/oneshot-prod-task-eu-west-1`,
    'iam: PutRolePolicy GetRolePolicy DeleteRolePolicy',
  ],
  'AWS::KMS::Alias': [regional('kms', 'alias/oneshot-prod'), 'kms: CreateAlias UpdateAlias DeleteAlias'],
  'AWS::KMS::Key': [
    regional('kms', 'key/11111111-2222-3333-4444-555555555555'),
    'kms: DescribeKey PutKeyPolicy EnableKeyRotation TagResource ScheduleKeyDeletion',
  ],
  'AWS::Lambda::EventInvokeConfig': [
    regional('lambda', 'function:oneshot-prod-sweep'),
    'lambda: PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig',
  ],
  'AWS::Lambda::EventSourceMapping': [
    regional('lambda', 'event-source-mapping:11111111-2222-3333-4444-555555555555'),
    'lambda: GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping TagResource',
  ],
  'AWS::Lambda::Function': [
    regional('lambda', 'function:oneshot-prod-webhook'),
    'lambda: CreateFunction GetFunction UpdateFunctionCode UpdateFunctionConfiguration TagResource PutFunctionConcurrency DeleteFunctionConcurrency PutFunctionRecursionConfig GetFunctionRecursionConfig DeleteFunction',
  ],
  'AWS::Lambda::Permission': [
    regional('lambda', 'function:oneshot-prod-webhook'),
    'lambda: AddPermission GetPolicy RemovePermission',
  ],
  'AWS::Logs::LogGroup': [
    regional('logs', 'log-group:/aws/vendedlogs/oneshot-prod/webhook-access'),
    'logs: CreateLogGroup PutRetentionPolicy TagResource DeleteLogGroup',
  ],
  'AWS::S3::Bucket': [
    'arn:aws:s3:::oneshot-prod-serverlessdeploymentbucket-a1b2c3',
    's3: CreateBucket PutEncryptionConfiguration PutBucketPublicAccessBlock PutBucketTagging ListBucket DeleteBucket',
  ],
  'AWS::S3::BucketPolicy': [
    'arn:aws:s3:::oneshot-prod-serverlessdeploymentbucket-a1b2c3',
    's3: PutBucketPolicy GetBucketPolicy DeleteBucketPolicy',
  ],
  'AWS::SNS::Topic': [
    regional('sns', 'oneshot-prod-alarms'),
    'sns: CreateTopic GetTopicAttributes DeleteTopic',
  ],
  'AWS::SQS::Queue': [
    regional('sqs', 'oneshot-prod-doubts.fifo'),
    'sqs: CreateQueue GetQueueAttributes SetQueueAttributes TagQueue DeleteQueue',
  ],
  'AWS::SQS::QueuePolicy': [regional('sqs', 'oneshot-prod-doubts.fifo'), 'sqs: SetQueueAttributes'],
};

/** The simulator knows no resources of API Gateway: these are looked up in the statement itself. */
const API_CALLS: Readonly<Record<string, readonly [path: string, methods: string]>> = {
  'AWS::ApiGatewayV2::Api': ['/apis', 'POST GET'],
  'AWS::ApiGatewayV2::Integration': ['/apis/a1/integrations/i1', 'POST GET PATCH DELETE'],
  'AWS::ApiGatewayV2::Route': ['/apis/a1/routes/r1', 'POST GET PATCH DELETE'],
  'AWS::ApiGatewayV2::Stage': ['/apis/a1/stages/$default', 'POST GET PATCH DELETE'],
};

/** Types whose calls name no resource. */
const WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
  'AWS::KMS::Key': 'kms: CreateKey',
  'AWS::Lambda::EventSourceMapping': 'lambda: CreateEventSourceMapping',
  'AWS::Logs::QueryDefinition': 'logs: PutQueryDefinition DescribeQueryDefinitions DeleteQueryDefinition',
  'AWS::ECS::TaskDefinition': 'ecs: DescribeTaskDefinition DeregisterTaskDefinition',
  'AWS::ApiGatewayV2::Stage': 'logs: CreateLogDelivery DeleteLogDelivery', // its access log
};

const actionsOf = (calls: string): string[] => {
  const [service = '', names = ''] = calls.split(': ');
  return names.split(' ').map((name) => `${service}:${name}`);
};

interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | string[]>>;
}

const BY_CLOUDFORMATION = { 'aws:CalledVia': ['cloudformation.amazonaws.com'] };

/** Of the stack's key (infra/secrets.yml): IAM decides. */
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ],
};

/** By the one policy, or with those that are attached beside it. */
async function isAllowed(
  { action, resource, context = BY_CLOUDFORMATION }: Call,
  ...beside: readonly { readonly name: string; readonly policy: unknown }[]
): Promise<boolean> {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:user/deployer`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { ...context },
      },
      identityPolicies: [{ name: 'deployer', policy }, ...beside],
      ...(action.startsWith('kms:') && resource !== '*' ? { resourcePolicy: KEY_POLICY } : {}),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === 'error')
    throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  return answer.overallResult === 'Allowed';
}

describe('the policy of whoever deploys', () => {
  let types: readonly string[];
  beforeAll(async () => {
    const templateWith = await packageSkeleton();
    const all = Object.values(VARIANTS).flatMap((changes) => Object.values(templateWith(changes).Resources));
    types = [...new Set(all.map(({ Type }) => Type))].toSorted();
  }, 60_000);

  it('should be known to cover each type of resource that the templates have', () => {
    expect(
      types.filter((type) => ![CALLS, API_CALLS, WITHOUT_RESOURCE].some((calls) => type in calls)),
    ).toEqual([]);
  });

  it.each(Object.entries(CALLS))(
    'should allow what CloudFormation does for %s',
    async (_, [resource, calls]) => {
      for (const action of actionsOf(calls))
        expect([action, await isAllowed({ action, resource })]).toEqual([action, true]);
    },
  );

  it.each(Object.entries(API_CALLS))(
    'should allow what CloudFormation does for %s',
    (_, [resource, methods]) => {
      const statement = policy.Statement.find(({ Sid }) => Sid === 'TheHttpApi');
      const patterns = asList(statement?.Resource as string[]).map(
        (arn) => new RegExp(`^${arn.replaceAll('*', '.*')}$`),
      );
      expect(patterns.some((pattern) => pattern.test(`arn:aws:apigateway:eu-west-1::${resource}`))).toBe(
        true,
      );
      expect(asList(statement?.Action ?? [])).toEqual(
        expect.arrayContaining(methods.split(' ').map((method) => `apigateway:${method}`)),
      );
    },
  );

  it.each(Object.entries(WITHOUT_RESOURCE))('should allow what has no resource: %s', async (_, calls) => {
    for (const action of actionsOf(calls))
      expect([action, await isAllowed({ action, resource: '*' })]).toEqual([action, true]);
  });

  it.each([
    ['ecs:PutClusterCapacityProviders', regional('ecs', 'cluster/oneshot-prod')],
    ['ecs:StopTask', regional('ecs', 'task/oneshot-prod/0123456789abcdef0123456789abcdef')],
    ['ecs:ListTasks', '*'],
    ['lambda:PutFunctionConcurrency', regional('lambda', 'function:oneshot-prod-webhook')],
    ['iam:GetRole', `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`],
    ['s3:PutObject', 'arn:aws:s3:::oneshot-prod-serverlessdeploymentbucket-a1b2c3/serverless/webhook.zip'],
    ['ssm:PutParameter', regional('ssm', 'parameter/oneshot/prod/github/private-key')],
  ])('should allow what the deployment and the removal do by themselves: %s', async (action, resource) => {
    expect(await isAllowed({ action, resource, context: {} })).toBe(true);
  });

  /** What the commands of docs/deploy.md call, and on what. The registry's token is for `crane`. */
  const COMMANDS: Readonly<Record<string, readonly (readonly [action: string, resource: string])[]>> = {
    'codebuild start-build': [
      ['codebuild:StartBuild', regional('codebuild', 'project/oneshot-prod-image-x64')],
    ],
    'ec2 describe-availability-zones': [['ec2:DescribeAvailabilityZones', '*']],
    'ec2 describe-managed-prefix-lists': [['ec2:DescribeManagedPrefixLists', '*']],
    'ec2 describe-subnets': [['ec2:DescribeSubnets', '*']],
    'ecr list-images': [
      ['ecr:ListImages', regional('ecr', 'repository/oneshot-prod-runner')],
      ['ecr:GetAuthorizationToken', '*'],
      ['ecr:PutImage', regional('ecr', 'repository/oneshot-prod-runner')],
    ],
    'logs tail': [['logs:FilterLogEvents', regional('logs', 'log-group:/oneshot/prod/runners')]],
    'service-quotas list-service-quotas': [['servicequotas:ListServiceQuotas', '*']],
    'ssm delete-parameters': [
      ['ssm:DeleteParameters', regional('ssm', 'parameter/oneshot/prod/github/app-id')],
    ],
    'ssm put-parameter': [['ssm:PutParameter', regional('ssm', 'parameter/oneshot/prod/github/app-id')]],
  };
  /** Those that an administrator runs, to make the deployer. */
  const OF_THE_ADMINISTRATOR = ['iam create-policy', 'iam get-role', 'iam list-roles'];

  it('should be held against every command of the guide', () => {
    const guide = readFileSync(path.join(ROOT, 'docs/deploy.md'), 'utf8');
    const found = new Set(
      [...guide.matchAll(/\baws ([a-z0-9-]+ [a-z-]+)/g)].map(([, command = '']) => command),
    );
    expect([...found].toSorted()).toEqual([...Object.keys(COMMANDS), ...OF_THE_ADMINISTRATOR].toSorted());
  });

  it.each(Object.entries(COMMANDS))('should allow what the guide says to run: aws %s', async (_, calls) => {
    for (const [action, resource] of calls)
      expect([action, await isAllowed({ action, resource, context: {} })]).toEqual([action, true]);
  });

  // API Gateway calls them with the credentials of whoever deploys, when it is told of an access log. It is none of the
  // services that AWS lists for aws:CalledVia (IAM user guide, global condition keys): there may be no such key.
  it.each([
    ...['CreateLogDelivery', 'GetLogDelivery', 'ListLogDeliveries', 'UpdateLogDelivery', 'DeleteLogDelivery'],
    ...['DescribeResourcePolicies', 'PutResourcePolicy'],
  ])('should allow the access log of the API whoever calls on our behalf: logs:%s', async (name) => {
    const call = { action: `logs:${name}`, resource: '*' };
    expect(await isAllowed({ ...call, context: {} })).toBe(true);
    expect(await isAllowed(call)).toBe(true);
  });

  it.each([
    ['lambda:UpdateFunctionCode', regional('lambda', 'function:payroll')],
    ['iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/administrator`],
    ['sqs:DeleteQueue', regional('sqs', 'payroll')],
    ['s3:DeleteObject', 'arn:aws:s3:::payroll/2026'],
    ['ecs:StopTask', regional('ecs', 'task/payroll/0123456789abcdef0123456789abcdef')],
    ['logs:DeleteLogGroup', regional('logs', 'log-group:/aws/lambda/payroll')],
  ])('should allow nothing of what is not the stack: %s on %s', async (action, resource) => {
    expect(await isAllowed({ action, resource })).toBe(false);
  });

  it.each([
    ['kms:ScheduleKeyDeletion', regional('kms', 'key/11111111-2222-3333-4444-555555555555')],
    ['ec2:DeleteVpc', regional('ec2', 'vpc/vpc-1')],
    ['ec2:AuthorizeSecurityGroupIngress', regional('ec2', 'security-group/sg-1')],
  ])('should allow what has no name of ours through CloudFormation only: %s', async (action, resource) => {
    expect(await isAllowed({ action, resource, context: {} })).toBe(false);
  });

  it('should hand our roles to the four services that they are for, and no other role', async () => {
    const pass = (role: string, service: string) =>
      isAllowed({
        action: 'iam:PassRole',
        resource: `arn:aws:iam::${ACCOUNT}:role/${role}`,
        context: { 'iam:PassedToService': service },
      });
    expect(await pass('oneshot-prod-WebhookRole-A1', 'lambda.amazonaws.com')).toBe(true);
    expect(await pass('oneshot-prod-task-eu-west-1', 'ecs-tasks.amazonaws.com')).toBe(true);
    expect(await pass('oneshot-prod-WebhookRole-A1', 'ec2.amazonaws.com')).toBe(false);
    expect(await pass('administrator', 'lambda.amazonaws.com')).toBe(false);
  });

  it('should fit into a managed policy, which has 6,144 characters', () => {
    expect(text.replaceAll(/\s/g, '').length).toBeLessThan(6144);
  });
});

describe('the policy of whoever deploys with a permissions boundary', () => {
  const boundedText = readFileSync(path.join(ROOT, 'infra/deployer-policy-bounded.json'), 'utf8');
  const bounded = { name: 'bounded', policy: JSON.parse(boundedText) };
  const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/oneshot-boundary`;
  const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
  const OURS = role('oneshot-prod-WebhookRole-A1B2C3');
  const within = (boundary: string) => ({ ...BY_CLOUDFORMATION, 'iam:PermissionsBoundary': boundary });
  const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

  it.each(['CreateRole', 'PutRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'DeleteRolePolicy'])(
    'should allow iam:%s on our roles, within the boundary',
    async (name) => {
      const call = { action: `iam:${name}`, resource: OURS, context: within(BOUNDARY) };
      expect(await isAllowed(call, bounded)).toBe(true);
    },
  );

  it.each([
    ['a role without the boundary', 'CreateRole', OURS, BY_CLOUDFORMATION],
    ['a role with another boundary', 'CreateRole', OURS, within(ADMINISTRATOR)],
    ['a policy on a role without the boundary', 'PutRolePolicy', OURS, BY_CLOUDFORMATION],
    ['AdministratorAccess on a role without the boundary', 'AttachRolePolicy', OURS, BY_CLOUDFORMATION],
    ['the boundary taken away', 'DeleteRolePermissionsBoundary', OURS, within(BOUNDARY)],
    ['another boundary in its place', 'PutRolePermissionsBoundary', OURS, within(ADMINISTRATOR)],
    ['a role that trusts somebody else', 'UpdateAssumeRolePolicy', OURS, within(BOUNDARY)],
  ])('should deny %s, which the policy alone allows', async (_, name, resource, context) => {
    const call = { action: `iam:${name}`, resource, context };
    expect(await isAllowed(call)).toBe(true);
    expect(await isAllowed(call, bounded)).toBe(false);
  });

  it.each([
    ['iam:PassRole', role('administrator')],
    ['iam:CreatePolicyVersion', BOUNDARY],
    ['iam:SetDefaultPolicyVersion', BOUNDARY],
    ['iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/somebody`],
    ['iam:AttachUserPolicy', `arn:aws:iam::${ACCOUNT}:user/deployer`],
  ])('should deny %s on %s, though another policy allows everything', async (action, resource) => {
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    const administrator = {
      name: 'administrator',
      policy: { Version: '2012-10-17', Statement: [everything] },
    };
    const context = { 'iam:PassedToService': 'lambda.amazonaws.com' };
    const call = { action, resource, context: action === 'iam:PassRole' ? context : {} };
    expect(await isAllowed(call, administrator)).toBe(true);
    expect(await isAllowed(call, administrator, bounded)).toBe(false);
  });

  it('should be asked for roles that all have the boundary, if the deployment is told of one', async () => {
    const templateWith = await packageSkeleton();
    const template = templateWith({ permissionsBoundary: BOUNDARY, imagePipeline: 'enabled' });
    const roles = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(6);
    for (const [name, { Properties }] of roles)
      expect([name, Properties['PermissionsBoundary']]).toEqual([name, BOUNDARY]);
  }, 60_000);

  it('should deny nothing else of what the deployment does', async () => {
    for (const [type, [resource, calls]] of Object.entries(CALLS))
      for (const action of actionsOf(calls)) {
        const context = action.startsWith('iam:') ? within(BOUNDARY) : BY_CLOUDFORMATION;
        expect([type, action, await isAllowed({ action, resource, context }, bounded)]).toEqual([
          type,
          action,
          true,
        ]);
      }
  });

  it('should fit into a managed policy', () => {
    expect(boundedText.replaceAll(/\s/g, '').length).toBeLessThan(6144);
  });
});
