import { DecryptCommand } from '@aws-sdk/client-kms';
import {
  DeleteParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { clientsOf, openWorld } from './aws-harness.ts';

const APP_ID = '/oneshot/test/github/app-id';
const SECRET = '/oneshot/test/github/webhook-secret';

describe('GetParameters', () => {
  it('gives what is there, decrypted when asked, and names what is not', async () => {
    const { aws, ssm } = await openWorld();
    aws.parameters.put(APP_ID, '1234', 'String');
    aws.parameters.put(SECRET, '0042');
    const Names = [APP_ID, SECRET, '/oneshot/test/github/none'];
    const answer = await ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));
    expect(answer.Parameters).toMatchObject([
      { Name: APP_ID, Value: '1234', Type: 'String', Version: 1 },
      { Name: SECRET, Value: '0042', Type: 'SecureString' },
    ]);
    expect(answer.InvalidParameters).toEqual(['/oneshot/test/github/none']);
  });

  it("gives ciphertext otherwise, which opens under the parameter's own context", async () => {
    const { aws, ssm, kms } = await openWorld();
    aws.parameters.put(SECRET, '0042');
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: SECRET }));
    expect(Parameter?.Value).not.toContain('0042');
    const CiphertextBlob = Buffer.from(Parameter?.Value ?? '', 'base64');
    const EncryptionContext = { PARAMETER_ARN: Parameter?.ARN ?? '' };
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('0042');
  });

  it.each([0, 11])('refuses %d names', async (count) => {
    const { ssm } = await openWorld();
    const Names = Array.from({ length: count }, (_, index) => `/p${index}`);
    const answer = ssm.send(new GetParametersCommand({ Names }));
    await expect(answer).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('is limited to 40 calls a second', async () => {
    const { aws, ssm, clock } = await openWorld();
    aws.parameters.put(APP_ID, '1');
    const get = () => ssm.send(new GetParameterCommand({ Name: APP_ID }));
    for (let call = 0; call < 40; call += 1) await get();
    await expect(get()).rejects.toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
    await clock.advance(100);
    await get();
  });
});

describe('PutParameter', () => {
  const secret = { Name: SECRET, Value: '0042', Type: 'SecureString' } as const;

  it("makes a parameter under the stack's key, and replaces it only when told to", async () => {
    const { aws, ssm } = await openWorld({ credentials: 'operator' });
    const put = (changes: Partial<PutParameterCommandInput>) =>
      ssm.send(new PutParameterCommand({ ...secret, KeyId: aws.keyArn, ...changes }));
    expect(await put({})).toMatchObject({ Version: 1, Tier: 'Standard' });
    await expect(put({})).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect(await put({ Value: '0043', Overwrite: true })).toMatchObject({ Version: 2 });
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: SECRET, WithDecryption: true }));
    expect(Parameter).toMatchObject({ Value: '0043', Version: 2 });
  });

  it.each<[string, Partial<PutParameterCommandInput>, string]>([
    ['an unknown key', { KeyId: 'alias/other' }, 'InvalidKeyId'],
    ['more than 4096 characters', { Value: 'x'.repeat(4097) }, 'ValidationException'],
    ['nothing', { Value: '' }, 'ValidationException'],
    ['a name with a space', { Name: '/a b' }, 'ValidationException'],
    ['a name that is not whole', { Name: 'a/b' }, 'ValidationException'],
    ['a reserved name', { Name: '/aws/x' }, 'AccessDeniedException'],
    ['a new parameter without a type', { Type: undefined }, 'ValidationException'],
    ['a key for plain text', { Type: 'String', KeyId: 'alias/oneshot-test' }, 'ValidationException'],
  ])('refuses %s', async (_name, changes, name) => {
    const { ssm } = await openWorld({ credentials: 'operator' });
    const answer = ssm.send(new PutParameterCommand({ ...secret, ...changes }));
    await expect(answer).rejects.toMatchObject({ name });
  });

  it('is not for the functions', async () => {
    const { ssm } = await openWorld();
    const answer = ssm.send(new PutParameterCommand(secret));
    await expect(answer).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

it('says that a parameter is not there', async () => {
  const { ssm } = await openWorld();
  const answer = ssm.send(new GetParameterCommand({ Name: SECRET }));
  await expect(answer).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

it('lists by path, a page at a time', async () => {
  const { aws } = await openWorld();
  const { ssm } = clientsOf(aws, aws.operatorCredentials);
  for (const name of [APP_ID, SECRET, '/oneshot/test/deep/er/x', '/other']) aws.parameters.put(name, '1');
  const list = async (Path: string, Recursive: boolean, more = {}) => {
    const answer = await ssm.send(new GetParametersByPathCommand({ Path, Recursive, ...more }));
    return [answer.Parameters?.map(({ Name }) => Name), answer.NextToken] as const;
  };
  expect(await list('/oneshot/test/github', false)).toEqual([[APP_ID, SECRET], undefined]);
  expect(await list('/oneshot/test', false)).toEqual([[], undefined]);
  const [first, NextToken] = await list('/oneshot/', true, { MaxResults: 2 });
  expect(first).toEqual(['/oneshot/test/deep/er/x', APP_ID]);
  expect(await list('/oneshot/', true, { MaxResults: 2, NextToken })).toEqual([[SECRET], undefined]);
});

describe('DeleteParameters', () => {
  it('deletes what is there, and names what is not', async () => {
    const { aws } = await openWorld();
    const { ssm } = clientsOf(aws, aws.operatorCredentials);
    aws.parameters.put(APP_ID, '1234', 'String');
    const answer = await ssm.send(new DeleteParametersCommand({ Names: [APP_ID, SECRET] }));
    expect(answer).toMatchObject({ DeletedParameters: [APP_ID], InvalidParameters: [SECRET] });
    await expect(ssm.send(new GetParameterCommand({ Name: APP_ID }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });

  it('refuses more than ten names', async () => {
    const { aws } = await openWorld();
    const { ssm } = clientsOf(aws, aws.operatorCredentials);
    const Names = Array.from({ length: 11 }, (_, index) => `/p${index}`);
    await expect(ssm.send(new DeleteParametersCommand({ Names }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('is not for the functions', async () => {
    const { ssm } = await openWorld();
    await expect(ssm.send(new DeleteParametersCommand({ Names: [APP_ID] }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});
