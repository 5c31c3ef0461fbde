import { beforeAll, describe, expect, it } from 'vitest';
import { LONGEST_STACK } from '../../functions/core/job/identity.ts';
import { findProblems } from '../../infra/parameters.ts';
import { packageSkeleton } from './skeleton.ts';
import { asList, at, ofType, resolveConditions, type Template } from './template.ts';
import { parametersWith, VARIANTS } from './variants.ts';

/** A fifth of each limit stays free: that is how much may be added before a deployment fails. */
const SHARE = 0.8;

/** A limit that may be reached: what is held to it grows by nobody's deployment. */
const whole = (limit: number): number => limit / SHARE;

const STAGE = 's'.repeat(LONGEST_STACK - 'oneshot-'.length);

/** As many as the parameters' check lets through. */
const times = (count: number, item: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => item(index)).join(',');
const MOST = {
  ...VARIANTS['private, everything on'],
  zones: 'us-east-1a,us-east-1b,us-east-1c,us-east-1d',
  egressCidrs: times(40, (index) => `10.0.${index}.0/24`),
  jobBuckets: times(20, (index) => `${String(index).padStart(2, '0')}${'b'.repeat(61)}`),
  alarmTopics: times(4, (index) => `arn:aws:sns:us-east-1:123456789012:${'t'.repeat(200)}${index}`),
};
const SIZES = { ...VARIANTS, 'as much as there may be': MOST };

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;

beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

/** What stands for what only AWS knows, as long as it can be. */
const LONGEST: Readonly<Record<string, string>> = {
  'AWS::Region': 'ap-southeast-1',
  'AWS::Partition': 'aws-us-gov',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};
/** An ARN of a role whose name CloudFormation made: the longest of what is referred to. */
const ARN = `arn:aws-us-gov:iam::123456789012:role/${'r'.repeat(64)}`;

function written(value: unknown): unknown {
  if (typeof value === 'string')
    return value
      .replaceAll('oneshot-dev', `oneshot-${STAGE}`)
      .replaceAll('/oneshot/dev', `/oneshot/${STAGE}`);
  if (Array.isArray(value)) return value.map(written);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, inner] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref' || name === 'Fn::GetAtt') return LONGEST[String(inner)] ?? ARN;
  if (name === 'Fn::Sub')
    return String(written(inner)).replaceAll(/\$\{([^}]+)\}/g, (_, of: string) => LONGEST[of] ?? ARN);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, written(item)]));
}

const resolved = (name: keyof typeof SIZES) =>
  written(resolveConditions(templateWith(SIZES[name]))) as Template;

const bytes = (value: unknown) =>
  Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));

type Size = readonly [what: string, size: number, limit: number];

/** Quotas of CloudFormation (user guide, "Understand CloudFormation quotas"), of a template that is uploaded to S3. */
const ofTemplate = (template: Template, packed: Template): Size[] => [
  ['template, bytes', Buffer.byteLength(JSON.stringify(packed, null, 2)), 1_000_000],
  ['resources', Object.keys(packed.Resources).length, 500],
  ['outputs', Object.keys(packed.Outputs).length, 200],
  ...Object.entries(template.Outputs).map(([id, { Value }]) => [`${id}, bytes`, bytes(Value), 4096] as const),
];

/** IAM user guide, "IAM and AWS STS quotas": white space does not count, and is not there. */
function ofRoles(template: Template): Size[] {
  return ofType(template, 'AWS::IAM::Role').flatMap(([id, role]): Size[] => {
    const beside = ofType(template, 'AWS::IAM::RolePolicy').filter(([name]) => ROLE_OF[name] === id);
    const policies = [...asList(role['Policies'] ?? []), ...beside.map(([, policy]) => policy)];
    return [
      [`${id}, inline policies`, sum(policies.map((policy) => bytes(at(policy, 'PolicyDocument')))), 10_240],
      [`${id}, trust`, bytes(role['AssumeRolePolicyDocument']), 2048],
      [`${id}, description`, bytes(role['Description'] ?? ''), 1000],
      [`${id}, name`, bytes(role['RoleName'] ?? ''), whole(64)],
    ];
  });
}

