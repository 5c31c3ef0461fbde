import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateSecurityGroupCommand,
  CreateVpcEndpointCommand,
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { DescribeClustersCommand, ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam';
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';

const present = (items: readonly (string | undefined)[] = []): string[] =>
  items.filter((item) => item !== undefined).toSorted();

/** The account at an endpoint, as far as the tests look at it. */
export function openAccount(endpoint: string) {
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'x' };
  const config = { endpoint, region: 'us-east-1', credentials };
  const ecs = new ECSClient(config);
  const lambda = new LambdaClient(config);
  const ec2 = new EC2Client(config);
  const iam = new IAMClient(config);
  const kms = new KMSClient(config);
  const sqs = new SQSClient(config);
  const logs = new CloudWatchLogsClient(config);
  const s3 = new S3Client({ ...config, forcePathStyle: true });

  const functions = async () => (await lambda.send(new ListFunctionsCommand())).Functions ?? [];

  /** All that it has and did not have before the stack, by kind: what is gone or makes no cost is left out. */
  async function inventory(): Promise<Readonly<Record<string, readonly string[]>>> {
    const { clusterArns } = await ecs.send(new ListClustersCommand());
    const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: clusterArns ?? [] }));
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand());
    const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand());
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand());
    const { Addresses } = await ec2.send(new DescribeAddressesCommand());
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand());
    const { Roles } = await iam.send(new ListRolesCommand());
    const { Keys } = await kms.send(new ListKeysCommand());
    const { QueueUrls } = await sqs.send(new ListQueuesCommand());
    const { logGroups } = await logs.send(new DescribeLogGroupsCommand());
    const { Buckets } = await s3.send(new ListBucketsCommand());
    return {
      functions: present((await functions()).map(({ FunctionName }) => FunctionName)),
      eventSources: present(EventSourceMappings?.map(({ EventSourceArn }) => EventSourceArn)),
      roles: present(Roles?.map(({ RoleName }) => RoleName)),
      clusters: present(
        clusters.filter(({ status }) => status === 'ACTIVE').map(({ clusterArn }) => clusterArn),
      ),
      queues: present(QueueUrls?.map((url) => url.split('/').at(-1))),
      keys: present(Keys?.map(({ KeyArn }) => KeyArn)),
      vpcs: present(Vpcs.filter(({ IsDefault }) => !IsDefault).map(({ VpcId }) => VpcId)),
      subnets: present(Subnets.filter(({ DefaultForAz }) => !DefaultForAz).map(({ SubnetId }) => SubnetId)),
      natGateways: present(
        NatGateways.filter(({ State }) => State !== 'deleted').map(({ NatGatewayId }) => NatGatewayId),
      ),
      addresses: present(Addresses?.map(({ AllocationId }) => AllocationId)),
      logGroups: present(logGroups?.map(({ logGroupName }) => logGroupName)),
      buckets: present(Buckets?.map(({ Name }) => Name)),
    };
  }

  /** The policy documents of a role. */
  async function policiesOf(RoleName: string): Promise<readonly string[]> {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const read = async (PolicyName: string) => {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      return decodeURIComponent(PolicyDocument);
    };
    return Promise.all(PolicyNames.map(read));
  }

  /** Puts into the VPC what GuardDuty's Runtime Monitoring does; the ids of it. */
  async function watchVpc(): Promise<readonly string[]> {
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand());
    const VpcId = Vpcs.find(({ IsDefault }) => !IsDefault)?.VpcId;
    const tagged = (ResourceType: 'security-group' | 'vpc-endpoint') => ({
      TagSpecifications: [{ ResourceType, Tags: [{ Key: 'GuardDutyManaged', Value: 'true' }] }],
    });
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({
        ...{ VpcId, GroupName: `GuardDutyManagedSecurityGroup-${VpcId}`, Description: 'made by GuardDuty' },
        ...tagged('security-group'),
      }),
    );
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({
        ...{ VpcId, VpcEndpointType: 'Interface', ServiceName: 'com.amazonaws.us-east-1.guardduty-data' },
        ...{ SecurityGroupIds: [GroupId], ...tagged('vpc-endpoint') },
      }),
    );
    return [VpcEndpoint?.VpcEndpointId ?? '', GroupId];
  }

  return { ecs, lambda, functions, inventory, policiesOf, watchVpc };
}
