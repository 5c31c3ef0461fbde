/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Where a template is deployed. */
export interface Site {
  readonly stack: string;
  readonly region: string;
  readonly account: string;
  readonly resources: Readonly<Record<string, Resource>>;
}

/** The property that names a resource, by its type; another type's resources are named by CloudFormation. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::CodeBuild::Project': 'Name',
  'AWS::ECR::Repository': 'RepositoryName',
  'AWS::ECS::CapacityProvider': 'Name',
  'AWS::ECS::Cluster': 'ClusterName',
  'AWS::ECS::TaskDefinition': 'Family',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::RolePolicy': 'RoleName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::Lambda::EventInvokeConfig': 'FunctionName',
  'AWS::Lambda::EventSourceMapping': 'FunctionName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Lambda::Permission': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::BucketPolicy': 'Bucket',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SQS::QueuePolicy': 'Queues',
  'AWS::SSM::Parameter': 'Name',
};

/** The name of a resource, or of what it is about: a policy's queue, a permission's function. */
export function nameOf(site: Site, logicalId: string): string {
  const { Type, Properties = {} } = site.resources[logicalId] ?? { Type: '' };
  const named = Properties[NAMED_BY[Type] ?? ''];
  return named === undefined ? generated(site, logicalId, Type) : textOf(site, named);
}

/** As CloudFormation names what has no name: stack, logical id, characters at random; lower case in S3. */
function generated({ stack }: Site, logicalId: string, type: string): string {
  const name = `${stack}-${logicalId}-1A2B3C4D5E6F`;
  return type === 'AWS::S3::Bucket' ? name.toLowerCase() : name;
}

/** A text of the template, with names where it refers to resources. Another function than these is an error. */
export function textOf(site: Site, value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return textOf(site, value[0]);
  const [name, inner] = Object.entries(Object(value))[0] ?? [];
  if (name === 'Ref') return pseudo(site, String(inner)) ?? nameOf(site, String(inner));
  if (name === 'Fn::GetAtt') return nameOf(site, String((inner as string[])[0]));
  if (name === 'Fn::Sub')
    return String(inner).replaceAll(/\$\{([\w:]+)\}/g, (_, of) => pseudo(site, of) ?? nameOf(site, of));
  throw new Error(`not a name: ${JSON.stringify(value)}`);
}

const pseudo = ({ region, account }: Site, name: string): string | undefined =>
  ({ 'AWS::Region': region, 'AWS::AccountId': account, 'AWS::Partition': 'aws' })[name];
