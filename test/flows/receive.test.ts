import { describe, expect, it } from 'vitest';
import { type RawDelivery, receive } from '../../functions/webhook/receive.ts';
import { delivery, jobPayload, SECRET, signatureOf } from '../fixtures/deliveries.ts';
import { type Answers, createLaunchPorts } from '../fixtures/launch-ports.ts';
import { POLICY } from '../fixtures/policy.ts';

const NOW_MS = Date.UTC(2026, 10, 23);

async function receiveOne(raw: RawDelivery, answers: Answers = {}) {
  const world = createLaunchPorts(answers);
  let isLoaded = false;
  const ports = {
    verifySignature: async (body: string, signature: string) => signature === signatureOf(body, SECRET),
    launching: async () => {
      isLoaded = true;
      return world.ports;
    },
  };
  const signal = new AbortController().signal;
  const answer = await receive(raw, ports, { policy: POLICY, prefix: 'oneshot-dev', nowMs: NOW_MS, signal });
  return { answer, ported: world.ported(), isLoaded };
}

const queued = (secondsAgo = 0) => jobPayload({}, NOW_MS - secondsAgo * 1000);

describe('receive', () => {
  it('should answer 202 when a task was launched', async () => {
    const { answer, ported } = await receiveOne(delivery(queued()));
    expect(answer).toMatchObject({ status: 202, reason: 'launched' });
    expect(ported).toEqual(['createJitConfig', 'seal', 'runTask']);
  });

  it('should read a body that API Gateway hands over in base64', async () => {
    const raw = delivery(queued());
    const body = Buffer.from(raw.body ?? '').toString('base64');
    expect((await receiveOne({ ...raw, body, isBase64Encoded: true })).answer.status).toBe(202);
  });

  it('should verify the bytes as they came, white space and all', async () => {
    const { answer } = await receiveOne(delivery(` ${JSON.stringify(queued(), null, 2)}\n`));
    expect(answer.status).toBe(202);
  });

  it.each<[string, RawDelivery, number, RegExp]>([
    [
      'without a signature',
      { ...delivery(queued()), headers: { 'x-github-event': 'workflow_job' } },
      401,
      /X-Hub-Signature-256/,
    ],
    [
      'with a wrong signature',
      delivery(queued(), { 'x-hub-signature-256': signatureOf('other') }),
      401,
      /does not match/,
    ],
    [
      'whose body was changed',
      { ...delivery(queued()), body: JSON.stringify(jobPayload()) },
      401,
      /does not match/,
    ],
    ['without a body', { ...delivery(queued()), body: undefined }, 401, /does not match/],
    ['that is no JSON', delivery('payload=%7B%7D'), 400, /application\/json/],
    ['without an event', delivery(queued(), { 'x-github-event': '' }), 400, /X-GitHub-Event/],
    ['that lacks fields', delivery({ action: 'queued' }), 400, /workflow_job\.id/],
    ['over a megabyte', delivery(JSON.stringify({ padding: 'x'.repeat(1024 * 1024) })), 413, /1048576/],
  ])('should turn away a delivery %s and do nothing', async (_, raw, status, message) => {
    const { answer, ported, isLoaded } = await receiveOne(raw);
    expect(answer).toMatchObject({ status, message: expect.stringMatching(message) });
    expect({ ported, isLoaded }).toEqual({ ported: [], isLoaded: false });
  });

  it('should turn away a body that is not UTF-8, which cannot be what was signed once it is read as text', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    const raw = { ...delivery('{}'), body: bytes.toString('base64'), isBase64Encoded: true };
    const headers = { ...raw.headers, 'x-hub-signature-256': signatureOf(bytes) };
    expect((await receiveOne({ ...raw, headers })).answer.status).toBe(400);
  });

  it.each([
    ['a ping', delivery({ zen: 'Design for failure.' }, { 'x-github-event': 'ping' }), 'ping'],
    ['another event', delivery({}, { 'x-github-event': 'push' }), 'event-not-handled'],
    ['a foreign label', delivery(jobPayload({ job: { labels: ['ubuntu-latest'] } })), 'label-not-ours'],
    [
      'a size over the limit',
      delivery(jobPayload({ job: { labels: ['fargate/cpu=16'] } })),
      'size-over-limit',
    ],
  ])('should answer 200 with the reason to %s, without loading what launches', async (_, raw, reason) => {
    const { answer, isLoaded } = await receiveOne(raw);
    expect(answer).toMatchObject({ status: 200, reason });
    expect(isLoaded).toBe(false);
  });

  it('should ask GitHub whether a job still waits when its event is old, and only then', async () => {
    expect((await receiveOne(delivery(queued(30)))).ported).not.toContain('isJobQueued');
    expect((await receiveOne(delivery(queued(31)))).ported).toEqual([
      'isJobQueued',
      'createJitConfig',
      'seal',
      'runTask',
    ]);
    const late = await receiveOne(delivery(queued(5_000)), { isJobQueued: false });
    expect(late.answer).toMatchObject({ status: 200, reason: 'job-not-queued' });
    expect(late.ported).toEqual(['isJobQueued']);
  });

  it('should answer 200 to a launch that was made before', async () => {
    const { answer } = await receiveOne(delivery(queued()), { jit: { kind: 'taken' } });
    expect(answer).toMatchObject({ status: 200, reason: 'taken' });
  });

  it.each([
    { jit: { kind: 'unknown', detail: 'lost' } },
    { jit: { kind: 'refused', refusal: 'secondary-limit', detail: 'wait', retryAfterSeconds: 60 } },
    { seal: { kind: 'unknown', detail: 'lost' } },
    { run: [{ kind: 'refused', refusal: 'throttled', detail: 'Rate exceeded' }] },
  ] satisfies Answers[])('should answer 503 when the work could not be done: %j', async (answers) => {
    expect((await receiveOne(delivery(queued()), answers)).answer.status).toBe(503);
  });
});
