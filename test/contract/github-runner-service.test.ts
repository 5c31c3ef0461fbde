/** What the services of a runner refuse, and in which form (docs/facts/runner-protocol.md). */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobDefinition } from '../../local/github/service/definition.ts';
import {
  connected,
  type Harness,
  HOUR_MS,
  jitConfig,
  job,
  MINUTE_MS,
  startHarness,
  until,
} from './github-harness.ts';
import { MiniListener } from './github-listener.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const queue = (label: string, more: { definition?: JobDefinition } = {}): number => {
  const [id = 0] = harness.github.queueRun({
    repository: 'acme/shop',
    jobs: [{ ...job('a', label), ...more }],
  });
  return id;
};
const jobOf = (id: number) => harness.github.actions.jobs.get(id);
/** A listener with a job in hand. */
async function busy(label = 'x') {
  const id = queue(label);
  const { listener, id: runnerId } = await connected(harness, `runner-${label}`, [label]);
  await listener.take();
  return { id, listener, runnerId };
}
const NOT_FOUND = { status: 404, body: { source: 'actions-run-service', statusCode: 404 } };

describe('a token', () => {
  it.each([
    ['of another key', {}, {}, true],
    ['for another audience', { aud: 'http://elsewhere/' }, {}, false],
    ['of another subject', { sub: 'somebody' }, {}, false],
    ['that is over', { exp: 1_000_000 }, {}, false],
    ['from the future', { nbf: 9_999_999_999 }, {}, false],
    ['without its grant type', {}, { grant_type: 'password' }, false],
    ['whose assertion is of another type', {}, { client_assertion_type: 'saml' }, false],
  ])('is not given for an assertion %s', async (_what, claims, form, hasOtherKey) => {
    const { encoded } = await jitConfig(harness, 'r', ['x']);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const listener = new MiniListener(encoded);
    expect(await listener.authenticate(hasOtherKey ? privateKey : undefined, claims, form)).toBe(400);
  });

  it('opens nothing when its hour is over, and another is given', async () => {
    const { listener } = await connected(harness, 'r', ['x']);
    harness.clock.advance(HOUR_MS + 1);
    expect((await listener.poll()).status).toBe(401);
    expect(await listener.authenticate()).toBe(200);
    expect((await listener.poll()).status).toBe(202);
  });
});

describe('a poll', () => {
  it('of another session is told so', async () => {
    const { listener } = await connected(harness, 'r', ['x']);
    expect(await listener.call('GET', 'message?sessionId=other&status=Online')).toMatchObject({
      status: 404,
      body: { source: 'actions-broker-listener', errorKind: 'RunnerSessionInvalid' },
    });
  });

  it('that is hung up loses no message', async () => {
    await harness.close();
    harness = await startHarness({ pollMs: 60_000 });
    const { listener, id: runnerId } = await connected(harness, 'r', ['x']);
    const openPolls = () => harness.github.actions.runners.get(runnerId)?.polls;
    const hangUp = new AbortController();
    const poll = listener.poll('Online', hangUp.signal).catch(() => undefined);
    await until(() => openPolls() === 1);
    hangUp.abort();
    queue('x');
    await poll;
    expect((await listener.poll()).body.messageType).toBe('RunnerJobRequest');
  });

  it('is told of a job again that it has not acknowledged', async () => {
    queue('x');
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.poll();
    const { offer } = listener;
    expect((await listener.poll()).body.messageType).toBe('RunnerJobRequest');
    expect(listener.offer).toEqual(offer);
    await listener.acknowledge();
    expect((await listener.poll()).status).toBe(202);
  });

  it('with a job in hand hears of its cancellation, and one without does not', async () => {
    const { id, listener } = await busy();
    harness.github.cancelJob(id);
    expect((await listener.poll('Online')).status).toBe(202);
    expect((await listener.poll('Busy')).body.messageType).toBe('JobCancellation');
    expect((await listener.poll('Busy')).status).toBe(202);
  });

  it('with a job in hand is given no other', async () => {
    const { listener } = await connected(harness, 'r', ['x']);
    queue('x');
    expect((await listener.poll('Busy')).status).toBe(202);
    expect((await listener.poll('Online')).status).toBe(200);
  });
});

describe('acquirejob', () => {
  it('is refused to another runner, for a request that is none, and without a token', async () => {
    const id = queue('x');
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.poll();
    const { listener: other } = await connected(harness, 'other', ['y']);
    expect(await other.acquire(listener.offer?.runner_request_id)).toMatchObject(NOT_FOUND);
    expect(await listener.acquire('none')).toMatchObject(NOT_FOUND);
    expect((await listener.acquire(undefined, { token: 'none' })).status).toBe(401);
    expect(jobOf(id)?.status).toBe('queued');
  });

  it('is a conflict the second time', async () => {
    const { listener } = await busy();
    expect(await listener.acquire()).toMatchObject({
      status: 409,
      body: { source: 'actions-run-service', statusCode: 409 },
    });
  });

  it('needs no acknowledgement', async () => {
    queue('x');
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.poll();
    expect((await listener.acquire()).status).toBe(200);
  });
});

