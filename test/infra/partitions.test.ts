import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './osls.ts';
import { packageSkeleton } from './skeleton.ts';
import { at, properties, resolveConditions, type Template } from './template.ts';
import { VARIANTS, type VariantName } from './variants.ts';

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;
beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

/** One region of each partition, as CloudFormation tells it. */
const PARTITIONS = {
  aws: { Region: 'eu-west-1', URLSuffix: 'amazonaws.com', dualStack: 'api.aws' },
  'aws-cn': {
    ...{ Region: 'cn-north-1', URLSuffix: 'amazonaws.com.cn', dualStack: 'api.amazonwebservices.com.cn' },
  },
  'aws-us-gov': { Region: 'us-gov-west-1', URLSuffix: 'amazonaws.com', dualStack: 'api.aws' },
  'aws-eusc': {
    ...{ Region: 'eusc-de-east-1', URLSuffix: 'amazonaws.eu', dualStack: 'api.amazonwebservices.eu' },
  },
} as const;
type PartitionName = keyof typeof PARTITIONS;
const NAMES = Object.keys(PARTITIONS) as PartitionName[];

type Variables = Readonly<Record<string, unknown>>;

/** A template as a partition's CloudFormation reads it, as far as pseudo parameters and mappings go. */
function inPartition(template: Template, partition: PartitionName): Template {
  const pseudo = Object.entries({ Partition: partition, ...PARTITIONS[partition] });
  const known: Variables = Object.fromEntries(pseudo.map(([name, value]) => [`AWS::${name}`, value]));
  const evaluate = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(evaluate);
    if (typeof value !== 'object' || value === null) return value;
    const [[key = '', inner] = []] = Object.entries(value);
    if (key === 'Ref') return known[String(inner)] ?? value;
    if (key === 'Fn::FindInMap') return at(template, 'Mappings', ...(evaluate(inner) as string[]));
    if (key === 'Fn::Sub') return substitute(inner);
    if (key === 'Fn::Join') return join(evaluate(inner) as [string, unknown]);
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, evaluate(item)]));
  };
  const join = ([separator, items]: [string, unknown]): unknown =>
    Array.isArray(items) && items.every((item) => typeof item === 'string')
      ? items.join(separator)
      : { 'Fn::Join': [separator, items] };
  const substitute = (given: unknown): string => {
    const [text, own] = Array.isArray(given) ? [given[0], evaluate(given[1]) as Variables] : [given, {}];
    const all: Variables = { ...known, ...own };
    return String(text).replaceAll(/\$\{([\w:.]+)\}/g, (whole, name) => String(all[name] ?? whole));
  };
  const { Resources, Outputs, Conditions = {} } = template;
  const conditions = { ...template, Conditions: evaluate(Conditions) } as Template;
  const resolved = resolveConditions({ ...conditions, Resources, Outputs });
  return evaluate(resolved) as Template;
}

/** All text of a template, but for the script that tasks run: its tests are its own. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('#!') ? [] : [value];
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...texts(inner)])
    : [];
}

/** Names of the partition `aws` and of its hosts. */
const OF_AWS =
  /arn:aws:[\w-]*|[\w.*-]*(?:amazonaws\.com(?!\.cn)|console\.aws\.amazon|\bapi\.aws\b)[\w.-]*|(?<![\w.])com\.amazonaws[\w.-]*/g;

/** What is the same in every partition, with the reason. */
const ALIKE: Readonly<Record<string, string>> = {
  'apigateway.amazonaws.com': 'a service principal, of osls',
  'lambda.amazonaws.com':
    'service principals end so in every partition (aws-cdk, region-info: service principals)',
  'ecs-tasks.amazonaws.com': 'a service principal',
  'codebuild.amazonaws.com': 'a service principal',
  'ecs.amazonaws.com': 'a service principal, and who operates managed resources of EC2',
  'ec2.amazonaws.com': 'not deployed there: rules.ts refuses Docker in China, whose EC2 has another name',
  'events.amazonaws.com': 'a service principal',
  'com.amazonaws.cn-north-1.s3': 'a gateway endpoint (aws-cdk, aws-ec2/lib/vpc-endpoint.ts)',
  'com.amazonaws.cn-north-1.kms': 'none of the endpoints that China names otherwise (as above)',
  'com.amazonaws.cn-north-1.logs': 'as that of KMS',
  'com.amazonaws.eusc-de-east-1.s3': 'a gateway endpoint (as above)',
  'com.amazonaws.eusc-de-east-1.kms': 'as in China',
  'com.amazonaws.cn-north-1.kms-fips': 'not deployed: rules.ts refuses FIPS there',
  'com.amazonaws.eusc-de-east-1.kms-fips': 'not deployed: rules.ts refuses FIPS there',
  'com.amazonaws.eusc-de-east-1.logs': 'as in China',
  'com.amazonaws.eusc-de-east-1.sts': 'there it is as in the partition aws',
};

