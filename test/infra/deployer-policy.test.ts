import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, BY_HAND, COMMANDS, denied, handlerProofs } from './deployer-proofs.ts';
import { ROOT } from './osls.ts';
import { packageSkeleton } from './skeleton.ts';
import type { Statement } from './template.ts';

const text = readFileSync(path.join(ROOT, 'infra/deployer-policy.json'), 'utf8');
const regional = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:${ACCOUNT}:${resource}`;
const policy: { readonly Statement: readonly Statement[] } = JSON.parse(text);

/** Those that an administrator runs, to make the deployer. */
const OF_THE_ADMINISTRATOR = ['iam create-policy', 'iam get-role', 'iam list-roles'];

interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | string[]>>;
}

const BY_CLOUDFORMATION = { 'aws:CalledVia': ['cloudformation.amazonaws.com'] };

/** Of the stack's key (infra/secrets.yml): IAM decides. */
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ],
};

/** By the one policy, or with those that are attached beside it. */
async function isAllowed(
  { action, resource, context = BY_CLOUDFORMATION }: Call,
  ...beside: readonly { readonly name: string; readonly policy: unknown }[]
): Promise<boolean> {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:user/deployer`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { ...context },
      },
      identityPolicies: [{ name: 'deployer', policy }, ...beside],
      ...(action.startsWith('kms:') && resource !== '*' ? { resourcePolicy: KEY_POLICY } : {}),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === 'error')
    throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  return answer.overallResult === 'Allowed';
}

