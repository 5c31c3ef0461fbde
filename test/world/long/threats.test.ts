import { gunzipSync } from 'node:zlib';
import {
  CreateGrantCommand,
  DecryptCommand,
  type EncryptRequest,
  KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { store } from '../../../cli/setup/apply.ts';
import type { AwsCall } from '../../../local/aws/index.ts';
import { PARAMETER_PATH, STACK, type World } from '../../../local/world/start-world.ts';
import { inWorld, until } from '../../fixtures/world.ts';

/** What docs/security.md promises of the whole system, where no other test shows it. */

const queue = (world: World): number => {
  const { owner, repositories } = world.installation;
  const repository = `${owner.login}/${repositories[0]?.name}`;
  const jobs = [{ name: 'build', labels: ['fargate'], durationSeconds: 30 }];
  return world.github.queueRun({ repository, jobs })[0] ?? 0;
};
const isOver = (world: World, id: number) =>
  world.github.jobs().find((job) => job.id === id)?.status === 'completed' &&
  world.aws.tasks().every(({ lastStatus }) => lastStatus === 'STOPPED');
const queuedDelivery = (world: World, id: number) =>
  world.github.deliveries().find(({ jobId, action }) => jobId === id && action === 'queued');

/** Deflated, as it is encrypted; and the parts of the JIT config in it that are worth taking. */
function secretsOf({ Plaintext = new Uint8Array() }: EncryptRequest): Record<string, string> {
  const config = gunzipSync(Plaintext);
  const files: Record<string, string> = JSON.parse(config.toString('utf8'));
  const key = files['.credentials_rsaparams'] ?? '';
  const privateExponent: string = JSON.parse(Buffer.from(key, 'base64').toString('utf8')).d;
  return {
    deflated: Buffer.from(Plaintext).toString('base64'),
    encoded: config.toString('base64'),
    ...{ key, privateExponent },
  };
}

describe.concurrent('a reader of tasks, events, calls and logs', { timeout: 600_000 }, () => {
  it('should see the JIT config sealed, and not be able to open it, whatever else its role may do', () =>
    inWorld(async (world) => {
      const { aws } = world;
      const calls: AwsCall[] = [];
      const events: unknown[] = [];
      aws.on('call', (call) => calls.push(call));
      aws.on('task-state-change', (event) => events.push(event));
      const id = queue(world);
      await until('the job is over', () => isOver(world, id));

      const encrypt = calls.find(({ operation }) => operation === 'Encrypt')?.input as EncryptRequest;
      const [task] = aws.tasks();
      const sealed = task?.environment['ONESHOT_SEALED_CONFIG'] ?? '';
      // CloudTrail keeps the request of a call, but neither plaintext nor answers of KMS's.
      const requests = calls.filter(({ api }) => api !== 'kms').map(({ input }) => input);
      const places = {
        task: JSON.stringify(task),
        events: JSON.stringify(events),
        requests: JSON.stringify(requests),
        logs: world.logs.join('\n'),
      };
      for (const place of [places.task, places.events, places.requests]) expect(place).toContain(sealed);
      for (const [name, secret] of Object.entries(secretsOf(encrypt))) {
        expect(secret.length, name).toBeGreaterThan(100);
        for (const [place, text] of Object.entries(places))
          expect(text.includes(secret), `${name} in ${place}`).toBe(false);
      }

      const { region, url: endpoint } = aws;
      const CiphertextBlob = Buffer.from(sealed, 'base64');
      const { EncryptionContext } = encrypt;
      for (const credentials of [aws.operatorCredentials, aws.credentialsOf('webhook')])
        await expect(
          new KMSClient({ region, endpoint, credentials }).send(
            new DecryptCommand({ CiphertextBlob, EncryptionContext }),
          ),
        ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    }));

  it('should not be able to re-encrypt a sealed config under a context of its own, nor to grant itself the key', () =>
    inWorld(async (world) => {
      const { aws } = world;
      const id = queue(world);
      await until('the job is over', () => isOver(world, id));
      const { region, url: endpoint, keyArn, operatorCredentials: credentials } = aws;
      const kms = new KMSClient({ region, endpoint, credentials });
      const [task] = aws.tasks();
      const CiphertextBlob = Buffer.from(task?.environment['ONESHOT_SEALED_CONFIG'] ?? '', 'base64');
      const context = { stack: STACK, runner: task?.startedBy ?? '' };
      const own = { mine: 'yes' };
      const reEncrypt = new ReEncryptCommand({
        ...{ CiphertextBlob, SourceEncryptionContext: context },
        ...{ DestinationKeyId: keyArn, DestinationEncryptionContext: own },
      });
      await expect(kms.send(reEncrypt)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: expect.stringContaining('kms:ReEncryptFrom'),
      });
      const grant = {
        KeyId: keyArn,
        GranteePrincipal: 'arn:aws:iam::123456789012:user/operator',
        Operations: ['Decrypt' as const],
      };
      await expect(kms.send(new CreateGrantCommand(grant))).rejects.toMatchObject({
        name: 'AccessDeniedException',
      });
    }));
});

describe.concurrent('a delivery that is replayed', { timeout: 600_000 }, () => {
  it('should start nothing once its job is over: GitHub is asked, and nothing is queued there', () =>
    inWorld(async (world) => {
      const id = queue(world);
      await until('the job is over', () => isOver(world, id));
      const { payload, requestHeaders } = queuedDelivery(world, id) ?? {};
      const signature = requestHeaders?.['x-hub-signature-256'] ?? '';
      await world.clock.sleep(60_000);
      const answer = await world.github.deliver({ body: payload ?? '', event: 'workflow_job', signature });
      expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('already-completed') });
      expect(world.aws.tasks()).toHaveLength(1);
    }));
});