describe('a job’s own calls', () => {
  it('are refused with the token of another job, of a runner, and with none', async () => {
    const [one, other] = [await busy('x'), await busy('y')];
    const { jobId, plan, resources } = one.listener.job ?? {};
    const [endpoint] = resources?.endpoints ?? [];
    const foreign = other.listener.job?.resources.endpoints[0].authorization.parameters.AccessToken;
    for (const token of [foreign, one.listener.token, 'a.b.c']) {
      const body = { jobId, planId: plan?.planId, conclusion: 'succeeded' };
      for (const path of ['renewjob', 'completejob']) {
        const call = { base: endpoint?.url ?? '', body, token: token ?? '' };
        expect((await one.listener.call('POST', path, call)).status).toBe(401);
      }
    }
    expect(jobOf(one.id)?.status).toBe('in_progress');
  });

  it('are refused for a job or a plan that there is not', async () => {
    const { listener } = await busy();
    expect(await listener.renew({ planId: 'other' })).toMatchObject(NOT_FOUND);
    expect(await listener.complete('succeeded', { jobId: 'other' })).toMatchObject(NOT_FOUND);
    expect((await listener.complete('unheard of')).status).toBe(422);
  });

  it('are refused when the lease is over, and a renewal keeps it', async () => {
    const { id, listener } = await busy();
    harness.clock.advance(9 * MINUTE_MS);
    const { body } = await listener.renew();
    expect(body).toMatchObject({ lockedUntil: new Date(harness.clock.nowMs() + 600_000).toISOString() });
    harness.clock.advance(10 * MINUTE_MS + 1);
    expect(await listener.renew()).toMatchObject(NOT_FOUND);
    await until(() => jobOf(id)?.status === 'completed');
    expect(await listener.complete('succeeded')).toMatchObject(NOT_FOUND);
    expect(jobOf(id)?.conclusion).toBe('failure');
  });

  it('are refused when the lease is over, before GitHub has come to end the job', async () => {
    await harness.close();
    harness = await startHarness({ patienceMs: 10_000 });
    const { id, listener } = await busy();
    harness.clock.advance(10 * MINUTE_MS + 1);
    expect(await listener.renew()).toMatchObject(NOT_FOUND);
    expect(await listener.complete('succeeded')).toMatchObject(NOT_FOUND);
    expect(jobOf(id)?.status).toBe('in_progress');
  });

  it('are refused for a job that is over, and a minute later unknown', async () => {
    const { id, listener } = await busy();
    expect((await listener.complete('succeeded')).status).toBe(200);
    expect(await listener.complete('failed')).toMatchObject(NOT_FOUND);
    expect(await listener.renew()).toMatchObject(NOT_FOUND);
    harness.clock.advance(MINUTE_MS + 1);
    expect((await listener.renew()).status).toBe(401);
    expect(jobOf(id)?.conclusion).toBe('success');
  });

  it('tell of outputs, steps and annotations', async () => {
    const { id, listener } = await busy();
    const step = {
      external_id: 'e',
      number: 2,
      name: 'Run it',
      status: 'completed',
      conclusion: 'failed',
      started_at: '2026-01-01T00:00:00Z',
      annotations: [
        { level: 'warning', message: 'odd' },
        { level: 'failure', message: 'exit code 1', startLine: 3 },
      ],
    };
    const told = { outputs: { version: { value: '1' } }, stepResults: [step], annotations: [] };
    expect((await listener.complete('failed', told)).status).toBe(200);
    expect(jobOf(id)).toMatchObject({
      annotation: 'exit code 1',
      outputs: { version: '1' },
      stepResults: [{ externalId: 'e', number: 2, conclusion: 'failure', startedAt: '2026-01-01T00:00:00Z' }],
    });
  });
});

describe('a job that takes longer than its workflow allows', () => {
  it('is cancelled by GitHub', async () => {
    const id = queue('x', { definition: { key: 'a', steps: [], timeoutMinutes: 5 } });
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    harness.clock.advance(4 * MINUTE_MS);
    expect((await listener.poll('Busy')).status).toBe(202);
    harness.clock.advance(MINUTE_MS + 1);
    expect((await listener.poll('Busy')).body.messageType).toBe('JobCancellation');
    await listener.complete('canceled');
    expect(jobOf(id)).toMatchObject({
      conclusion: 'cancelled',
      annotation: 'The job has exceeded the maximum execution time of 0h5m0s',
    });
  });

  it('has six hours where that says nothing, and a job of the world has no limit', async () => {
    const limited = queue('x', { definition: { key: 'a', steps: [] } });
    const unlimited = queue('y');
    for (const label of ['x', 'y']) await (await connected(harness, label, [label])).listener.take();
    const isCancelled = (id: number) => jobOf(id)?.cancelledAtMs !== null;
    harness.clock.advance(6 * HOUR_MS + 1);
    await until(() => isCancelled(limited));
    expect(isCancelled(unlimited)).toBe(false);
  });
});