const GIVEN = /arn:aws:(iam|secretsmanager|sns)$/; // as the variants' parameters give them

describe.each(['aws-cn', 'aws-eusc'] as const)('a template in %s', (partition) => {
  it.each(Object.keys(VARIANTS) as VariantName[])(
    'should name nothing of the partition aws: %s',
    (variant) => {
      const { image, ...changes } = { image: '', ...VARIANTS[variant] };
      const template = templateWith({ ...changes, ...(image === 'pipeline' && { image }) });
      const { Resources, Outputs } = inPartition(template, partition);
      const found = texts({ Resources, Outputs }).flatMap((text) => text.match(OF_AWS) ?? []);
      const foreign = found.filter((name) => !(name in ALIKE) && !GIVEN.test(name));
      expect([...new Set(foreign)]).toEqual([]);
    },
  );
});

describe.each(NAMES)('in %s', (partition) => {
  const { Region, URLSuffix, dualStack } = PARTITIONS[partition];
  const kmsUrl = (changes: Parameters<typeof templateWith>[0]): unknown => {
    const template = inPartition(templateWith(changes), partition);
    const definition = properties(template, 'TaskDefinitionX64');
    const environment = at(definition, 'ContainerDefinitions', 0, 'Environment') as unknown[];
    return at(
      environment.find((one) => at(one, 'Name') === 'ONESHOT_KMS_URL'),
      'Value',
    );
  };

  it('should link to the console of this partition', () => {
    const host = {
      ...{ aws: 'console.aws.amazon.com', 'aws-cn': 'console.amazonaws.cn' },
      ...{ 'aws-us-gov': 'console.amazonaws-us-gov.com', 'aws-eusc': 'console.amazonaws-eusc.eu' },
    }[partition];
    const { Outputs } = inPartition(templateWith({}), partition);
    expect(Outputs['DashboardUrl']?.Value).toBe(
      `https://${Region}.${host}/cloudwatch/home?region=${Region}#dashboards/dashboard/\${Dashboard}`,
    );
  });

  it('should tell the supervisor KMS’s address, with FIPS or for IPv6 where that is asked for', () => {
    expect(kmsUrl({})).toBe(`https://kms.${Region}.${URLSuffix}`);
    expect(kmsUrl({ fipsEndpoints: 'enabled' })).toBe(`https://kms-fips.${Region}.${URLSuffix}`);
    expect(kmsUrl({ dualStackEndpoints: 'enabled' })).toBe(`https://kms.${Region}.${dualStack}`);
  });
});

describe('endpoints that are asked for', () => {
  it('should be told to the SDK of the functions', () => {
    const template = resolveConditions(templateWith({ fipsEndpoints: 'enabled' }));
    expect(at(properties(template, 'SweepLambdaFunction'), 'Environment', 'Variables')).toMatchObject({
      AWS_USE_FIPS_ENDPOINT: 'true',
    });
    const dual = resolveConditions(templateWith({ dualStackEndpoints: 'enabled' }));
    expect(at(properties(dual, 'SweepLambdaFunction'), 'Environment', 'Variables')).toMatchObject({
      AWS_USE_DUALSTACK_ENDPOINT: 'true',
    });
  });

  it('should be those of an interface endpoint of KMS, past which no config is opened', () => {
    const template = resolveConditions(templateWith({ fipsEndpoints: 'enabled', endpoints: 'kms' }));
    const { ServiceName } = properties(template, 'KmsEndpoint');
    expect(ServiceName).toEqual({ 'Fn::Sub': expect.stringMatching(/\.kms-fips$/) });
  });
});

/** In code: what is compared with and never called. */
const IN_CODE: Readonly<Record<string, string>> = {
  'cli/doctor/links/docker.ts': 'the command that names a service principal',
  'infra/derive.ts': 'recognises images of ECR in every partition; and an ARN that stands for none',
  'infra/rules.ts': 'examples in messages',
  'infra/service-linked-role.ts': 'the service principal of ECS, and the command that names it',
};

it('should be the rule for code too: no source names a host or an ARN of one partition', () => {
  const files = ['functions', 'cli', 'infra'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
      (it) => `${folder}/${it}`,
    ),
  );
  const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '');
  const naming = [...files.filter((file) => /\.[jt]s$/.test(file)), 'image/entrypoint.sh'].filter((file) =>
    withoutComments(readFileSync(path.join(ROOT, file), 'utf8')).match(OF_AWS),
  );
  expect(naming.toSorted()).toEqual(Object.keys(IN_CODE).toSorted());
});
