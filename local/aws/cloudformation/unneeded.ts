import type { Resource } from './names.ts';

/** Permissions that a handler lists and never uses for a resource that has none of a property. */
interface Unneeded {
  readonly type: string;
  /** `ec2: AttachVpnGateway DetachVpnGateway`. */
  readonly actions: string;
  /** The one that they are for; `undefined` where they are for no property of this type. */
  readonly property?: string;
  readonly because?: string;
}

/** Each is for a property that no template has; one that comes to have it needs the permission. */
export const UNNEEDED: readonly Unneeded[] = [
  { type: 'AWS::ApiGatewayV2::Api', actions: 's3: GetObject', property: 'BodyS3Location' },
  { type: 'AWS::EC2::EIP', actions: 'ec2: AcceptAddressTransfer', property: 'TransferAddress' },
  { type: 'AWS::EC2::EIP', actions: 'ec2: AssociateAddress', property: 'InstanceId' },
  {
    type: 'AWS::EC2::NatGateway',
    actions: 'ec2: AssociateNatGatewayAddress DisassociateNatGatewayAddress',
    property: 'SecondaryAllocationIds',
  },
  {
    type: 'AWS::EC2::NatGateway',
    actions: 'ec2: AssignPrivateNatGatewayAddress UnassignPrivateNatGatewayAddress',
    property: 'SecondaryPrivateIpAddresses',
  },
  {
    type: 'AWS::EC2::Subnet',
    actions: 'ec2: AssociateSubnetCidrBlock DisassociateSubnetCidrBlock',
    property: 'Ipv6CidrBlock',
  },
  { type: 'AWS::EC2::VPC', actions: 'ec2: ModifyVpcTenancy', property: 'InstanceTenancy' },
  {
    type: 'AWS::EC2::VPCGatewayAttachment',
    actions: 'ec2: AttachVpnGateway DetachVpnGateway',
    property: 'VpnGatewayId',
  },
  {
    type: 'AWS::ECR::Repository',
    actions: 'kms: CreateGrant RetireGrant',
    property: 'EncryptionConfiguration',
  },
  {
    type: 'AWS::ECS::CapacityProvider',
    actions: 'autoscaling: CreateOrUpdateTags',
    property: 'AutoScalingGroupProvider',
  },
  {
    type: 'AWS::ECS::Cluster',
    actions: 'ecs: PutAccountSetting PutAccountSettingDefault',
    because: 'a cluster has no property that is a setting of the account',
  },
  { type: 'AWS::KMS::Key', actions: 'kms: DisableKey EnableKey', property: 'Enabled' },
  { type: 'AWS::Lambda::EventSourceMapping', actions: 'kms: Decrypt GenerateDataKey', property: 'KmsKeyArn' },
  {
    type: 'AWS::Lambda::Function',
    actions: 'elasticfilesystem: DescribeMountTargets',
    property: 'FileSystemConfigs',
  },
  {
    type: 'AWS::Lambda::Function',
    actions: 'kms: CreateGrant Decrypt Encrypt GenerateDataKey',
    property: 'KmsKeyArn',
  },
  {
    type: 'AWS::Lambda::Function',
    actions: 'lambda: GetCodeSigningConfig PutFunctionCodeSigningConfig',
    property: 'CodeSigningConfigArn',
  },
  { type: 'AWS::Lambda::Function', actions: 'lambda: GetLayerVersion', property: 'Layers' },
  {
    type: 'AWS::Logs::LogGroup',
    actions: 'firehose: TagDeliveryStream',
    because: 'a log group has no property that is a delivery stream',
  },
];

/** Names in schemas that are not IAM actions (Service Authorization Reference): no policy can grant it. */
export const UNKNOWN_ACTIONS: readonly string[] = [
  's3:DeleteBucketAnalyticsConfiguration',
  's3:DeleteBucketCors',
  's3:DeleteBucketEncryption',
  's3:DeleteBucketLifecycle',
  's3:DeleteBucketMetricsConfiguration',
  's3:DeleteBucketReplication',
  's3:PutBucketReplication',
  's3:PutObjectLockConfiguration',
  's3:REST.PUT.OBJECT',
];

export const actionsOf = (actions: string): string[] => {
  const [service = '', names = ''] = actions.split(': ');
  return names.split(' ').map((name) => `${service}:${name}`);
};

/** Whether a handler uses a permission that its schema lists, for a resource with these properties. */
export const isNeeded = ({ Type, Properties = {} }: Resource, action: string): boolean =>
  !UNKNOWN_ACTIONS.includes(action) &&
  !UNNEEDED.some(
    ({ type, actions, property }) =>
      type === Type &&
      actionsOf(actions).includes(action) &&
      !(property !== undefined && property in Properties),
  );
