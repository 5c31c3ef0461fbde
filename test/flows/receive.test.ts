import { describe, expect, it } from 'vitest';
import { raiseDoubt } from '../../functions/core/plan/doubt.ts';
import { createCooling } from '../../functions/webhook/cooling.ts';
import type { RawDelivery } from '../../functions/webhook/receive.ts';
import { delivery, jobPayload, signatureOf } from '../fixtures/deliveries.ts';
import type { Answers } from '../fixtures/launch-ports.ts';
import { NOW_MS, receiveOne } from '../fixtures/receive.ts';
import { WEB } from '../fixtures/tasks.ts';

const JOB = 31_415_926_535;
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
    ['that is not JSON', delivery('payload=%7B%7D'), 400, /application\/json/],
    ['without an event', delivery(queued(), { 'x-github-event': '' }), 400, /X-GitHub-Event/],
    ['that lacks fields', delivery({ action: 'queued' }), 400, /workflow_job\.id/],
    ['over a megabyte', delivery(JSON.stringify({ padding: 'x'.repeat(1024 * 1024) })), 413, /1048576/],
  ])('should turn away a delivery %s and do nothing', async (_, raw, status, message) => {
    const { answer, ported, done } = await receiveOne(raw);
    expect(answer).toMatchObject({ status, message: expect.stringMatching(message) });
    expect({ ported, done }).toEqual({ ported: [], done: [] });
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
      'a refusal that no runner can tell',
      delivery(jobPayload({ job: { labels: ['self-hosted', 'fargate/cpu=16'] } })),
      'size-over-limit',
    ],
  ])('should answer 200 with the reason to %s, without loading what launches', async (_, raw, reason) => {
    const { answer, done } = await receiveOne(raw);
    expect(answer).toMatchObject({ status: 200, reason });
    expect(done).toEqual([]);
  });

  it('should launch for a fresh event with three calls and without a look (rule 9)', async () => {
    for (const secondsAgo of [-5, 0, 30]) {
      const { answer, ported, done } = await receiveOne(delivery(queued(secondsAgo)));
      expect(answer).toMatchObject({ status: 202, reason: 'launched' });
      expect(ported).toEqual(['createJitConfig', 'seal', 'runTask']);
      expect(done).toEqual(['load launching']);
    }
  });

  it.each<[string, Answers]>([
    ['taken', { jit: { kind: 'taken' } }],
    ['unknown', { jit: { kind: 'unknown', detail: 'lost' } }],
    [
      'refused',
      { jit: { kind: 'refused', refusal: 'secondary-limit', detail: 'wait', retryAfterSeconds: 60 } },
    ],
    ['unknown', { seal: { kind: 'unknown', detail: 'lost' } }],
    ['refused', { run: [{ kind: 'refused', refusal: 'vcpu-quota', detail: 'none left' }] }],
  ])('should acknowledge with a doubt what is %s', async (reason, answers) => {
    const { answer, done } = await receiveOne(delivery(queued()), { answers });
    expect(answer).toMatchObject({ status: 202, reason });
    expect(done).toEqual(['load launching', 'load settling', 'doubt acme/web']);
  });

  it('should reject when neither the launch nor the doubt could be made (rule 10)', async () => {
    const failing = receiveOne(delivery(queued()), {
      answers: { jit: { kind: 'unknown', detail: 'lost' } },
      isQueueDown: true,
    });
    await expect(failing).rejects.toThrow('SQS is down');
  });

  it('should make no call that would only be refused while GitHub asks to be left alone', async () => {
    const cooling = createCooling();
    const refusal = {
      kind: 'refused',
      refusal: 'secondary-limit',
      detail: 'wait',
      retryAfterSeconds: 60,
    } as const;
    await receiveOne(delivery(queued()), { answers: { jit: refusal }, cooling });
    const next = await receiveOne(delivery(queued()), { cooling });
    expect(next).toMatchObject({
      answer: { status: 202, reason: 'cooling' },
      ported: [],
      done: ['load settling', 'doubt acme/web'],
    });
    expect([59_999, 60_000].map((ms) => cooling.isCooling('acme', NOW_MS + ms))).toEqual([true, false]);
  });

  it('should launch for one owner while another’s installation is to be left alone', async () => {
    const cooling = createCooling();
    const jit = {
      kind: 'refused',
      refusal: 'primary-limit',
      detail: 'wait',
      retryAfterSeconds: 600,
    } as const;
    await receiveOne(delivery(queued()), { answers: { jit }, cooling });
    const repository = { id: 9, name: 'shop', owner: { login: 'widgets', type: 'Organization' } };
    const theirs = await receiveOne(delivery(jobPayload({ repository }, NOW_MS)), { cooling });
    expect(theirs.answer).toMatchObject({ status: 202, reason: 'launched' });
  });

  it('should name the job in the doubt, so that it is read first, as news that lists may not show yet', async () => {
    const { doubts } = await receiveOne(delivery(queued()), { answers: { jit: { kind: 'taken' } } });
    const repository = { ...WEB, id: 700_000_001 };
    expect(doubts).toEqual([raiseDoubt(repository, NOW_MS, { jobIds: [JOB], isNews: true })]);
  });
});

describe('receive of a job that cannot be read', () => {
  const jobless = (repository = {}, more = {}) => ({
    ...jobPayload({ repository }, NOW_MS),
    workflow_job: null,
    ...more,
  });

  it('should doubt the repository, whose jobs GitHub can be asked for', async () => {
    const { answer, doubts } = await receiveOne(delivery(jobless()));
    expect(answer).toMatchObject({
      ...{ status: 202, reason: 'job-malformed' },
      message: expect.stringContaining('workflow_job.id'),
    });
    const repository = { ...WEB, id: 700_000_001 };
    expect(doubts).toEqual([raiseDoubt(repository, NOW_MS, { isNews: true })]);
  });

  it.each([
    ['not allowed', { owner: { login: 'evil', type: 'Organization' } }, 'repository-not-allowed'],
    ['public and not named', { private: false }, 'public-repository-not-allowed'],
  ])('should do nothing for a repository that is %s', async (_, repository, reason) => {
    const { answer, done } = await receiveOne(delivery(jobless(repository)));
    expect(answer).toMatchObject({ status: 200, reason });
    expect(done).toEqual([]);
  });

  it.each([null, {}, { id: 7, name: '../x', owner: { login: 'acme' } }])(
    'should turn it away where the repository is %j',
    async (repository) => {
      const { answer, done } = await receiveOne(delivery(jobless({}, { repository })));
      expect(answer).toMatchObject({ status: 400, message: expect.stringContaining('repository.') });
      expect(done).toEqual([]);
    },
  );
});
