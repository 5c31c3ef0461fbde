import { IAMClient } from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { makeServiceLinkedRole } from '../../infra/service-linked-role.ts';
import { type Answer, openScriptedAws, refusal } from './scripted-aws.ts';

const FOUND: Answer = [
  200,
  '<GetRoleResponse><GetRoleResult><Role><RoleName>AWSServiceRoleForECS</RoleName></Role></GetRoleResult></GetRoleResponse>',
];
const MADE: Answer = [200, '<CreateServiceLinkedRoleResponse/>'];
const MISSING = refusal(404, 'NoSuchEntity', 'The role with name AWSServiceRoleForECS cannot be found.');
const DENIED = refusal(403, 'AccessDenied', 'User is not authorized');
const TAKEN = refusal(
  400,
  'InvalidInput',
  'Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.',
);

async function make(answers: Readonly<Record<string, Answer>>) {
  const { config, calls } = await openScriptedAws(answers);
  return { told: await makeServiceLinkedRole(new IAMClient(config)), calls };
}

describe('the service-linked role of ECS', () => {
  it('should be made in an account that has none', async () => {
    const { told, calls } = await make({ GetRole: MISSING, CreateServiceLinkedRole: MADE });
    expect(told).toMatch(/Made the service-linked role/);
    expect(calls).toEqual(['GetRole', 'CreateServiceLinkedRole']);
  });

  it('should be left alone where it is', async () => {
    const { told, calls } = await make({ GetRole: FOUND });
    expect(told).toBeUndefined();
    expect(calls).toEqual(['GetRole']);
  });

  it('should be tried to be made by somebody who may not look', async () => {
    const { told } = await make({ GetRole: DENIED, CreateServiceLinkedRole: TAKEN });
    expect(told).toBeUndefined();
  });

  it('should stop no deployment of somebody who may not make it, and be told of', async () => {
    const { told } = await make({ GetRole: DENIED, CreateServiceLinkedRole: DENIED });
    expect(told).toMatch(/have somebody run "aws iam create-service-linked-role/);
  });

  it('should stop a deployment when IAM itself fails', async () => {
    await expect(make({ GetRole: refusal(500, 'ServiceFailure', 'later') })).rejects.toThrow('later');
  });
});
