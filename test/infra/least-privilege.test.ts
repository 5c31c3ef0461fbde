import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { JOB_OVER_TAG, MARK_TAG } from '../../functions/core/task/task-environment.ts';
import { readRunnerLimits } from '../../infra/runners.ts';
import { denying } from '../../local/aws/iam/evaluate.ts';
import { type Packaged, packageService } from './package-service.ts';
import { asList, at, ofType, properties, type Statement, statementsOf } from './template.ts';
import { UNSCOPABLE } from './unscopable.ts';

const RUNNERS = path.join(import.meta.dirname, '../../runners.yml');

let packaged: Packaged;
let withEcrImage: Packaged;

beforeAll(async () => {
  packaged = await packageService();
  withEcrImage = await packageService({
    entrypoint: 'exit',
    parameters: {
      image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/oneshot:1',
      permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
    },
  });
}, 120_000);

const FUNCTION_ROLES = ['WebhookRole', 'ReconcileRole', 'SettleRole', 'SweepRole'];
const LAUNCHERS = ['WebhookRole', 'ReconcileRole'];
const ROLES = [...FUNCTION_ROLES, 'TaskRole', 'ExecutionRole'];

/** What each role may do: what its code calls (functions/, image/entrypoint.sh, ECS itself), and no more. */
const ALLOWED: Record<string, string[]> = {
  WebhookRole: [
    'ecs:DescribeTasks',
    'ecs:ListTasks',
    'ecs:RunTask',
    'ecs:TagResource', // at a launch
    'ecs:TagResource', // a mark, and the end of a job
    'iam:PassRole',
    'kms:Decrypt',
    'kms:Encrypt',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'sqs:SendMessage',
    'ssm:GetParameters',
  ],
  ReconcileRole: [
    'ecs:DescribeTasks',
    'ecs:ListTasks',
    'ecs:RunTask',
    'ecs:TagResource',
    'iam:PassRole',
    'kms:Decrypt',
    'kms:Encrypt',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'sqs:SendMessage', // a doubt
    'sqs:SendMessage', // a dead letter
    'ssm:GetParameters',
  ],
  SettleRole: [
    'kms:Decrypt',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'sqs:SendMessage', // a doubt
    'sqs:SendMessage', // a dead letter
    'ssm:GetParameters',
  ],
  SweepRole: [
    'ecs:DescribeTasks',
    'ecs:ListTasks',
    'ecs:StopTask',
    'kms:Decrypt',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'sqs:SendMessage',
    'ssm:GetParameters',
  ],
  TaskRole: ['kms:Decrypt'],
  ExecutionRole: ['logs:CreateLogStream', 'logs:PutLogEvents'],
};

const actionsOf = (statements: readonly Statement[]): string[] =>
  statements.flatMap(({ Action }) => asList(Action)).toSorted();

