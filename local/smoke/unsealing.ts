/** Task credentials and KMS for one task, whose sealed config they open: what a supervisor asks before its listener starts. */
import { gzipSync } from 'node:zlib';
import { type Context, Hono } from 'hono';
import { AwsError } from '../aws/errors.ts';
import { createKeyring } from '../aws/keyring.ts';
import { verifySignature } from '../aws/sigv4.ts';
import type { WorldClock } from '../world/clock.ts';

export interface SealedConfig {
  /** `encoded_jit_config`, as GitHub answers it. */
  readonly config: string;
  /** What stands for it in the task's environment. */
  readonly sealed: string;
  /** It opens under this encryption context alone (AWS-31). */
  readonly context: { readonly stack: string; readonly runner: string };
  readonly region: string;
  /** The last part of the address of the task's credentials, and the token that goes with it. */
  readonly secretPath: string;
  readonly token: string;
}

const LIFE_MS = 6 * 3_600_000;

/** Refuses what ECS and KMS refuse: another path or token, another signature, ciphertext or context. */
export function createUnsealing(of: SealedConfig, clock: WorldClock): Hono {
  const keyring = createKeyring();
  const expiresAtMs = clock.nowMs() + LIFE_MS;
  const key = keyring.issueSession({ kind: 'task', arn: 'arn:aws:iam::123456789012:role/task' }, expiresAtMs);
  const routes = new Hono();
  routes.get('/credentials/:secret', (c) => {
    if (c.req.param('secret') !== of.secretPath) return c.json({ message: 'Not found' }, 404);
    if (c.req.header('authorization') !== of.token) return c.json({ message: 'Unauthorized' }, 401);
    return c.json({
      RoleArn: key.principal.arn,
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      Token: key.sessionToken,
      Expiration: new Date(expiresAtMs).toISOString(),
    });
  });
  routes.post('/', async (c) => {
    try {
      const body = new Uint8Array(await c.req.arrayBuffer());
      const headers = c.req.header();
      const scope = { region: of.region, service: 'kms' };
      await verifySignature({ method: 'POST', url: '/', headers, body }, scope, keyring, clock);
      return answer(c, 200, decrypt(of, c.req.header('x-amz-target'), Buffer.from(body).toString()));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return answer(c, 400, { __type: error.code, message: error.message });
    }
  });
  return routes;
}

const answer = (c: Context, status: 200 | 400, body: object): Response =>
  c.body(JSON.stringify(body), status, { 'content-type': 'application/x-amz-json-1.1' });

/** KMS API reference, Decrypt. */
function decrypt(
  { config, sealed, context }: SealedConfig,
  target: string | undefined,
  body: string,
): object {
  if (target !== 'TrentService.Decrypt') throw new AwsError('UnknownOperationException', `Not ${target}`);
  const { CiphertextBlob, EncryptionContext = {} } = JSON.parse(body);
  const isSame = JSON.stringify(EncryptionContext) === JSON.stringify(context);
  if (CiphertextBlob !== sealed || !isSame)
    throw new AwsError('InvalidCiphertextException', 'The ciphertext or its context is another one.');
  return {
    KeyId: 'arn:aws:kms:eu-central-1:123456789012:key/smoke',
    Plaintext: gzipSync(Buffer.from(config, 'base64'), { level: 9 }).toString('base64'),
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  };
}
