import { describe, expect, it } from 'vitest';
import { createCooling } from '../../functions/core/cooling.ts';
import type { TaskFact } from '../../functions/core/facts.ts';
import { type RawDelivery, type ReceivePorts, receive } from '../../functions/webhook/receive.ts';
import { delivery, jobPayload, SECRET, signatureOf } from '../fixtures/deliveries.ts';
import { type Answers, createLaunchPorts } from '../fixtures/launch-ports.ts';
import { POLICY } from '../fixtures/policy.ts';
import { taskFixture } from '../fixtures/tasks.ts';

const NOW_MS = Date.UTC(2026, 10, 23);

interface Settled {
  readonly task?: TaskFact;
  readonly isQueueDown?: boolean;
  readonly isMarkRefused?: boolean;
}

async function receiveOne(
  raw: RawDelivery,
  answers: Answers = {},
  settled: Settled = {},
  cooling = createCooling(),
  done: string[] = [],
  policy = POLICY,
) {
  const world = createLaunchPorts(answers);
  const ports: ReceivePorts = {
    verifySignature: async (body, signature) => signature === signatureOf(body, SECRET),
    launching: async () => {
      done.push('load launching');
      return world.ports;
    },
    settling: async () => ({
      findTask: async () => settled.task,
      markTask: async (taskArn, jobId) => {
        if (settled.isMarkRefused) throw new Error('the task has stopped');
        done.push(`mark ${taskArn} ${jobId}`);
      },
      doubt: async ({ repository }) => {
        if (settled.isQueueDown) throw new Error('SQS is down');
        done.push(`doubt ${repository.owner}/${repository.name}`);
      },
    }),
  };
  const signal = new AbortController().signal;
  const receiving = { policy, prefix: 'oneshot-dev', nowMs: NOW_MS, signal, cooling };
  const answer = await receive(raw, ports, receiving);
  return { answer, ported: world.ported(), done };
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

  it('should leave a refusal to reconcile, and answer with what its job will be told', async () => {
    const raw = delivery(jobPayload({ job: { labels: ['fargate/cpu=16'] } }, NOW_MS));
    const { answer, ported, done } = await receiveOne(raw);
    expect(answer).toMatchObject({
      status: 202,
      reason: 'size-over-limit',
      message: expect.stringMatching(/^The label fargate\/cpu=16 is refused: .* the limit is 4/),
    });
    expect({ ported, done }).toEqual({ ported: [], done: ['doubt acme/web'] });
  });

  it('should launch for a fresh event and only doubt for an older one (rule 9)', async () => {
    expect((await receiveOne(delivery(queued(30)))).ported).toContain('runTask');
    const late = await receiveOne(delivery(queued(31)));
    expect(late).toMatchObject({
      answer: { status: 202, reason: 'event-too-old' },
      ported: [],
      done: ['doubt acme/web'],
    });
  });

  it('should launch nothing on the word of a delivery where what runs at once is limited: reconcile asks GitHub', async () => {
    const policy = { ...POLICY, capacity: { ...POLICY.capacity, maximumRunners: 1_000 } };
    const limited = await receiveOne(delivery(queued()), {}, {}, createCooling(), [], policy);
    expect(limited).toMatchObject({
      answer: { status: 202, reason: 'capacity-limited' },
      ported: [],
      done: ['doubt acme/web'],
    });
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
    const { answer, done } = await receiveOne(delivery(queued()), answers);
    expect(answer).toMatchObject({ status: 202, reason });
    expect(done).toEqual(['load launching', 'doubt acme/web']);
  });

  it('should reject when neither the launch nor the doubt could be made (rule 10)', async () => {
    const failing = receiveOne(
      delivery(queued()),
      { jit: { kind: 'unknown', detail: 'lost' } },
      { isQueueDown: true },
    );
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
    await receiveOne(delivery(queued()), { jit: refusal }, {}, cooling);
    const next = await receiveOne(delivery(queued()), {}, {}, cooling);
    expect(next).toMatchObject({
      answer: { status: 202, reason: 'cooling' },
      ported: [],
      done: ['doubt acme/web'],
    });
    expect([cooling.isCooling(NOW_MS + 59_999), cooling.isCooling(NOW_MS + 60_000)]).toEqual([true, false]);
  });
});

describe('receive of a job in progress (rule 19)', () => {
  const JOB = 31_415_926_535;
  const nameOf = (jobId: number, repositoryId = 700_000_001) => `oneshot-dev-${repositoryId}-${jobId}-0`;
  const inProgress = (runner: string | null, labels = ['fargate']) =>
    delivery(
      jobPayload(
        { action: 'in_progress', job: { status: 'in_progress', labels, runner_name: runner } },
        NOW_MS,
      ),
    );
  const taskOf = (runnerName: string, labels = ['fargate']) => taskFixture(1, { runnerName, labels });

  it('should mark the task of its own runner, and doubt nothing', async () => {
    const { answer, done } = await receiveOne(inProgress(nameOf(JOB)), {}, { task: taskOf(nameOf(JOB)) });
    expect(answer).toMatchObject({ status: 200, reason: 'marked' });
    expect(done).toEqual([`mark arn:1-0 ${JOB}`]);
  });

  it('should mark and doubt nothing when like jobs of one repository swap runners', async () => {
    const { answer, done } = await receiveOne(inProgress(nameOf(2)), {}, { task: taskOf(nameOf(2)) });
    expect(answer.reason).toBe('swapped');
    expect(done).toEqual([`mark arn:1-0 ${JOB}`]);
  });

  it.each<[string, RawDelivery, TaskFact | undefined, string[]]>([
    [
      'other labels',
      inProgress(nameOf(2)),
      taskOf(nameOf(2), ['fargate', 'arm64']),
      ['doubt acme/web', `mark arn:1-0 ${JOB}`],
    ],
    [
      'a taker that is not ours',
      inProgress(nameOf(2), ['self-hosted']),
      taskOf(nameOf(2), ['self-hosted']),
      ['doubt acme/web', `mark arn:1-0 ${JOB}`],
    ],
    [
      'another repository',
      inProgress(nameOf(2, 9)),
      taskOf(nameOf(2, 9)),
      ['doubt acme/web', `mark arn:1-0 ${JOB}`],
    ],
    ['a task that ECS no longer shows', inProgress(nameOf(2)), undefined, ['doubt acme/web']],
  ])('should doubt the repository that lost a runner to %s', async (_, raw, task, expected) => {
    expect((await receiveOne(raw, {}, task ? { task } : {})).done).toEqual(expected);
  });

  it('should doubt though the task can no longer be marked', async () => {
    const doubts: string[] = [];
    const settled = { task: taskOf(nameOf(2, 9)), isMarkRefused: true };
    const failing = receiveOne(inProgress(nameOf(2, 9)), {}, settled, createCooling(), doubts);
    await expect(failing).rejects.toThrow('the task has stopped');
    expect(doubts).toEqual(['doubt acme/web']);
  });

  it.each([null, 'GitHub Actions 12', 'oneshot-prod-1-2-0'])(
    'should load nothing for runner %s',
    async (runner) => {
      const { answer, done } = await receiveOne(inProgress(runner));
      expect(answer).toMatchObject({ status: 200, reason: 'runner-unknown' });
      expect(done).toEqual([]);
    },
  );
});
