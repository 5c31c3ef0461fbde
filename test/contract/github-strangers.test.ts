import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDescription } from '../../local/github/openapi.ts';
import { STRANGER_REPOSITORY } from '../../local/github/stranger.ts';
import { type Harness, jitConfig, job, signatureOf, startHarness } from './github-harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const queue = () => harness.github.queueRun({ repository: 'acme/shop', jobs: [job('build', 'x')] })[0] ?? 0;
/** What has come since, once all is there. */
async function received() {
  await harness.github.settled();
  return harness.receiver.received.splice(0).map(({ body, headers }) => ({
    payload: JSON.parse(body),
    isSigned: headers['x-hub-signature-256'] === signatureOf(body),
  }));
}

describe('a stranger', () => {
  it('should say by GitHub’s own signature that a runner of any name has taken his job', async () => {
    const runner = { runnerName: 'oneshot-31-7-0', runnerId: 1003 };
    const delivery = await harness.github.strangerDelivers({ action: 'in_progress', ...runner });
    const [{ payload, isSigned } = { payload: {}, isSigned: false }] = await received();
    expect(isSigned).toBe(true);
    expect(loadDescription().webhookProblem('workflow-job-in-progress', payload)).toBeNull();
    expect(payload).toMatchObject({
      workflow_job: { status: 'in_progress', runner_name: 'oneshot-31-7-0', runner_id: 1003 },
      repository: { full_name: STRANGER_REPOSITORY },
    });
    expect(payload.installation.id).not.toBe(501);
    expect(harness.github.deliveries()).toEqual([delivery]);
  });

  it.each(['queued', 'completed'] as const)(
    'should send %s too, with labels of his choice',
    async (action) => {
      await harness.github.strangerDelivers({ action, labels: ['fargate', 'gpu'] });
      const [{ payload } = { payload: {} }] = await received();
      expect(payload).toMatchObject({ action, workflow_job: { status: action, labels: ['fargate', 'gpu'] } });
    },
  );

  it('should have an installation like everybody, from his first delivery on, and once', async () => {
    const logins = async () =>
      (await harness.app.request('GET /app/installations')).data.map(({ account }) =>
        Reflect.get(account ?? {}, 'login'),
      );
    expect(await logins()).toEqual(['acme', 'mona', 'readers']);
    for (let time = 0; time < 2; time += 1) await harness.github.strangerDelivers({ action: 'queued' });
    expect(await logins()).toEqual(['acme', 'mona', 'readers', 'stranger']);
  });

  it('should come by a fault with an ordinary delivery, and name a live runner of ours', async () => {
    harness.faults.setRate('stranger-webhook', 1);
    queue();
    expect((await received()).map(({ payload }) => payload.repository.full_name)).toEqual(['acme/shop']);
    await jitConfig(harness, 'oneshot-31-7-0', ['never']);
    queue();
    const [, { payload, isSigned } = { payload: {}, isSigned: false }] = (await received()).toSorted(
      (a, b) => (a.payload.repository.name > b.payload.repository.name ? -1 : 1),
    );
    expect(isSigned).toBe(true);
    expect(payload).toMatchObject({
      action: 'in_progress',
      repository: { full_name: STRANGER_REPOSITORY },
      workflow_job: { runner_name: 'oneshot-31-7-0' },
    });
  });
});

describe('a delivery without its job', () => {
  it('should be signed, in the log, and name its repository', async () => {
    const id = queue();
    await received();
    const delivery = await harness.github.deliverWithoutJob(id);
    expect(await received()).toMatchObject([
      { isSigned: true, payload: { workflow_job: null, repository: { full_name: 'acme/shop' } } },
    ]);
    expect(delivery).toMatchObject({ jobId: null, repositoryId: 31, installationId: 501, statusCode: 202 });
    expect(harness.github.deliveries()).toContainEqual(delivery);
  });
});

describe('an outage of the receiver', () => {
  const failures = async () =>
    (await harness.app.request('GET /app/hook/deliveries', { status: 'failure', per_page: 100 })).data;

  it('should fail each delivery, redeliveries too, until it is over; and the log says whose each is', async () => {
    harness.github.failDeliveries(true);
    const jobs = Array.from({ length: 60 }, (_, index) => job(`${index}`, 'x'));
    harness.github.queueRun({ repository: 'acme/shop', jobs });
    expect(await received()).toEqual([]);
    const failed = await failures();
    expect(failed).toHaveLength(60);
    for (const each of failed)
      expect(each).toMatchObject({ status_code: 502, repository_id: 31, installation_id: 501 });
    const id = harness.github.deliveries()[0]?.id ?? 0n;
    expect(await harness.github.redeliver(id)).toMatchObject({ statusCode: 502, redelivery: true });
    harness.github.failDeliveries(false);
    expect(await harness.github.redeliver(id)).toMatchObject({ statusCode: 202 });
    expect(await received()).toHaveLength(1);
  });
});
