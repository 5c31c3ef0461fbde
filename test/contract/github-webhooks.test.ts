import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDescription } from '../../local/github/openapi.ts';
import {
  type Harness,
  HOUR_MS,
  job,
  refusal,
  SECRET,
  signatureOf,
  startHarness,
  until,
} from './github-harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness({ deliveryLimitMs: 100_000 });
});
afterEach(() => harness.close());

const queue = (labels: string[] = ['fargate'], repository = 'acme/shop') =>
  harness.github.queueRun({ repository, jobs: [job('build', ...labels)] });

async function delivered(count = 1) {
  await until(() => harness.github.deliveries().length >= count);
  await harness.github.settled();
  return harness.github.deliveries();
}

interface Example {
  readonly name: string;
  readonly examples: readonly Record<string, unknown>[];
}
const published: readonly Example[] = createRequire(import.meta.url)('@octokit/webhooks-examples');

/** The text of an answer: JSON.parse would round the ids. */
async function textOf(path: string): Promise<string> {
  const { token } = (await harness.app.auth({ type: 'app' })) as { token: string };
  const response = await fetch(`${harness.github.url}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return response.text();
}

describe('a webhook', () => {
  it('is signed over its very bytes, with the headers that GitHub sends', async () => {
    queue();
    await delivered();
    const [received] = harness.receiver.received;
    expect(received?.headers['x-hub-signature-256']).toBe(signatureOf(received?.body ?? ''));
    expect(received?.headers).toMatchObject({
      'x-github-event': 'workflow_job',
      'content-type': 'application/json',
      'x-github-hook-installation-target-id': '4242',
      'x-github-hook-installation-target-type': 'integration',
      'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
    });
    expect(received?.headers['x-github-delivery']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(received?.headers['x-github-hook-id']).toMatch(/^\d+$/);
  });

  it('of an organisation has all the fields of the published examples, and an installation', async () => {
    queue();
    await delivered();
    const payload = JSON.parse(harness.receiver.received[0]?.body ?? '{}');
    expect(payload).toMatchObject({
      action: 'queued',
      installation: { id: 501 },
      organization: { login: 'acme' },
      repository: { full_name: 'acme/shop', private: true, visibility: 'private' },
      workflow_job: { status: 'queued', labels: ['fargate'], run_attempt: 1, runner_id: null },
    });
    const jobs = published.find(({ name }) => name === 'workflow_job')?.examples ?? [];
    const example = jobs.find((each) => 'installation' in each && each['action'] === 'queued');
    if (example === undefined) throw new Error('There is no such example');
    const missing = (part: 'repository' | 'workflow_job' | 'sender') =>
      Object.keys(Object(example)[part]).filter((key) => !(key in payload[part]));
    expect([...missing('repository'), ...missing('workflow_job'), ...missing('sender')]).toEqual([]);
  });

  it('of a user has no organisation', async () => {
    queue(['fargate'], 'mona/blog');
    await delivered();
    expect(JSON.parse(harness.receiver.received[0]?.body ?? '{}')).not.toHaveProperty('organization');
  });

  it('that GitHub would not send is recognised', async () => {
    queue();
    await delivered();
    const payload = JSON.parse(harness.receiver.received[0]?.body ?? '{}');
    const description = loadDescription();
    expect(description.webhookProblem('workflow-job-queued', payload)).toBeNull();
    delete payload.workflow_job.labels;
    expect(description.webhookProblem('workflow-job-queued', payload)).toContain("'labels'");
  });

  it('that GitHub would not send is never sent: the world fails instead', async () => {
    await harness.close();
    const wrong = { id: 31, name: 'shop', private: 'yes' as unknown as boolean };
    const owner = { login: 'acme', id: 9001, type: 'Organization' as const };
    harness = await startHarness({ installations: [{ id: 501, owner, repositories: [wrong] }] });
    expect(() => queue()).toThrow('a workflow-job-queued that GitHub does not send');
  });

  it('is not sent again by itself when the receiver fails', async () => {
    harness.receiver.answer = 503;
    queue();
    const [delivery] = await delivered();
    expect(delivery).toMatchObject({
      statusCode: 503,
      status: 'Invalid HTTP Response: 503',
      redelivery: false,
    });
    harness.clock.advance(HOUR_MS);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(harness.receiver.received).toHaveLength(1);
  });

  it('that gets no answer within the limit has timed out', async () => {
    harness.receiver.answer = null;
    queue();
    const [delivery] = await delivered();
    expect(delivery).toMatchObject({ statusCode: 504, status: 'timed out' });
  });

  it('that has nobody to receive it is recorded as failed', async () => {
    harness.github.setWebhookUrl('http://127.0.0.1:9/');
    queue();
    const [delivery] = await delivered();
    expect(delivery).toMatchObject({ statusCode: 502, status: 'failed to connect to host' });
  });

  it('can be a ping', async () => {
    await harness.github.ping();
    expect(harness.receiver.received[0]?.headers['x-github-event']).toBe('ping');
  });

  it('can be lost: recorded, and never received', async () => {
    harness.faults.next('lost-webhook');
    queue();
    const [delivery] = await delivered();
    expect(delivery?.statusCode).toBe(502);
    expect(harness.receiver.received).toHaveLength(0);
  });

  it('can arrive twice under two guids', async () => {
    harness.faults.next('duplicate-webhook');
    queue();
    const deliveries = await delivered(2);
    expect(new Set(deliveries.map(({ guid }) => guid)).size).toBe(2);
    expect(new Set(harness.receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  it('can be forged by anybody, and is then not in the log', async () => {
    const body = JSON.stringify({ action: 'queued' });
    const forged = await harness.github.deliver({ body, signature: signatureOf(body, 'a guess') });
    await harness.github.deliver({ body, signature: null });
    const [first, second] = harness.receiver.received;
    expect(forged.status).toBe(202);
    expect(first?.headers['x-hub-signature-256']).not.toBe(signatureOf(body, SECRET));
    expect(second?.headers).not.toHaveProperty('x-hub-signature-256');
    expect(harness.github.deliveries()).toEqual([]);
  });

  it('can be copied, guid and all', async () => {
    queue();
    const [delivery] = await delivered();
    if (delivery === undefined) throw new Error('There is no delivery');
    await harness.github.deliver({ body: delivery.payload, guid: delivery.guid });
    const [first, second] = harness.receiver.received;
    expect(second?.headers['x-github-delivery']).toBe(first?.headers['x-github-delivery']);
    expect(second?.headers['x-hub-signature-256']).toBe(first?.headers['x-hub-signature-256']);
  });
});

describe('the log of deliveries', () => {
  it('gives ids of 19 digits that a JavaScript number cannot hold', async () => {
    queue();
    const [delivery] = await delivered();
    const text = await textOf('/app/hook/deliveries');
    const [, digits] = /"id":(\d+)/.exec(text) ?? [];
    expect(digits).toBe(`${delivery?.id}`);
    expect(digits).toHaveLength(19);
    expect(Number(digits)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  it('shows one delivery with what was sent and what was answered', async () => {
    queue();
    const [delivery] = await delivered();
    const shown = JSON.parse(await textOf(`/app/hook/deliveries/${delivery?.id}`));
    expect(shown).toMatchObject({
      event: 'workflow_job',
      action: 'queued',
      status: 'OK',
      status_code: 202,
      installation_id: 501,
      repository_id: 31,
      request: { payload: { action: 'queued' } },
      response: { payload: 'seen' },
    });
  });

  it('redelivers with the same guid, a new id and the same body', async () => {
    harness.receiver.answer = 503;
    queue();
    const [failed] = await delivered();
    harness.receiver.answer = 202;
    const route = 'POST /app/hook/deliveries/{id}/attempts';
    expect((await harness.app.request(route, { id: `${failed?.id}` })).status).toBe(202);
    const [again] = await delivered(2);
    expect(again).toMatchObject({
      guid: failed?.guid,
      redelivery: true,
      statusCode: 202,
      payload: failed?.payload,
    });
    expect(again?.id).not.toBe(failed?.id);
  });

  it('knows no delivery by an id that lost its last digits', async () => {
    queue();
    const [delivery] = await delivered();
    const rounded = BigInt(Number(delivery?.id));
    const id = `${rounded === delivery?.id ? rounded + 256n : rounded}`;
    const call = harness.app.request('POST /app/hook/deliveries/{id}/attempts', { id });
    expect(await refusal(call)).toMatchObject({ status: 404 });
  });

  it('is read page by page with a cursor, newest first', async () => {
    harness.github.queueRun({ repository: 'acme/shop', jobs: ['a', 'b', 'c'].map((name) => job(name, 'x')) });
    const all = (await delivered(3)).map(({ guid }) => guid);
    const first = await harness.app.request('GET /app/hook/deliveries', { per_page: 2 });
    const [, cursor = ''] = /[?&]cursor=([^&>]+).*rel="next"/.exec(first.headers.link ?? '') ?? [];
    const second = await harness.app.request('GET /app/hook/deliveries', { per_page: 2, cursor });
    expect([...first.data, ...second.data].map(({ guid }) => guid)).toEqual(all);
    expect(second.headers.link).toBeUndefined();
  });

  it('is in the order of the ids, even when an earlier call ends later', async () => {
    harness.receiver.answer = null;
    queue();
    await until(() => harness.receiver.received.length === 1);
    harness.receiver.answer = 202;
    queue();
    const deliveries = await delivered(2);
    expect(deliveries.map(({ statusCode }) => statusCode)).toEqual([202, 504]);
  });

  it('can be read for failures only', async () => {
    harness.receiver.answer = 500;
    queue();
    await delivered();
    harness.receiver.answer = 202;
    queue();
    await delivered(2);
    const failures = JSON.parse(await textOf('/app/hook/deliveries?status=failure'));
    const successes = JSON.parse(await textOf('/app/hook/deliveries?status=success'));
    expect(failures.map((each: { status_code: number }) => each.status_code)).toEqual([500]);
    expect(successes.map((each: { status_code: number }) => each.status_code)).toEqual([202]);
  });

  it('forgets after three days', async () => {
    queue();
    await delivered();
    harness.clock.advance(73 * HOUR_MS);
    expect(JSON.parse(await textOf('/app/hook/deliveries'))).toEqual([]);
  });
});

describe('the webhook of the App', () => {
  it('can be given another address and another secret', async () => {
    const url = harness.receiver.url.replace('/webhook', '/elsewhere');
    const { data } = await harness.app.request('PATCH /app/hook/config', {
      data: { url, secret: 'new' },
    });
    expect(data).toMatchObject({ url, secret: '********' });
    queue();
    await delivered();
    const [received] = harness.receiver.received;
    expect(received?.headers['x-hub-signature-256']).toBe(signatureOf(received?.body ?? '', 'new'));
  });
});
