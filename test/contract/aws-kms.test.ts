import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import {
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  type EncryptCommandInput,
  ReEncryptCommand,
  type ReEncryptCommandInput,
} from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import type { AwsOptions } from '../../local/aws/index.ts';
import { createClock } from '../../local/world/clock.ts';
import { BOOT_MS, clientsOf, openWorld, runTaskInput, STACK, type TestWorld } from './aws-harness.ts';

const CONTEXT = { stack: STACK, runner: 'oneshot-1-2-0' };
const SECRET = new TextEncoder().encode('{".runner": "..."}');
const TELLS_ITS_ADDRESS: Partial<AwsOptions> = {
  taskCommand: () => ({
    command: 'bash',
    args: ['-c', 'echo "$AWS_CONTAINER_CREDENTIALS_FULL_URI"; exec sleep 60'],
  }),
};

interface TaskCredentials {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly Token: string;
}

async function seal(
  { aws, kms }: TestWorld,
  changes: Partial<EncryptCommandInput> = {},
): Promise<Uint8Array> {
  const input = { KeyId: aws.keyArn, Plaintext: SECRET, EncryptionContext: CONTEXT, ...changes };
  const { CiphertextBlob = new Uint8Array() } = await kms.send(new EncryptCommand(input));
  return CiphertextBlob;
}

/** Runs a task and reads its credentials where the task itself would. */
async function runTask({ aws, ecs, clock }: TestWorld): Promise<{ arn: string; uri: string }> {
  const address = new Promise<{ arn: string; uri: string }>((resolve) => {
    aws.on('task-log', ({ arn, line }) => resolve({ arn, uri: line }));
  });
  await ecs.send(new RunTaskCommand(runTaskInput(aws)));
  await clock.advance(BOOT_MS);
  return address;
}

async function credentialsAt(uri: string): Promise<TaskCredentials> {
  return (await (await fetch(uri)).json()) as TaskCredentials;
}

async function openTask(world: TestWorld) {
  const { uri } = await runTask(world);
  const keys = await credentialsAt(uri);
  const credentials = {
    accessKeyId: keys.AccessKeyId,
    secretAccessKey: keys.SecretAccessKey,
    sessionToken: keys.Token,
  };
  const clients = clientsOf(world.aws, credentials);
  const open = async (CiphertextBlob: Uint8Array, changes: Partial<DecryptCommandInput> = {}) => {
    const input = { CiphertextBlob, EncryptionContext: CONTEXT, ...changes };
    return (await clients.kms.send(new DecryptCommand(input))).Plaintext;
  };
  return { ...clients, keys, open };
}