function statement(role: string, action: string, sid?: string): Statement {
  const found = statementsOf(packaged.resolved, role).filter(
    ({ Action, Sid }) => asList(Action).includes(action) && (sid === undefined || Sid === sid),
  );
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${role}: ${found.length} x ${action}`);
  return found[0];
}

const resources = (of: Statement): string[] =>
  asList(of.Resource).map((resource) => JSON.stringify(resource));

describe('the roles', () => {
  it('should be these and no others: osls makes no role of its own', () => {
    const roles = ofType(withEcrImage.resolved, 'AWS::IAM::Role').map(([name]) => name);
    expect(roles.toSorted()).toEqual(ROLES.toSorted());
    expect(ofType(packaged.resolved, 'AWS::IAM::Policy')).toEqual([]);
  });

  it.each(ROLES)('should let %s do what its code calls, and nothing else', (role) => {
    const statements = statementsOf(packaged.resolved, role);
    expect(actionsOf(statements)).toEqual(ALLOWED[role]);
    expect(statements.map(({ Effect }) => Effect)).not.toContain('Deny');
    expect(properties(packaged.resolved, role)).not.toHaveProperty('ManagedPolicyArns');
  });

  it.each(ROLES)('should give %s no wildcard but where AWS has no narrower resource', (role) => {
    for (const packageOf of [packaged, withEcrImage])
      for (const { Action, Resource } of statementsOf(packageOf.resolved, role)) {
        expect(asList(Action).join()).not.toContain('*');
        if (asList(Resource).includes('*')) expect(UNSCOPABLE).toHaveProperty([asList(Action).join()]);
      }
  });

  it.each(ROLES)('should hold %s to one partition, region and account', (role) => {
    for (const of of statementsOf(packaged.resolved, role))
      for (const resource of resources(of).filter((text) => text.includes('Fn::Sub')))
        expect(resource).toMatch(/arn:\$\{AWS::Partition\}:\w+:\$\{AWS::Region\}:\$\{AWS::AccountId\}:/);
  });

  it.each(ROLES)('should bound %s where the account asks for it', (role) => {
    expect(properties(packaged.resolved, role)).not.toHaveProperty('PermissionsBoundary');
    expect(properties(withEcrImage.resolved, role)['PermissionsBoundary']).toBe(
      'arn:aws:iam::123456789012:policy/boundary',
    );
  });
});

describe.each(LAUNCHERS)('launching (%s)', (role) => {
  it('should be allowed of our two families, on our cluster', () => {
    const launch = statement(role, 'ecs:RunTask');
    expect(resources(launch)).toEqual([
      expect.stringContaining(':task-definition/oneshot-dev-x64:*'),
      expect.stringContaining(':task-definition/oneshot-dev-arm64:*'),
    ]);
    expect(launch.Condition?.['ArnEquals']).toEqual({ 'ecs:cluster': { 'Fn::GetAtt': ['Cluster', 'Arn'] } });
  });

  it('should be allowed up to the limits of runners.yml', () => {
    const { maximumCpuUnits, maximumMemoryMiB } = readRunnerLimits(RUNNERS);
    expect(statement(role, 'ecs:RunTask').Condition?.['NumericLessThanEqualsIfExists']).toEqual({
      'ecs:task-cpu': maximumCpuUnits,
      'ecs:task-memory': maximumMemoryMiB,
    });
  });

  it('should hand over the two task roles, to ECS tasks only', () => {
    const pass = statement(role, 'iam:PassRole');
    expect(pass.Resource).toEqual([
      { 'Fn::GetAtt': ['TaskRole', 'Arn'] },
      { 'Fn::GetAtt': ['ExecutionRole', 'Arn'] },
    ]);
    expect(pass.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
  });

  it('should tag tasks of our cluster while they are made', () => {
    const tag = statement(role, 'ecs:TagResource', 'TagTasksAtLaunch');
    expect(resources(tag)).toEqual([expect.stringContaining(':task/oneshot-dev/*')]);
    expect(tag.Condition).toEqual({ StringEquals: { 'ecs:CreateAction': 'RunTask' } });
  });
});

describe('a mark', () => {
  it('should be set on tasks of our cluster: the two tags that the code sets', () => {
    const mark = statement('WebhookRole', 'ecs:TagResource', 'MarkTasks');
    expect(resources(mark)).toEqual([expect.stringContaining(':task/oneshot-dev/*')]);
    expect(mark.Condition).toEqual({
      'ForAllValues:StringEquals': { 'aws:TagKeys': [MARK_TAG, JOB_OVER_TAG] },
      Null: { 'aws:TagKeys': 'false' },
    });
  });
});

describe('the cluster', () => {
  it.each([
    ...['WebhookRole', 'ReconcileRole', 'SweepRole'].flatMap((role) => [
      [role, 'ecs:ListTasks'] as const,
      [role, 'ecs:DescribeTasks'] as const,
    ]),
    ['SweepRole', 'ecs:StopTask'] as const,
  ])('should be ours: %s, %s', (role, action) => {
    expect(statement(role, action).Condition).toEqual({
      ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': ['Cluster', 'Arn'] } },
    });
  });
});

describe('doubts', () => {
  const queue = { 'Fn::GetAtt': ['DoubtQueue', 'Arn'] };

  it.each(FUNCTION_ROLES)('should be raised by %s, in the one queue', (role) => {
    expect(statement(role, 'sqs:SendMessage', 'Doubt').Resource).toEqual(queue);
  });

  it.each(['ReconcileRole', 'SettleRole'])('should be buried by %s where dead letters go', (role) => {
    const deadLetters = { 'Fn::GetAtt': ['DeadDoubtQueue', 'Arn'] };
    expect(statement(role, 'sqs:SendMessage', 'Bury').Resource).toEqual(deadLetters);
  });

  it('should be taken by reconcile, from the one queue', () => {
    expect(statement('ReconcileRole', 'sqs:ReceiveMessage').Resource).toEqual(queue);
  });
});

describe('the App parameters', () => {
  const names = ['app-id', 'private-key', 'webhook-secret', 'webhook-secret-previous'];

  it.each(FUNCTION_ROLES)(
    'should be read by name, and decrypted through the Parameter Store (%s)',
    (role) => {
      const read = statement(role, 'ssm:GetParameters');
      expect(resources(read)).toEqual(
        names.map((name) => expect.stringContaining(`:parameter/oneshot/dev/github/${name}"`)),
      );
      const decrypt = statement(role, 'kms:Decrypt');
      expect(decrypt.Resource).toEqual({ 'Fn::GetAtt': ['Key', 'Arn'] });
      expect(decrypt.Condition).toEqual({
        StringEquals: {
          'kms:ViaService': { 'Fn::Sub': `ssm.\${AWS::Region}.\${AWS::URLSuffix}` },
          'kms:EncryptionContext:PARAMETER_ARN': read.Resource,
        },
      });
    },
  );
});

