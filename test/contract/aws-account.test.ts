import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteSecurityGroupCommand,
  DeleteVpcEndpointsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import type { Credentials } from '../../local/aws/index.ts';
import { openWorld, STACK, type TestWorld } from './aws-harness.ts';

const ROLE = 'arn:aws:iam::123456789012:role/webhook';

async function open(): Promise<TestWorld> {
  const world = await openWorld();
  const { accountState: account } = world.aws;
  account.stack = { name: STACK, status: 'CREATE_COMPLETE', outputs: { WebhookUrl: 'https://x/?a=1&b=<2>' } };
  account.network = {
    ...{ vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'], groupIds: ['sg-1'] },
    ...{ wayOut: 'nat-1', egressPort: undefined },
  };
  account.functions.set('webhook', {
    ...{ name: 'webhook', role: ROLE, environment: { A: '1' }, state: 'Active', lastUpdate: 'Successful' },
    ...{ reservedConcurrency: undefined, eventSource: undefined },
  });
  return world;
}

const config = ({ aws }: TestWorld, credentials: Credentials = aws.operatorCredentials) => ({
  ...{ endpoint: aws.url, region: aws.region, credentials, maxAttempts: 1 },
});

describe('the services of the Query protocol', () => {
  it('should know who calls', async () => {
    const world = await open();
    const { Arn, Account } = await new STSClient(config(world)).send(new GetCallerIdentityCommand({}));
    expect({ Arn, Account }).toEqual({
      Arn: 'arn:aws:iam::123456789012:user/operator',
      Account: '123456789012',
    });
  });

  it('should show the stack with its outputs, whatever is in them, and no other', async () => {
    const world = await open();
    const client = new CloudFormationClient(config(world));
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
    expect(Stacks).toMatchObject([
      {
        StackStatus: 'CREATE_COMPLETE',
        Outputs: [{ OutputKey: 'WebhookUrl', OutputValue: 'https://x/?a=1&b=<2>' }],
      },
    ]);
    await expect(client.send(new DescribeStacksCommand({ StackName: 'other' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id other does not exist',
    });
  });

  it('should refuse who is unknown, who signs wrongly, and a role of the stack', async () => {
    const world = await open();
    const who = (credentials: Credentials) =>
      new STSClient(config(world, credentials)).send(new GetCallerIdentityCommand({}));
    const { accessKeyId } = world.aws.operatorCredentials;
    await expect(who({ accessKeyId: 'AKIA0', secretAccessKey: 'x' })).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    await expect(who({ accessKeyId, secretAccessKey: 'wrong' })).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    await expect(who(world.aws.credentials)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('should deny the deployer what the policy does not allow, in the words and with the code of each service', async () => {
    const world = await open();
    const deployer = config(world, world.aws.deployerCredentials);
    const stack = () =>
      new CloudFormationClient(deployer).send(new DescribeStacksCommand({ StackName: STACK }));
    const subnets = () => new EC2Client(deployer).send(new DescribeSubnetsCommand({}));
    const tasks = () => new ECSClient(deployer).send(new ListTasksCommand({ cluster: world.aws.clusterArn }));
    expect((await stack()).Stacks).toHaveLength(1);
    world.aws.accountState.deployerPolicy = [];
    const words = (action: string, resource: string) =>
      `User: arn:aws:iam::123456789012:user/deployer is not authorized to perform: ${action} on resource: ${resource} ` +
      `because no identity-based policy allows the ${action} action`;
    await expect(stack()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: words(
        'cloudformation:DescribeStacks',
        `arn:aws:cloudformation:us-east-1:123456789012:stack/${STACK}/0`,
      ),
    });
    await expect(subnets()).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    await expect(tasks()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: words('ecs:ListTasks', '*'),
    });
    world.aws.accountState.deployerPolicy = [{ Effect: 'Deny', Action: 'ecs:*', Resource: '*' }];
    await expect(tasks()).rejects.toThrow('with an explicit deny in an identity-based policy');
  });

  it('should show the network by filter, and refuse a filter that it does not know', async () => {
    const world = await open();
    const ec2 = new EC2Client(config(world));
    const bySubnet = { Filters: [{ Name: 'subnet-id', Values: ['subnet-2', 'subnet-9'] }] };
    expect((await ec2.send(new DescribeSubnetsCommand(bySubnet))).Subnets).toMatchObject([
      { SubnetId: 'subnet-2', VpcId: 'vpc-1' },
    ]);
    const byVpc = { Filters: [{ Name: 'vpc-id', Values: ['vpc-1'] }] };
    expect((await ec2.send(new DescribeRouteTablesCommand(byVpc))).RouteTables).toMatchObject([
      { Routes: [{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1' }] },
    ]);
    const byName = { Filters: [{ Name: 'tag:Name', Values: ['x'] }] };
    await expect(ec2.send(new DescribeSubnetsCommand(byName))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('should deny by simulation what it denies in earnest', async () => {
    const world = await open();
    const iam = new IAMClient(config(world));
    const decide = async (action: string) => {
      const command = new SimulatePrincipalPolicyCommand({ PolicySourceArn: ROLE, ActionNames: [action] });
      return (await iam.send(command)).EvaluationResults?.[0]?.EvalDecision;
    };
    const list = () => world.ecs.send(new ListTasksCommand({ cluster: world.aws.clusterArn }));
    expect([await decide('ecs:ListTasks'), await decide('ecs:DeleteCluster')]).toEqual([
      'allowed',
      'implicitDeny',
    ]);
    await list();
    world.aws.accountState.denied.add('ecs:ListTasks');
    expect(await decide('ecs:ListTasks')).toBe('explicitDeny');
    await expect(list()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('the region of a watched account', () => {
  it('should show what GuardDuty made, and let it go: the endpoint first, then its group', async () => {
    const world = await open();
    const { guardDuty } = world.aws.accountState;
    guardDuty.endpoints.set('vpce-1', 'available');
    guardDuty.groups.add('sg-9');
    const ec2 = new EC2Client(config(world));
    const Filters = [{ Name: 'tag:GuardDutyManaged', Values: ['true'] }];
    const endpoints = async () =>
      (await ec2.send(new DescribeVpcEndpointsCommand({ Filters }))).VpcEndpoints?.map(({ State }) => State);
    const group = () => ec2.send(new DeleteSecurityGroupCommand({ GroupId: 'sg-9' }));
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    expect(SecurityGroups).toMatchObject([{ GroupId: 'sg-9', VpcId: 'vpc-1' }]);
    expect(await endpoints()).toEqual(['available']);
    await expect(group()).rejects.toMatchObject({ name: 'DependencyViolation' });
    await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: ['vpce-1'] }));
    await expect.poll(endpoints).toEqual([]);
    await group();
    await expect(group()).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
  });
});

describe('Lambda', () => {
  it('should show a function, close it and open it again', async () => {
    const world = await open();
    const client = new LambdaClient(config(world));
    const name = { FunctionName: 'webhook' };
    expect(await client.send(new GetFunctionConfigurationCommand(name))).toMatchObject({
      ...{ Role: ROLE, State: 'Active', Environment: { Variables: { A: '1' } } },
    });
    const reserved = async () =>
      (await client.send(new GetFunctionConcurrencyCommand(name))).ReservedConcurrentExecutions;
    expect(await reserved()).toBeUndefined();
    await client.send(new PutFunctionConcurrencyCommand({ ...name, ReservedConcurrentExecutions: 0 }));
    expect([await reserved(), world.aws.accountState.isOpen('webhook')]).toEqual([0, false]);
    await client.send(new DeleteFunctionConcurrencyCommand(name));
    expect([await reserved(), world.aws.accountState.isOpen('webhook')]).toEqual([undefined, true]);
  });

  it('should reserve nothing, not even 0, in an account that has no more than the minimum', async () => {
    const world = await open();
    world.aws.accountState.concurrency = 10;
    const closing = new LambdaClient(config(world)).send(
      new PutFunctionConcurrencyCommand({ FunctionName: 'webhook', ReservedConcurrentExecutions: 0 }),
    );
    await expect(closing).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    expect(world.aws.accountState.isOpen('webhook')).toBe(true);
  });

  it('should know no other function', async () => {
    const client = new LambdaClient(config(await open()));
    await expect(
      client.send(new GetFunctionConfigurationCommand({ FunctionName: 'other' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('Service Quotas', () => {
  it('should show what is applied, else nothing, and the default of what it knows', async () => {
    const world = await open();
    const { quotas } = world.aws.accountState;
    quotas.set('L-3032A538', 6);
    quotas.delete('L-F678F1CE');
    const client = new ServiceQuotasClient(config(world));
    const vcpus = { ServiceCode: 'fargate', QuotaCode: 'L-3032A538' };
    const vpcs = { ServiceCode: 'vpc', QuotaCode: 'L-F678F1CE' };
    expect((await client.send(new GetServiceQuotaCommand(vcpus))).Quota).toMatchObject({
      ...{ QuotaName: 'Fargate On-Demand vCPU resource count', Value: 6 },
    });
    await expect(client.send(new GetServiceQuotaCommand(vpcs))).rejects.toMatchObject({
      name: 'NoSuchResourceException',
    });
    expect((await client.send(new GetAWSDefaultServiceQuotaCommand(vpcs))).Quota?.Value).toBe(5);
  });
});