describe.concurrent('somebody with the webhook secret', { timeout: 600_000 }, () => {
  it('should get a runner for a job that is none: within the limits, idle, and soon gone', () =>
    inWorld(async (world) => {
      const id = queue(world);
      await until('the job is over', () => isOver(world, id));
      const payload = JSON.parse(queuedDelivery(world, id)?.payload ?? '');
      const forged = (jobId: number, labels: readonly string[]) => {
        const created_at = new Date(world.clock.nowMs()).toISOString();
        const workflow_job = { ...payload.workflow_job, id: jobId, labels, created_at };
        return world.github.deliver({ body: JSON.stringify({ ...payload, workflow_job }) });
      };
      expect(await forged(1, ['fargate/cpu=16'])).toMatchObject({
        status: 202,
        body: expect.stringContaining('size-over-limit'),
      });
      expect(await forged(2, ['fargate/cpu=4'])).toMatchObject({
        status: 202,
        body: expect.stringContaining('"launched"'),
      });
      const idle = () => world.aws.tasks().find(({ startedBy }) => startedBy?.endsWith('-2-0'));
      await until('the idle task has ended', () => idle()?.lastStatus === 'STOPPED');
      expect(idle()?.exitCode).toBe(20);
      await until('its registration is gone', () => world.github.runners().length === 0);
      // The job, the forged one, and the one that would tell a job why it cannot be served.
      expect(world.aws.tasks()).toHaveLength(3);
    }));
});

describe('the secrets of the App', () => {
  it('should be stored under the key of the stack: aws/ssm decrypts for everybody in the account', () =>
    inWorld(async ({ aws }) => {
      const keys: unknown[] = [];
      aws.on('call', ({ operation, input }) => {
        if (operation === 'PutParameter') keys.push(Reflect.get(Object(input), 'KeyId'));
      });
      const { region, url: endpoint, operatorCredentials: credentials } = aws;
      const ssm = new SSMClient({ region, endpoint, credentials });
      const deployment = { ssm, parameterPath: PARAMETER_PATH, stack: STACK };
      await store(deployment, { appId: '1', privateKey: 'a key', webhookSecret: 'a secret' });
      expect(keys).toEqual(Array(3).fill(`alias/${STACK}`));
    }));
});