describe('the deployer’s policy', () => {
  it('should be held against every command of the guide', () => {
    const guide = readFileSync(path.join(ROOT, 'docs/deploy.md'), 'utf8');
    const found = new Set(
      [...guide.matchAll(/\baws ([a-z0-9-]+ [a-z-]+)/g)].map(([, command = '']) => command),
    );
    expect([...found].toSorted()).toEqual([...Object.keys(COMMANDS), ...OF_THE_ADMINISTRATOR].toSorted());
  });

  it.each([
    ['ec2:DeleteVpcEndpoints', regional('ec2', 'vpc-endpoint/vpce-1')],
    ['ec2:DeleteSecurityGroup', regional('ec2', 'security-group/sg-1')],
  ])('should allow a removal what GuardDuty made, by its tag, and no other: %s', async (action, resource) => {
    const tagged = (value: string) => ({ 'aws:ResourceTag/GuardDutyManaged': value });
    expect(await isAllowed({ action, resource, context: tagged('true') })).toBe(true);
    expect(await isAllowed({ action, resource, context: tagged('false') })).toBe(false);
    expect(await isAllowed({ action, resource, context: {} })).toBe(false);
  });

  it.each([
    ['lambda:UpdateFunctionCode', regional('lambda', 'function:payroll')],
    ['iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/administrator`],
    ['sqs:DeleteQueue', regional('sqs', 'payroll')],
    ['s3:DeleteObject', 'arn:aws:s3:::payroll/2026'],
    ['ecs:StopTask', regional('ecs', 'task/payroll/0123456789abcdef0123456789abcdef')],
    ['logs:DeleteLogGroup', regional('logs', 'log-group:/aws/lambda/payroll')],
  ])('should allow nothing of what is not the stack: %s on %s', async (action, resource) => {
    expect(await isAllowed({ action, resource })).toBe(false);
  });

  it.each([
    ['kms:ScheduleKeyDeletion', regional('kms', 'key/11111111-2222-3333-4444-555555555555')],
    ['ec2:DeleteVpc', regional('ec2', 'vpc/vpc-1')],
    ['ec2:AuthorizeSecurityGroupIngress', regional('ec2', 'security-group/sg-1')],
  ])('should allow what has no name of its own through CloudFormation only: %s', async (action, resource) => {
    expect(await isAllowed({ action, resource, context: {} })).toBe(false);
  });

  it('should hand our roles to the services that they are for, and no other role', async () => {
    const pass = (role: string, service: string) =>
      isAllowed({
        action: 'iam:PassRole',
        resource: `arn:aws:iam::${ACCOUNT}:role/${role}`,
        context: { 'iam:PassedToService': service },
      });
    expect(await pass('oneshot-prod-WebhookRole-A1', 'lambda.amazonaws.com')).toBe(true);
    expect(await pass('oneshot-prod-task-eu-west-1', 'ecs-tasks.amazonaws.com')).toBe(true);
    expect(await pass('oneshot-prod-docker-ecs-eu-west-1', 'ecs.amazonaws.com')).toBe(true);
    expect(await pass('oneshot-prod-docker-ec2-eu-west-1', 'ec2.amazonaws.com')).toBe(true);
    expect(await pass('oneshot-prod-docker-ecs-eu-west-1', 'lambda.amazonaws.com')).toBe(true); // it is ours
    expect(await pass('oneshot-prod-WebhookRole-A1', 'ec2.amazonaws.com')).toBe(false);
    expect(await pass('oneshot-prod-task-eu-west-1', 'ecs.amazonaws.com')).toBe(false);
    expect(await pass('administrator', 'lambda.amazonaws.com')).toBe(false);
  });

  it('should fit into a managed policy, which has 6,144 characters, with a fifth of it to spare', () => {
    const { length } = text.replaceAll(/\s/g, '');
    expect(length).toBeLessThanOrEqual(6144 * 0.8);
    const guide = readFileSync(path.join(ROOT, 'docs/deploy.md'), 'utf8');
    expect(guide).toContain(`takes ${length.toLocaleString('en')} of 6,144 characters`);
  });
});

describe('the deployer’s policy with a permissions boundary', () => {
  const boundedText = readFileSync(path.join(ROOT, 'infra/deployer-policy-bounded.json'), 'utf8');
  const bounded = { name: 'bounded', policy: JSON.parse(boundedText) };
  const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/oneshot-boundary`;
  const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
  const OURS = role('oneshot-prod-WebhookRole-A1B2C3');
  const within = (boundary: string) => ({ ...BY_CLOUDFORMATION, 'iam:PermissionsBoundary': boundary });
  const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';

  it.each(['CreateRole', 'PutRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'DeleteRolePolicy'])(
    'should allow iam:%s on our roles, within the boundary',
    async (name) => {
      const call = { action: `iam:${name}`, resource: OURS, context: within(BOUNDARY) };
      expect(await isAllowed(call, bounded)).toBe(true);
    },
  );

  it.each([
    ['a role without the boundary', 'CreateRole', OURS, BY_CLOUDFORMATION],
    ['a role with another boundary', 'CreateRole', OURS, within(ADMINISTRATOR)],
    ['a policy on a role without the boundary', 'PutRolePolicy', OURS, BY_CLOUDFORMATION],
    ['AdministratorAccess on a role without the boundary', 'AttachRolePolicy', OURS, BY_CLOUDFORMATION],
    ['the boundary taken away', 'DeleteRolePermissionsBoundary', OURS, within(BOUNDARY)],
    ['another boundary in its place', 'PutRolePermissionsBoundary', OURS, within(ADMINISTRATOR)],
    ['a role that trusts somebody else', 'UpdateAssumeRolePolicy', OURS, within(BOUNDARY)],
  ])('should deny %s, which the policy alone allows', async (_, name, resource, context) => {
    const call = { action: `iam:${name}`, resource, context };
    expect(await isAllowed(call)).toBe(true);
    expect(await isAllowed(call, bounded)).toBe(false);
  });

  it.each([
    ['iam:PassRole', role('administrator')],
    ['iam:CreatePolicyVersion', BOUNDARY],
    ['iam:SetDefaultPolicyVersion', BOUNDARY],
    ['iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/somebody`],
    ['iam:AttachUserPolicy', `arn:aws:iam::${ACCOUNT}:user/deployer`],
    ['iam:DetachUserPolicy', `arn:aws:iam::${ACCOUNT}:user/deployer`],
    ['iam:DeleteUserPolicy', `arn:aws:iam::${ACCOUNT}:user/deployer`],
    ['iam:RemoveUserFromGroup', `arn:aws:iam::${ACCOUNT}:group/deployers`],
    ['iam:DetachGroupPolicy', `arn:aws:iam::${ACCOUNT}:group/deployers`],
    ['iam:DetachRolePolicy', role('oneshot-deployer')],
    ['iam:DeletePolicyVersion', BOUNDARY],
    ['iam:DeletePolicy', BOUNDARY],
    ['iam:CreatePolicyVersion', `arn:aws:iam::${ACCOUNT}:policy/oneshot-deployer-bounded`],
  ])('should deny %s on %s, though another policy allows everything', async (action, resource) => {
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    const administrator = {
      name: 'administrator',
      policy: { Version: '2012-10-17', Statement: [everything] },
    };
    const context = { 'iam:PassedToService': 'lambda.amazonaws.com' };
    const call = { action, resource, context: action === 'iam:PassRole' ? context : {} };
    expect(await isAllowed(call, administrator)).toBe(true);
    expect(await isAllowed(call, administrator, bounded)).toBe(false);
  });

  it('should be asked for roles that all have the boundary, if the deployment is told of one', async () => {
    const templateWith = await packageSkeleton();
    const template = templateWith({ permissionsBoundary: BOUNDARY, imagePipeline: 'enabled' });
    const roles = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role');
    expect(roles.length).toBeGreaterThan(6);
    for (const [name, { Properties }] of roles)
      expect([name, Properties['PermissionsBoundary']]).toEqual([name, BOUNDARY]);
  }, 300_000);

  it('should deny nothing else of what the deployment does', async () => {
    const proofs = [...(await handlerProofs({ permissionsBoundary: BOUNDARY })), ...BY_HAND];
    expect(proofs.length).toBeGreaterThan(500);
    const both = [...policy.Statement, ...bounded.policy.Statement];
    const lost = new Set(denied(both, proofs).map(({ action }) => action));
    expect([...lost].toSorted()).toEqual(['iam:DeleteRolePermissionsBoundary', 'iam:UpdateAssumeRolePolicy']);
  }, 300_000);

  it('should fit into a managed policy', () => {
    expect(boundedText.replaceAll(/\s/g, '').length).toBeLessThan(6144);
  });
});
