/** A type of resource in words, and what a person should know before one is deleted or made again. */
export interface Kind {
  readonly one: string;
  readonly many: string;
  /** What it means that one is deleted; nothing is said of what nobody notices. */
  readonly deleted?: string;
  /** What it means that one is made again. */
  readonly replaced?: string;
}

const kind = (one: string, many: string, words: Omit<Kind, 'one' | 'many'> = {}): Kind => ({
  one,
  many,
  ...words,
});

const NEW_ADDRESS =
  'GitHub’s deliveries fail until the App’s webhook has the new address: oneshot setup sets it';
const LINES_LOST = 'the lines in it are deleted';
const IMAGES_LOST = 'the images in it are deleted';

/** By CloudFormation's name of the type; the first are told first. */
const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::Lambda::Function': kind('function', 'functions', {
    deleted: 'what it does is done no longer by this name',
  }),
  'AWS::ApiGatewayV2::Api': kind('HTTP API', 'HTTP APIs', { deleted: NEW_ADDRESS, replaced: NEW_ADDRESS }),
  'AWS::SQS::Queue': kind('queue', 'queues', {
    deleted:
      'the repositories that wait in it for a look are lost; the sweep finds them again in its rotation',
    replaced:
      'the repositories that wait in the old one for a look are lost; the sweep finds them again in its rotation',
  }),
  'AWS::ECS::Cluster': kind('cluster', 'clusters', {
    deleted: 'running tasks are stopped, and their jobs fail',
    replaced: 'running tasks are stopped, and their jobs fail',
  }),
  'AWS::ECS::CapacityProvider': kind('capacity provider', 'capacity providers', {
    deleted: 'running jobs with Docker are stopped, and others that need it wait',
    replaced: 'CloudFormation cannot do this in place: deploy with docker=disabled, then with docker=enabled',
  }),
  'AWS::ECS::TaskDefinition': kind('task definition', 'task definitions', {
    replaced: 'a new revision; running tasks keep the one that they have',
  }),
  'AWS::IAM::Role': kind('role', 'roles', { replaced: 'running tasks that have it lose its permissions' }),
  'AWS::KMS::Key': kind('key', 'keys', {
    deleted: 'the App’s secrets cannot be read any more: run oneshot setup again',
    replaced: 'the App’s secrets cannot be read any more: run oneshot setup again',
  }),
  'AWS::EC2::VPC': kind('VPC', 'VPCs', {
    deleted: 'while a task runs in it, AWS cannot delete it and it stays behind',
    replaced: 'CloudFormation cannot do this in place',
  }),
  'AWS::EC2::Subnet': kind('subnet', 'subnets', {
    deleted: 'while a task runs in it, AWS cannot delete it and it stays behind',
    replaced: 'while a task runs in the old one, AWS cannot delete it and it stays behind',
  }),
  'AWS::EC2::NatGateway': kind('NAT gateway', 'NAT gateways', {
    deleted: 'running tasks behind it lose their way out, and their jobs fail',
    replaced: 'running tasks behind it lose their way out, and their jobs fail',
  }),
  'AWS::EC2::EIP': kind('fixed address', 'fixed addresses', {
    deleted: 'jobs come from it no longer, and AWS gives it to others: take it out of allow lists',
    replaced: 'jobs come from another address: change allow lists',
  }),
  'AWS::EC2::SecurityGroup': kind('security group', 'security groups', {
    deleted: 'while a running task has it, AWS cannot delete it and it stays behind',
    replaced: 'running tasks keep the old one, which then stays behind',
  }),
  'AWS::EC2::VPCEndpoint': kind('VPC endpoint', 'VPC endpoints', {
    deleted: 'calls to that service leave the VPC from then on',
  }),
  'AWS::S3::Bucket': kind('bucket', 'buckets', { deleted: 'what is in it is deleted' }),
  'AWS::ECR::Repository': kind('image repository', 'image repositories', {
    deleted: IMAGES_LOST,
    replaced: IMAGES_LOST,
  }),
  'AWS::CodeBuild::Project': kind('image build', 'image builds', { deleted: 'no image is built any more' }),
  'AWS::Logs::LogGroup': kind('log group', 'log groups', { deleted: LINES_LOST, replaced: LINES_LOST }),
  'AWS::CloudWatch::Alarm': kind('alarm', 'alarms'),
  'AWS::SNS::Topic': kind('alarm topic', 'alarm topics', { deleted: 'its subscribers are told no longer' }),
  'AWS::CloudWatch::Dashboard': kind('dashboard', 'dashboards'),
  'AWS::ApiGatewayV2::Integration': kind('API integration', 'API integrations'),
  'AWS::ApiGatewayV2::Route': kind('API route', 'API routes'),
  'AWS::ApiGatewayV2::Stage': kind('API stage', 'API stages'),
  'AWS::EC2::InternetGateway': kind('internet gateway', 'internet gateways', {
    deleted: 'tasks behind it lose their way out, and their jobs fail',
  }),
  'AWS::EC2::Route': kind('route', 'routes'),
  'AWS::EC2::RouteTable': kind('route table', 'route tables'),
  'AWS::EC2::SubnetRouteTableAssociation': kind('subnet’s routing', 'subnets’ routing'),
  'AWS::EC2::VPCGatewayAttachment': kind('gateway attachment', 'gateway attachments'),
  'AWS::Events::Rule': kind('event rule', 'event rules'),
  'AWS::IAM::InstanceProfile': kind('instance profile', 'instance profiles'),
  'AWS::IAM::RolePolicy': kind('role’s policy', 'roles’ policies'),
  'AWS::KMS::Alias': kind('key alias', 'key aliases'),
  'AWS::Lambda::EventInvokeConfig': kind('retry setting', 'retry settings'),
  'AWS::Lambda::EventSourceMapping': kind('queue trigger', 'queue triggers'),
  'AWS::Lambda::Permission': kind('permission', 'permissions'),
  'AWS::Logs::QueryDefinition': kind('saved query', 'saved queries'),
  'AWS::S3::BucketPolicy': kind('bucket policy', 'bucket policies'),
  'AWS::SQS::QueuePolicy': kind('queue policy', 'queue policies'),
  'AWS::SSM::Parameter': kind('SSM parameter', 'SSM parameters'),
};

/** A type that is not in the list, of another version's template, goes by its own name. */
export function kindOf(type: string): Kind {
  const name = type.split('::').slice(1).join(' ');
  return KINDS[type] ?? kind(name, name);
}

/** Where a type stands when several are told. */
export function rankOf(type: string): number {
  const rank = Object.keys(KINDS).indexOf(type);
  return rank < 0 ? Number.POSITIVE_INFINITY : rank;
}

/** `4 functions`, `1 queue`. */
export const counted = (type: string, count: number): string => {
  const { one, many } = kindOf(type);
  return `${count} ${count === 1 ? one : many}`;
};