describe('sealed JIT configs', () => {
  const context = {
    StringEquals: { 'kms:EncryptionContext:stack': 'oneshot-dev' },
    StringLike: { 'kms:EncryptionContext:runner': 'oneshot-dev-*' },
    'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['stack', 'runner'] },
  };

  it.each(LAUNCHERS)('should be sealed for runners of this stack only (%s)', (role) => {
    expect(statement(role, 'kms:Encrypt').Condition).toEqual(context);
  });

  it('should be opened by tasks, for runners of this stack only', () => {
    expect(statement('TaskRole', 'kms:Decrypt').Condition).toMatchObject(context);
  });

  /** The key's policy, with the names of one account. */
  function keyPolicy(): readonly Statement[] {
    const policy = at(properties(packaged.resolved, 'Key'), 'KeyPolicy', 'Statement');
    const named = JSON.stringify(policy, (_, value) =>
      isSub(value) ? inOneAccount(value['Fn::Sub']) : value,
    );
    return JSON.parse(named);
  }
  const isSub = (value: unknown): value is { 'Fn::Sub': string } => typeof at(value, 'Fn::Sub') === 'string';
  const NAMES: Readonly<Record<string, string>> = {
    Partition: 'aws',
    AccountId: '123456789012',
    Region: 'us-east-1',
  };
  const inOneAccount = (arn: string) =>
    arn.replaceAll(/\$\{AWS::(\w+)\}/g, (_, name: string) => NAMES[name] ?? '');
  const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
  const taskRoleArn = () =>
    roleArn(inOneAccount(String(at(properties(packaged.resolved, 'TaskRole'), 'RoleName', 'Fn::Sub'))));
  const SEALED = {
    'kms:EncryptionContext:stack': 'oneshot-dev',
    'kms:EncryptionContext:runner': 'oneshot-dev-1-0',
  };
  const PARAMETER = {
    'kms:EncryptionContext:PARAMETER_ARN': 'arn:aws:ssm:us-east-1:123456789012:parameter/x',
  };
  const isDenied = (action: string, principal: string, context: Readonly<Record<string, string>>) =>
    denying(keyPolicy(), {
      action,
      resource: 'any',
      context: { ...context, 'aws:PrincipalArn': principal },
    }) !== undefined;

  it('should be closed to everybody else by the key itself, by the name that the task role really has', () => {
    expect(isDenied('kms:Decrypt', roleArn('Administrator'), SEALED)).toBe(true);
    expect(isDenied('kms:Decrypt', roleArn('oneshot-dev-task-eu-west-1'), SEALED)).toBe(true);
    expect(isDenied('kms:Decrypt', taskRoleArn(), SEALED)).toBe(false);
    expect(isDenied('kms:Decrypt', roleArn('Webhook'), PARAMETER)).toBe(false);
  });

  it.each([
    ['re-encrypted from', 'kms:ReEncryptFrom'],
    ['re-encrypted to', 'kms:ReEncryptTo'],
    ['opened by a grant', 'kms:CreateGrant'],
  ])('should never be %s by anybody, tasks included: the key denies it', (_, action) => {
    for (const principal of [roleArn('Administrator'), taskRoleArn()])
      expect([principal, isDenied(action, principal, SEALED)]).toEqual([principal, true]);
  });

  it('should leave what the Parameter Store seals to IAM', () => {
    for (const action of ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom'])
      expect([action, isDenied(action, roleArn('Administrator'), PARAMETER)]).toEqual([action, false]);
  });

  it('should be sealed with a key that is rotated', () => {
    expect(properties(packaged.resolved, 'Key')['EnableKeyRotation']).toBe(true);
  });
});

describe('the roles of a task', () => {
  const ECS = { 'Fn::Sub': `arn:\${AWS::Partition}:ecs:\${AWS::Region}:\${AWS::AccountId}:*` };
  const OURS = { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } };

  it.each([
    ['TaskRole', { StringEquals: OURS, ArnLike: { 'aws:SourceArn': ECS } }],
    // Whether ECS names itself when it assumes this one is not documented: what it names must be right.
    ['ExecutionRole', { StringEqualsIfExists: OURS, ArnLikeIfExists: { 'aws:SourceArn': ECS } }],
  ])('should be assumed by ECS for tasks of this account: %s', (role, Condition) => {
    const document = properties(packaged.resolved, role)['AssumeRolePolicyDocument'];
    const Principal = { Service: 'ecs-tasks.amazonaws.com' };
    expect(at(document, 'Statement')).toEqual([
      { Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition },
    ]);
  });

  it('should pull from a private repository only where the image is in one, and only that', () => {
    const [pull, login] = statementsOf(withEcrImage.resolved, 'ExecutionRole').slice(1);
    expect(pull?.Resource).toBe('arn:aws:ecr:us-east-1:123456789012:repository/oneshot');
    expect(pull?.Action).toEqual(['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']);
    expect(login?.Action).toBe('ecr:GetAuthorizationToken');
  });
});
