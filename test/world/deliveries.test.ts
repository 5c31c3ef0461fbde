import { createRequire } from 'node:module';
import type { WebhookDefinition } from '@octokit/webhooks-examples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUNNER_PREFIX, type World } from '../../local/world/start-world.ts';
import { signatureOf } from '../fixtures/deliveries.ts';
import { startTestWorld, until } from '../fixtures/world.ts';

type Payload = Record<string, unknown> & {
  workflow_job: Record<string, unknown>;
  repository: Record<string, unknown>;
};

// The package is CommonJS, and its types say otherwise.
const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as WebhookDefinition[];
const payloads = examples.find(({ name }) => name === 'workflow_job')?.examples as unknown as Payload[];
const example = (action: string): Payload => {
  const found = payloads.find((payload) => payload['action'] === action);
  if (found === undefined) throw new Error(`no example of ${action}`);
  return found;
};

/** No example has an organisation and an installation: a queued one with both, for one of our jobs. */
function ours(world: World, changes: Record<string, unknown> = {}): Payload {
  const { owner, repositories, id } = world.installation;
  const [repository] = repositories;
  const base = example('queued');
  return {
    ...base,
    workflow_job: {
      ...base.workflow_job,
      id: 41_999_999_999,
      labels: ['fargate'],
      created_at: new Date(world.clock.nowMs()).toISOString(),
      ...changes,
    },
    repository: {
      ...base.repository,
      id: repository?.id,
      name: repository?.name,
      full_name: `${owner.login}/${repository?.name}`,
      private: true,
      owner,
    },
    organization: { login: owner.login, id: owner.id },
    installation: { id },
  };
}

