import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IAMClient } from '@aws-sdk/client-iam';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeServiceLinkedRole } from '../../infra/service-linked-role.ts';

type Answer = readonly [status: number, body: string];

const refusal = (status: number, code: string, message: string): Answer => [
  status,
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
];
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

/** IAM that answers each call as told; tells what was called. */
async function openIam(answers: Readonly<Record<string, Answer>>) {
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const action = new URLSearchParams(body).get('Action') ?? '';
    calls.push(action);
    const [status, text] = answers[action] ?? refusal(400, 'InvalidAction', action);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'x' };
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const iam = new IAMClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  return { iam, calls };
}

describe('the service-linked role of ECS', () => {
  it('should be made in an account that has none', async () => {
    const { iam, calls } = await openIam({ GetRole: MISSING, CreateServiceLinkedRole: MADE });
    expect(await makeServiceLinkedRole(iam)).toMatch(/Made the service-linked role/);
    expect(calls).toEqual(['GetRole', 'CreateServiceLinkedRole']);
  });

  it('should be left alone where it is', async () => {
    const { iam, calls } = await openIam({ GetRole: FOUND });
    expect(await makeServiceLinkedRole(iam)).toBeUndefined();
    expect(calls).toEqual(['GetRole']);
  });

  it('should be tried to be made by somebody who may not look', async () => {
    const { iam } = await openIam({ GetRole: DENIED, CreateServiceLinkedRole: TAKEN });
    expect(await makeServiceLinkedRole(iam)).toBeUndefined();
  });

  it('should stop no deployment of somebody who may not make it, and be told of', async () => {
    const { iam } = await openIam({ GetRole: DENIED, CreateServiceLinkedRole: DENIED });
    expect(await makeServiceLinkedRole(iam)).toMatch(/have somebody run "aws iam create-service-linked-role/);
  });

  it('should stop a deployment when IAM itself fails', async () => {
    const { iam } = await openIam({ GetRole: refusal(500, 'ServiceFailure', 'later') });
    await expect(makeServiceLinkedRole(iam)).rejects.toThrow('later');
  });
});