const ROLE_OF: Readonly<Record<string, string>> = {
  ...{ JobBuckets: 'TaskRole', JobFence: 'TaskRole', ExecutionRolePull: 'ExecutionRole' },
};

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

/** Of single resources: by type, what of them has which limit. */
const OF_TYPE: Readonly<Record<string, (properties: Readonly<Record<string, unknown>>) => Size[]>> = {
  // ECS developer guide, "Amazon ECS service quotas": task definition size 64 KiB.
  'AWS::ECS::TaskDefinition': (definition) => [['definition', bytes(definition), 65_536]],
  // KMS developer guide, "Resource quotas": key policy document size.
  'AWS::KMS::Key': ({ KeyPolicy }) => [['key policy', bytes(KeyPolicy), 32_768]],
  // Lambda developer guide, "Lambda quotas".
  'AWS::Lambda::Function': ({ Environment }) => [['environment', bytes(Environment), 4096]],
  // CloudWatch API reference, PutMetricAlarm: five actions of each kind, and a description.
  'AWS::CloudWatch::Alarm': ({ AlarmActions, OKActions, AlarmDescription }) => [
    ['actions', asList(AlarmActions ?? []).length, whole(5)],
    ['actions, OK', asList(OKActions ?? []).length, whole(5)],
    ['description', bytes(AlarmDescription), whole(1024)],
  ],
  // CloudWatch user guide, "CloudWatch service quotas": widgets of a dashboard, metrics of a widget and of all.
  'AWS::CloudWatch::Dashboard': ({ DashboardBody }) => {
    const widgets = at(JSON.parse(String(DashboardBody)), 'widgets') as unknown[];
    const metrics = widgets.map((widget) => asList(at(widget, 'properties', 'metrics') ?? []).length);
    return [
      ['widgets', widgets.length, 500],
      ['metrics of a widget', Math.max(...metrics), 500],
      ['metrics', sum(metrics), 2500],
    ];
  },
  // VPC user guide, "Amazon VPC quotas": rules of a security group and direction.
  'AWS::EC2::SecurityGroup': ({ SecurityGroupEgress, GroupDescription }) => [
    ['rules', asList(SecurityGroupEgress ?? []).length, 60],
    ['description', bytes(GroupDescription), 255],
  ],
  // CloudWatch Logs API reference, PutQueryDefinition; EventBridge quotas; ECR lifecycle policy.
  'AWS::Logs::QueryDefinition': ({ QueryString }) => [['query', bytes(QueryString), 10_000]],
  'AWS::Events::Rule': ({ EventPattern = '' }) => [['pattern', bytes(EventPattern), 2048]],
  'AWS::ECR::Repository': ({ LifecyclePolicy }) => [
    ['lifecycle policy', bytes(at(LifecyclePolicy, 'LifecyclePolicyText')), 30_720],
  ],
  // CodeBuild: docs of LONGEST_BUILDSPEC in infra/image-files.ts.
  'AWS::CodeBuild::Project': ({ Source }) => [['buildspec', bytes(at(Source, 'BuildSpec')), 25_600]],
};

function sizes(name: keyof typeof SIZES): readonly Size[] {
  const template = resolved(name);
  const ofResources = Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) =>
    (OF_TYPE[Type]?.(Properties) ?? []).map(([what, ...rest]) => [`${id}, ${what}`, ...rest] as const),
  );
  return [...ofTemplate(template, templateWith(SIZES[name])), ...ofRoles(template), ...ofResources];
}

describe('the limits of AWS', () => {
  it.each(Object.keys(SIZES) as (keyof typeof SIZES)[])('should each have a fifth to spare: %s', (name) => {
    const tight = sizes(name).filter(([, size, limit]) => size > limit * SHARE);
    expect(tight).toEqual([]);
  });

  it('should be kept by the longest lists that the parameters may be', () => {
    const deployment = { stack: `oneshot-${STAGE}`, region: 'us-east-1' };
    expect(findProblems(parametersWith(MOST), deployment)).toEqual([]);
  });
});
