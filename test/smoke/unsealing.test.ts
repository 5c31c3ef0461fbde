import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUnsealing } from '../../local/smoke/unsealing.ts';
import { createClock } from '../../local/world/clock.ts';

const SEALED = Buffer.from('sealed').toString('base64');
const CONTEXT = { stack: 'oneshot-smoke', runner: 'oneshot-smoke-1-1-1' };
const unsealing = createUnsealing(
  {
    config: Buffer.from('the config').toString('base64'),
    ...{ sealed: SEALED, context: CONTEXT, region: 'eu-central-1', secretPath: 'path', token: 'token' },
  },
  createClock(1),
);
const server = createAdaptorServer({ fetch: unsealing.fetch });
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const ask = (path: string, authorization: string) =>
  fetch(`${url}/credentials/${path}`, { headers: { authorization } });

/** As a task does: with its credentials, by the real SDK. */
async function decrypt(changes: object = {}, region = 'eu-central-1', secret?: string) {
  const answer = (await (await ask('path', 'token')).json()) as Record<string, string>;
  const { AccessKeyId = '', SecretAccessKey = '', Token = '' } = answer;
  const credentials = {
    accessKeyId: AccessKeyId,
    secretAccessKey: secret ?? SecretAccessKey,
    sessionToken: Token,
  };
  const client = new KMSClient({ region, endpoint: url, credentials, maxAttempts: 1 });
  const request = { CiphertextBlob: Buffer.from(SEALED, 'base64'), EncryptionContext: CONTEXT, ...changes };
  return client.send(new DecryptCommand(request));
}

describe('what opens the config of the smoke test', () => {
  it('should open it for the task', async () => {
    const { Plaintext = new Uint8Array() } = await decrypt();
    expect(gunzipSync(Plaintext).toString()).toBe('the config');
  });

  it('should give credentials to the one who has the path and the token', async () => {
    expect((await ask('path', 'token')).status).toBe(200);
    expect((await ask('other', 'token')).status).toBe(404);
    expect((await ask('path', 'other')).status).toBe(401);
  });

  it('should refuse another signature, region, ciphertext and context', async () => {
    await expect(decrypt({}, 'eu-central-1', 'other')).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    await expect(decrypt({}, 'eu-west-1')).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    for (const changes of [
      { CiphertextBlob: Buffer.from('other') },
      { EncryptionContext: { ...CONTEXT, runner: 'other' } },
      { EncryptionContext: {} },
    ])
      await expect(decrypt(changes)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });
});
