/** Actions without resource-level permissions (Service Authorization Reference): the only ones with `*`. */
export const UNSCOPABLE: Readonly<Record<string, string>> = {
  'ecs:ListTasks': 'denied with a task or a cluster as the resource; bound to the cluster by a condition',
  ...Object.fromEntries(
    [
      ...['AssignPrivateIpAddresses', 'CreateNetworkInterface', 'DeleteNetworkInterface'],
      ...['DescribeNetworkInterfaces', 'DescribeSubnets', 'UnassignPrivateIpAddresses'],
    ].map((name) => [`ec2:${name}`, 'Lambda demands it of a role in a VPC; denied to the code itself']),
  ),
  [['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel']
    .map((name) => `ssmmessages:${name}`)
    .join()]: 'channels of Session Manager have no ARN; allowed with execCommand only',
  ...Object.fromEntries(
    [
      ...['AvailabilityZones', 'InstanceTypeOfferings', 'InstanceTypes', 'Instances', 'LaunchTemplates'],
      ...['SecurityGroups', 'Vpcs'],
    ].map((name) => [
      `ec2:Describe${name}`,
      'descriptions of EC2 know no resource; by ECS, which starts instances for Docker',
    ]),
  ),
  'ecs:DiscoverPollEndpoint': 'no resource; by the agent of an instance for Docker',
  'cloudwatch:GetMetricData': 'metrics have no ARN; by the weekly summary, where it is enabled',
  'ecr:GetAuthorizationToken': 'the token is for the registry of the account',
};