describe('deliveries to the packaged webhook function', () => {
  let world: World;
  beforeAll(async () => {
    // Slow enough for a delivery to be fresh: that is 30 s of the world's time.
    world = await startTestWorld();
  });
  afterAll(() => world.close());

  const send = async (payload: unknown, raw: Record<string, unknown> = {}) => {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const answer = await world.github.deliver({ body, event: 'workflow_job', ...raw });
    return { status: answer.status, body: JSON.parse(answer.body) as { message: string; reason?: string } };
  };

  it('should know every example that is left to GitHub: the real payloads, one by one', async () => {
    const answers = await Promise.all(payloads.map((payload) => send(payload)));
    const outcomes = answers.map(({ status, body }, index) => {
      const { action, workflow_job: job } = payloads[index] as Payload;
      return [action, job['status'], (job['labels'] as string[]).join(), status, body.reason];
    });
    expect(outcomes).toEqual([
      // The old one, without run_attempt.
      ['in_progress', 'in_progress', 'gpu,db-app,dc-03', 200, 'runner-unknown'],
      ['completed', 'completed', 'ubuntu-latest', 200, 'action-not-queued'],
      ['completed', 'completed', 'ubuntu-latest', 200, 'action-not-queued'],
      ['in_progress', 'in_progress', 'ubuntu-latest', 200, 'runner-unknown'],
      ['in_progress', 'in_progress', 'ubuntu-latest', 200, 'runner-unknown'],
      ['queued', 'queued', 'ubuntu-latest', 200, 'label-not-ours'],
      // With a deployment: an approval is outstanding.
      ['queued', 'waiting', 'self-hosted,k8s', 200, 'waiting-for-approval'],
      ['waiting', 'waiting', 'self-hosted,k8s', 200, 'action-not-queued'],
    ]);
    expect(world.aws.tasks()).toEqual([]);
  });

  it('should cost no call but the first read of the parameters when nothing is launched', () => {
    const { ssm, sqs, ...others } = world.ledger.counts();
    expect(others).toEqual({});
    // Lambda's own, of the doubt queue.
    expect(Object.keys(sqs ?? {}).filter((operation) => operation !== 'ReceiveMessage')).toEqual([]);
    // One for each process that has started, whatever the number of deliveries.
    expect(Object.keys(ssm ?? {})).toEqual(['GetParameters']);
    expect(ssm?.['GetParameters']).toBeLessThanOrEqual(4);
  });

  it('should turn away what is forged, malformed or too large, and start nothing', async () => {
    const body = JSON.stringify(ours(world));
    expect(await send(body, { signature: signatureOf(body, 'a guess') })).toMatchObject({ status: 401 });
    expect(await send(body, { signature: null })).toMatchObject({ status: 401 });
    expect(await send(body, { signature: 'sha256=' })).toMatchObject({ status: 401 });
    expect(await send(body, { signature: 'sha1=0000' })).toMatchObject({ status: 401 });
    expect(await send('{"action":')).toMatchObject({ status: 400 });
    expect(await send({ action: 'queued', workflow_job: [], repository: null })).toMatchObject({
      status: 400,
    });
    expect(await send(`{"padding":"${'x'.repeat(1024 * 1024)}"}`)).toMatchObject({ status: 413 });
    expect(await send(ours(world, { labels: ['fargate', 'gpu'] }))).toMatchObject({
      status: 200,
      body: { reason: 'label-not-ours' },
    });
    expect(world.aws.tasks()).toEqual([]);
    expect(world.github.runners()).toEqual([]);
  });

  it('should launch once for one of our queued jobs, whose delivery comes twice under two GUIDs', async () => {
    const payload = ours(world, { labels: ['Fargate/cpu=2/memory=5/storage=30'] });
    expect(await send(payload)).toMatchObject({ status: 202, body: { reason: 'launched' } });
    expect(await send(payload)).toMatchObject({ status: 202, body: { reason: 'taken' } });
    const [task, ...others] = world.aws.tasks();
    expect(others).toEqual([]);
    const name = `${RUNNER_PREFIX}-${world.installation.repositories[0]?.id}-41999999999-0`;
    expect(task?.task).toMatchObject({
      startedBy: name,
      cpu: '2048',
      memory: '5120',
      ephemeralStorage: { sizeInGiB: 30 },
      overrides: { cpu: '2048', memory: '5120' },
    });
    expect(world.github.runners()).toMatchObject([{ name, labels: ['fargate/cpu=2/memory=5/storage=30'] }]);
  });

  it('should look the installation up by owner when the payload’s is wrong or missing', async () => {
    const before = world.ledger.counts()['github'] ?? {};
    for (const [id, installation] of [
      [41_000_000_001, { id: 12_345 }],
      [41_000_000_002, undefined],
    ] as const)
      expect(await send({ ...ours(world, { id }), installation })).toMatchObject({ status: 202 });
    const after = world.ledger.counts()['github'] ?? {};
    expect(after['apps/get-org-installation']).toBeGreaterThan(before['apps/get-org-installation'] ?? 0);
  });

  it('should accept two secrets at once, so that one can be rotated without losing a delivery', async () => {
    const path = '/oneshot/local/github';
    const payload = ours(world, { labels: ['ubuntu-latest'] });
    const body = JSON.stringify(payload);
    const signature = signatureOf(body, 'the next secret');
    expect(await send(body, { signature })).toMatchObject({ status: 401 });
    world.aws.parameters.put(`${path}/webhook-secret-previous`, world.webhookSecret);
    world.aws.parameters.put(`${path}/webhook-secret`, 'the next secret');
    // A function that has just read its parameters waits a minute (3 s in this world) before it reads them again.
    const accepted = async (): Promise<boolean> => {
      const fresh = await send(body, { signature });
      return fresh.status === 200;
    };
    for (let tries = 0; !(await accepted()); tries++) {
      if (tries > 100) throw new Error('the new secret was never accepted');
      await world.clock.sleep(5_000);
    }
    expect((await send(payload)).status).toBe(200);
    world.aws.parameters.put(`${path}/webhook-secret`, world.webhookSecret);
  });

  it('should answer with neither a secret nor a stack, and log neither', async () => {
    await until('a log line of a launch', () => world.logs.some((line) => line.includes('"launched"')));
    const key = '-----BEGIN';
    const answers = world.github.deliveries().map(({ responseBody }) => responseBody);
    for (const text of [...world.logs, ...answers]) {
      for (const secret of [
        world.webhookSecret,
        key,
        world.aws.credentials.secretAccessKey,
        world.aws.credentials.sessionToken,
        'ghs_',
      ])
        expect(text).not.toContain(secret);
      expect(text).not.toMatch(/\n\s+at |"stack"/);
    }
  });
});

describe('a deployment that is not set up', () => {
  it('should answer 503, tell only its log what is missing, and recover once it is there', async () => {
    const world = await startTestWorld();
    try {
      const path = '/oneshot/local/github';
      for (const name of ['app-id', 'private-key', 'webhook-secret'])
        world.aws.parameters.delete(`${path}/${name}`);
      const body = JSON.stringify(ours(world, { labels: ['ubuntu-latest'] }));
      const answer = await world.github.deliver({ body, event: 'workflow_job' });
      expect(answer).toMatchObject({ status: 503, body: expect.stringContaining('not set up') });
      expect(answer.body).not.toContain('/oneshot/');
      const log = world.logs.join('\n');
      for (const name of ['app-id', 'private-key', 'webhook-secret'])
        expect(log).toContain(`${path}/${name} is missing`);
      for (const [name, value] of [
        ['app-id', '1'],
        ['private-key', 'x'],
        ['webhook-secret', world.webhookSecret],
      ] as const)
        world.aws.parameters.put(`${path}/${name}`, value);
      expect(await world.github.deliver({ body, event: 'workflow_job' })).toMatchObject({ status: 200 });
    } finally {
      await world.close();
    }
  });
});