describe('Encrypt', () => {
  it('seals what only the same context opens, differently each time', async () => {
    const world = await openWorld(TELLS_ITS_ADDRESS);
    const { open } = await openTask(world);
    const [first, second] = [await seal(world), await seal(world)];
    expect(Buffer.from(first)).not.toEqual(Buffer.from(second));
    expect(Buffer.from(first).includes(Buffer.from(SECRET))).toBe(false);
    expect(await open(first)).toEqual(SECRET);
    expect(await open(first, { KeyId: world.aws.keyArn })).toEqual(SECRET);
  });

  it.each<[string, Partial<EncryptCommandInput>, string]>([
    ['an unknown key', { KeyId: 'arn:aws:kms:us-east-1:123456789012:key/x' }, 'NotFoundException'],
    ['4097 bytes', { Plaintext: new Uint8Array(4097) }, 'ValidationException'],
    ['no bytes', { Plaintext: new Uint8Array(0) }, 'ValidationException'],
    ['no context', { EncryptionContext: undefined }, 'AccessDeniedException'],
    ['another stack', { EncryptionContext: { ...CONTEXT, stack: 'other' } }, 'AccessDeniedException'],
    ['a further context key', { EncryptionContext: { ...CONTEXT, job: '1' } }, 'AccessDeniedException'],
    ['another algorithm', { EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }, 'InvalidKeyUsageException'],
    ['no key', { KeyId: undefined }, 'ValidationException'],
  ])('refuses %s', async (_name, changes, name) => {
    const world = await openWorld();
    await expect(seal(world, changes)).rejects.toMatchObject({ name });
  });

  it('takes 4096 bytes, and the key by its alias', async () => {
    const world = await openWorld();
    const KeyId = `alias/${STACK}`;
    expect((await seal(world, { KeyId, Plaintext: new Uint8Array(4096) })).length).toBeGreaterThan(4096);
  });

  it('is not for tasks', async () => {
    const world = await openWorld(TELLS_ITS_ADDRESS);
    const { kms } = await openTask(world);
    await expect(seal({ ...world, kms })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('Decrypt', () => {
  it('refuses the functions what was sealed for a runner', async () => {
    const world = await openWorld();
    const decrypt = new DecryptCommand({ CiphertextBlob: await seal(world), EncryptionContext: CONTEXT });
    await expect(world.kms.send(decrypt)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('kms:Decrypt'),
    });
  });

  it('refuses a task another context, a changed blob, and another key', async () => {
    const world = await openWorld(TELLS_ITS_ADDRESS);
    const { open } = await openTask(world);
    const blob = await seal(world);
    const other = { EncryptionContext: { ...CONTEXT, runner: 'oneshot-1-3-0' } };
    await expect(open(blob, other)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    const changed = blob.map((byte, index) => (index === blob.length - 1 ? byte ^ 1 : byte));
    await expect(open(changed)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    await expect(open(new Uint8Array(80))).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    await expect(open(blob, { KeyId: 'alias/other' })).rejects.toMatchObject({ name: 'NotFoundException' });
    const stranger = { EncryptionContext: { ...CONTEXT, stack: 'other' } };
    await expect(open(blob, stranger)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('ReEncrypt', () => {
  const PARAMETER = { PARAMETER_ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/oneshot/x' };
  const OTHER = { PARAMETER_ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/oneshot/y' };

  /** What a parameter's value is, sealed past the API, as the Parameter Store does. */
  async function openOperator() {
    const world = await openWorld({ credentials: 'operator' });
    const reEncrypt = (changes: Partial<ReEncryptCommandInput>) =>
      world.kms.send(
        new ReEncryptCommand({ CiphertextBlob: undefined, DestinationKeyId: world.aws.keyArn, ...changes }),
      );
    return { world, reEncrypt };
  }

  it('is authorized twice: from the source context, and to the destination context', async () => {
    const { world, reEncrypt } = await openOperator();
    const CiphertextBlob = await seal({ ...world, ...clientsOf(world.aws, world.aws.credentials) });
    const from = { CiphertextBlob, SourceEncryptionContext: CONTEXT, DestinationEncryptionContext: OTHER };
    await expect(reEncrypt(from)).rejects.toMatchObject({
      message: expect.stringContaining('ReEncryptFrom'),
    });
    const to = { CiphertextBlob, SourceEncryptionContext: PARAMETER, DestinationEncryptionContext: CONTEXT };
    await expect(reEncrypt(to)).rejects.toMatchObject({ message: expect.stringContaining('ReEncryptTo') });
  });

  it('takes nothing that was sealed under another source context', async () => {
    const { world, reEncrypt } = await openOperator();
    const CiphertextBlob = await seal({ ...world, ...clientsOf(world.aws, world.aws.credentials) });
    const lie = { CiphertextBlob, SourceEncryptionContext: PARAMETER, DestinationEncryptionContext: OTHER };
    await expect(reEncrypt(lie)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('is for neither functions nor tasks', async () => {
    const world = await openWorld(TELLS_ITS_ADDRESS);
    const { kms } = await openTask(world);
    const CiphertextBlob = await seal(world);
    const input = { CiphertextBlob, SourceEncryptionContext: CONTEXT, DestinationKeyId: world.aws.keyArn };
    for (const client of [world.kms, kms])
      await expect(client.send(new ReEncryptCommand(input))).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
  });
});

describe('the credentials of a task', () => {
  it('are for Decrypt only', async () => {
    const world = await openWorld(TELLS_ITS_ADDRESS);
    const { ecs } = await openTask(world);
    const stop = new StopTaskCommand({ cluster: world.aws.clusterArn, task: 'x' });
    await expect(ecs.send(stop)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('last six hours', async () => {
    const world = await openWorld(TELLS_ITS_ADDRESS);
    const { open } = await openTask(world);
    const blob = await seal(world);
    await world.clock.advance(6 * 3_600_000 - 1000);
    expect(await open(blob)).toEqual(SECRET);
    await world.clock.advance(2000);
    await expect(open(blob)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });

  it('are handed out while the task lives and not after', async () => {
    const world = await openWorld({ ...TELLS_ITS_ADDRESS, clock: createClock(200) });
    const stopped = new Promise<void>((resolve) => {
      world.aws.on('task-state-change', ({ detail }) => {
        if (detail.lastStatus === 'STOPPED') resolve();
      });
    });
    const address = new Promise<{ arn: string; uri: string }>((resolve) => {
      world.aws.on('task-log', ({ arn, line }) => resolve({ arn, uri: line }));
    });
    await world.ecs.send(new RunTaskCommand(runTaskInput(world.aws)));
    const { arn, uri } = await address;
    expect((await fetch(uri)).status).toBe(200);
    await world.ecs.send(new StopTaskCommand({ cluster: world.aws.clusterArn, task: arn }));
    await stopped;
    expect((await fetch(uri)).status).toBe(404);
    expect((await fetch(uri.replace(/task\/[^/]+/, 'task/0'))).status).toBe(404);
  });

  it('open a sealed config with curl, as the entrypoint does', async () => {
    const world = await openWorld(TELLS_ITS_ADDRESS);
    const { keys } = await openTask(world);
    const body = {
      CiphertextBlob: Buffer.from(await seal(world)).toString('base64'),
      EncryptionContext: CONTEXT,
    };
    const { stdout } = await promisify(execFile)('curl', [
      ...['--silent', '--aws-sigv4', `aws:amz:${world.aws.region}:kms`],
      ...['--user', `${keys.AccessKeyId}:${keys.SecretAccessKey}`],
      ...['--header', `X-Amz-Security-Token: ${keys.Token}`],
      ...['--header', 'X-Amz-Target: TrentService.Decrypt'],
      ...['--header', 'Content-Type: application/x-amz-json-1.1'],
      ...['--data', JSON.stringify(body), `${world.aws.url}/`],
    ]);
    const { Plaintext } = JSON.parse(stdout) as { Plaintext: string };
    expect(Buffer.from(Plaintext, 'base64')).toEqual(Buffer.from(SECRET));
  });
});
