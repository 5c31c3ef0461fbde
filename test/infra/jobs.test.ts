import { beforeAll, describe, expect, it } from 'vitest';
import { packageSkeleton } from './skeleton.ts';
import { asList, at, properties, resolveConditions, type Statement, statementsOf } from './template.ts';

let templateWith: Awaited<ReturnType<typeof packageSkeleton>>;

beforeAll(async () => {
  templateWith = await packageSkeleton();
}, 300_000);

const taskRole = (changes: Parameters<typeof templateWith>[0]) => {
  const template = resolveConditions(templateWith(changes));
  return {
    statements: statementsOf(template, 'TaskRole'),
    policies: properties(template, 'TaskRole')['ManagedPolicyArns'],
  };
};
const bySid = (statements: readonly Statement[], sid: string) => statements.find(({ Sid }) => Sid === sid);
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

describe('jobs', () => {
  it('should be able to do nothing in AWS but open a sealed config, unless parameters say so', () => {
    const { statements, policies } = taskRole({});
    expect(statements.map(({ Sid }) => Sid)).toEqual(['UnsealJitConfig']);
    expect(policies).toBeUndefined();
  });
});

describe("the task's credentials", () => {
  const isHandedOver = (changes: Parameters<typeof templateWith>[0]) =>
    ['X64', 'Arm64'].map((architecture) => {
      const definition = properties(templateWith(changes), `TaskDefinition${architecture}`);
      const variables = at(definition, 'ContainerDefinitions', 0, 'Environment') as {
        Name: string;
        Value: unknown;
      }[];
      return variables.find(({ Name }) => Name === 'ONESHOT_JOB_CREDENTIALS')?.Value;
    });

  it('should be handed to steps where jobs are granted something, and nowhere else', () => {
    expect(isHandedOver({})).toEqual([undefined, undefined]);
    expect(isHandedOver({ jobBuckets: ' , ' })).toEqual([undefined, undefined]);
    expect(isHandedOver({ jobBuckets: 'acme-cache' })).toEqual(['1', '1']);
    expect(isHandedOver({ jobPolicies: READ_ONLY })).toEqual(['1', '1']);
  });
});

describe('the buckets of jobs', () => {
  const inBuckets = (changes: Parameters<typeof templateWith>[0]) =>
    taskRole({ jobBuckets: 'acme-artifacts,acme-cache', ...changes }).statements.filter(
      ({ Sid }) => Sid !== 'UnsealJitConfig',
    );

  it('should be listed, read and written, and nothing else be done to them', () => {
    const arn = (path: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${path}` });
    expect(inBuckets({})).toMatchObject([
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: [arn('acme-artifacts'), arn('acme-cache')] },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: [arn('acme-artifacts/*'), arn('acme-cache/*')],
      },
    ]);
  });

  it.each(['private', 'public'])('should be closed to credentials that have left the VPC (%s)', (network) => {
    for (const { Condition } of inBuckets({ network }))
      expect(Condition).toEqual({ StringEquals: { 'aws:SourceVpc': { Ref: 'Vpc' } } });
  });

  it('should be open from anywhere where no VPC is known to be theirs', () => {
    const existing = { network: 'existing', subnets: 'subnet-01234567', securityGroups: 'sg-01234567' };
    for (const of of inBuckets(existing)) expect(of).not.toHaveProperty('Condition');
  });
});

describe('further policies of jobs', () => {
  const statements = () => taskRole({ jobPolicies: READ_ONLY }).statements;

  it('should be attached to the task role', () => {
    expect(taskRole({ jobPolicies: READ_ONLY }).policies).toEqual([READ_ONLY]);
  });

  it.each([
    ['ecs:DescribeTasks', 'NoOtherTasks', 'task/oneshot-dev/*', 'it shows the sealed configs of others'],
    ['ecs:ExecuteCommand', 'NoOtherTasks', 'task/oneshot-dev/*', 'it is a shell in the jobs of others'],
    ['ecs:StopTask', 'NoOtherTasks', 'task/oneshot-dev/*', 'it ends the jobs of others'],
    ['ssm:StartSession', 'NoOtherTasks', 'task/oneshot-dev/*', 'ECS Exec is made of it'],
    ['ssm:*', 'NoAppParameters', 'parameter/oneshot/dev/github/*', 'there is the App key'],
    ['ssm:*', 'NoAppParameters', 'parameter/oneshot/dev/github"', 'there is the App key'],
    ['cloudtrail:*', 'NoTrails', '*', 'it shows the sealed configs of others'],
    ['events:PutRule', 'NoTaskEvents', '*', 'events show the sealed configs of others'],
    ['events:PutTargets', 'NoTaskEvents', '*', 'events show the sealed configs of others'],
    ['events:PutPermission', 'NoTaskEvents', '*', 'it lets another account add rules'],
    ['events:CreateArchive', 'NoTaskEvents', '*', 'events show the sealed configs of others'],
    ['lambda:*', 'NothingOfTheStack', 'function:oneshot-dev-*', 'the functions read the App key'],
    ['sqs:*', 'NothingOfTheStack', 'oneshot-dev-*', 'a dead letter may hold a sealed config'],
    ['ecr:*', 'NothingOfTheStack', 'repository/oneshot-dev-*', 'it is the image of every job'],
    ['codebuild:*', 'NothingOfTheStack', 'project/oneshot-dev-*', 'it builds the image of every job'],
    ['s3:*', 'NothingOfTheStack', 'ServerlessDeploymentBucket}/*', 'a rollback runs what lies there'],
  ])('should never let a job call %s (%s)', (action, sid, resource) => {
    const deny = bySid(statements(), sid);
    expect(deny).toMatchObject({ Effect: 'Deny' });
    expect(deny).not.toHaveProperty('Condition');
    expect(asList(deny?.Action ?? [])).toContain(action);
    expect(`${JSON.stringify(deny?.Resource)}"`).toContain(resource);
  });

  it('should never let a job launch on our cluster, whatever it may launch elsewhere', () => {
    expect(bySid(statements(), 'NoLaunches')).toMatchObject({
      Effect: 'Deny',
      Action: expect.arrayContaining(['ecs:RunTask', 'ecs:StartTask', 'ecs:CreateService']),
      Condition: { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': ['Cluster', 'Arn'] } } },
    });
  });

  it('should never let a job use the key but for a sealed config', () => {
    expect(bySid(statements(), 'NothingButRunnersWithTheKey')).toMatchObject({
      Effect: 'Deny',
      Action: 'kms:*',
      Resource: { 'Fn::GetAtt': ['Key', 'Arn'] },
      Condition: { Null: { 'kms:EncryptionContext:runner': 'true' } },
    });
  });
});
