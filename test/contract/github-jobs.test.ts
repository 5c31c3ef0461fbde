import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ActionsWorld } from '../../local/github/actions-world.ts';
import { createIdentifiers } from '../../local/github/identifiers.ts';
import { guidOf } from '../../local/github/service/guid.ts';
import {
  connected,
  type Harness,
  HOUR_MS,
  INSTALLATIONS,
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

const GONE = { status: 404, body: { source: 'actions-broker-listener', errorKind: 'RunnerNotFound' } };
const queue = (...jobs: ReturnType<typeof job>[]) =>
  harness.github.queueRun({ repository: 'acme/shop', jobs });
const jobOf = (id: number) => {
  const found = harness.github.jobs().find((each) => each.id === id);
  if (found === undefined) throw new Error(`no job ${id}`);
  return found;
};
const runnerNamed = (name: string) => harness.github.runners().find((runner) => runner.name === name);
const actionsOf = (id: number) =>
  harness.receiver.received
    .map(({ body }) => JSON.parse(body))
    .filter((payload) => payload.workflow_job.id === id)
    .map((payload) => payload.action);

describe('a job', () => {
  it('goes from queued to completed on a runner, and GitHub tells of each step', async () => {
    const [id = 0] = queue({ ...job('build', 'fargate'), durationSeconds: 60 });
    await harness.github.settled();
    const { listener, id: runnerId } = await connected(harness, 'r1', ['fargate', 'linux']);
    const { status, body } = await listener.poll();
    expect(status).toBe(200);
    expect(body).toMatchObject({ messageType: 'RunnerJobRequest', messageId: 1 });
    expect(listener.offer).toMatchObject({
      run_service_url: `${harness.github.url}/run/`,
      should_acknowledge: true,
    });
    expect(jobOf(id).status).toBe('queued');
    expect((await listener.acknowledge()).status).toBe(200);
    expect((await listener.acquire()).body).toMatchObject({ jobId: guidOf('job', id), jobName: 'build' });
    expect(jobOf(id)).toMatchObject({
      status: 'in_progress',
      runnerName: 'r1',
      runnerId,
      runnerGroupName: 'Default',
    });
    await harness.github.settled();
    expect((await listener.renew()).status).toBe(200);
    expect((await listener.complete('succeeded')).status).toBe(200);
    expect(jobOf(id)).toMatchObject({ status: 'completed', conclusion: 'success', assignments: 1 });
    await harness.github.settled();
    expect(actionsOf(id)).toEqual(['queued', 'in_progress', 'completed']);
    expect(runnerNamed('r1')).toBeUndefined();
    // Its listener has yet to see that its worker has ended the job.
    expect((await listener.poll('Busy')).status).toBe(202);
    expect((await listener.poll()).status).toBe(202);
    harness.clock.advance(MINUTE_MS + 1);
    expect(await listener.poll()).toMatchObject(GONE);
  });

  it.each([
    ['failed', 'failure'],
    ['canceled', 'cancelled'],
    ['abandoned', 'failure'],
  ])('that its worker ends as %s is a %s', async (result, conclusion) => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    await listener.complete(result);
    expect(jobOf(id).conclusion).toBe(conclusion);
  });

  it('is given only to a runner that has all its labels, in any case', async () => {
    const [id = 0] = queue(job('a', 'Fargate', 'GPU'));
    const lacking = await connected(harness, 'lacking', ['fargate']);
    expect((await lacking.listener.poll()).status).toBe(202);
    const fitting = await connected(harness, 'fitting', ['gpu', 'FARGATE', 'linux']);
    expect(await fitting.listener.take()).toBe(guidOf('job', id));
  });

  it('is not given to a runner of another repository', async () => {
    queue(job('a', 'x'));
    const { data } = await harness.as().request('POST /repos/acme/docs/actions/runners/generate-jitconfig', {
      name: 'r',
      runner_group_id: 1,
      labels: ['x'],
    });
    const listener = new MiniListener(data.encoded_jit_config);
    await listener.connect();
    expect((await listener.poll()).status).toBe(202);
  });

  it('is not given to a runner whose group is closed to the repository', async () => {
    queue(job('a', 'x'));
    const { listener } = await connected(harness, 'docs-only', ['x'], 7);
    expect((await listener.poll()).status).toBe(202);
    const [id = 0] = harness.github.queueRun({ repository: 'acme/docs', jobs: [job('b', 'x')] });
    expect(await listener.take()).toBe(guidOf('job', id));
  });

  it.each([
    [0, 'first'],
    [0.99, 'second'],
  ])(
    'goes to any of the idle runners that fit, by chance (%d: the %s): runners get swapped',
    (chance, name) => {
      const ids = createIdentifiers(Math.random);
      const world = new ActionsWorld(harness.clock, ids, () => chance);
      const [installation] = INSTALLATIONS;
      const [repository] = installation.repositories;
      const [group] = installation.runnerGroups;
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      for (const each of ['first', 'second']) {
        const scope = { installation, repository: null };
        const runner = world.register({ scope, name: each, group, labels: ['x'], publicKey });
        runner.sessionId = each;
        world.connect(runner);
      }
      const { jobs } = world.queueRun(
        { repository: 'acme/shop', jobs: [job('a', 'x')] },
        installation,
        repository,
      );
      const taker = world.runners.all().find((runner) => runner.job === jobs[0]);
      expect(taker?.name).toBe(name);
    },
  );

  it('that is not picked up within a minute is queued again, and its listener is a ghost', async () => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'slow', ['x']);
    expect((await listener.poll()).status).toBe(200);
    harness.clock.advance(MINUTE_MS + 1_000);
    await until(() => runnerNamed('slow') === undefined);
    expect((await listener.acknowledge()).body).toMatchObject({ errorKind: 'AcknowledgeJobNotFound' });
    expect((await listener.acquire()).status).toBe(404);
    expect((await listener.poll()).status).toBe(202);
    const second = await connected(harness, 'second', ['x']);
    expect(await second.listener.take()).toBe(guidOf('job', id));
    expect(jobOf(id)).toMatchObject({ status: 'in_progress', assignments: 2 });
  });

  it('fails after ten minutes of silence of its runner', async () => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    harness.clock.advance(9 * MINUTE_MS);
    await listener.renew();
    harness.clock.advance(9 * MINUTE_MS);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(jobOf(id).status).toBe('in_progress');
    harness.clock.advance(2 * MINUTE_MS);
    await until(() => jobOf(id).status === 'completed');
    expect(jobOf(id)).toMatchObject({
      conclusion: 'failure',
      annotation: expect.stringContaining('lost communication'),
    });
    expect(runnerNamed('r')).toBeUndefined();
  });

  it('fails when no runner has come within a day', async () => {
    const [id = 0] = queue(job('a', 'x'));
    harness.clock.advance(25 * HOUR_MS);
    await until(() => jobOf(id).status === 'completed');
    expect(jobOf(id).conclusion).toBe('failure');
  });

  it('that is cancelled while queued completes without ever being in progress', async () => {
    const [id = 0] = queue(job('a', 'x'));
    await harness.github.settled();
    harness.github.cancelJob(id);
    await harness.github.settled();
    expect(jobOf(id)).toMatchObject({ status: 'completed', conclusion: 'cancelled', runnerId: null });
    expect(actionsOf(id)).toEqual(['queued', 'completed']);
    const { listener } = await connected(harness, 'r', ['x']);
    expect((await listener.poll()).status).toBe(202);
  });

  it('that is cancelled before it is picked up is lost to its runner', async () => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.poll();
    harness.github.cancelJob(id);
    expect((await listener.acquire()).status).toBe(404);
    expect(jobOf(id).conclusion).toBe('cancelled');
  });

  it('that is cancelled while it runs is cancelled by its worker', async () => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    const poll = listener.poll('Busy');
    harness.github.cancelJob(id);
    const { body } = await poll;
    expect(body.messageType).toBe('JobCancellation');
    expect(JSON.parse(body.body)).toEqual({ jobId: guidOf('job', id), timeout: '00:05:00' });
    expect(jobOf(id).status).toBe('in_progress');
    await listener.complete('canceled');
    expect(jobOf(id).conclusion).toBe('cancelled');
  });

  it('that is cancelled and does not end is ended by GitHub after five minutes', async () => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    harness.github.cancelJob(id);
    harness.clock.advance(6 * MINUTE_MS);
    await until(() => jobOf(id).status === 'completed');
    expect(jobOf(id).conclusion).toBe('cancelled');
  });

  it('for a runner of GitHub’s own runs there', async () => {
    const [id = 0] = queue({ ...job('a', 'ubuntu-latest'), durationSeconds: 1 });
    await until(() => jobOf(id).status === 'completed');
    expect(jobOf(id).runnerName).toMatch(/^GitHub Actions \d+$/);
  });

  it('that waits for an approval is queued once it has it', async () => {
    const [id = 0] = queue({ ...job('deploy', 'x'), environment: 'production' } as ReturnType<typeof job>);
    await harness.github.settled();
    harness.github.approveJob(id);
    await harness.github.settled();
    expect(actionsOf(id)).toEqual(['waiting', 'queued']);
  });

  it('can be read, and its run with all its jobs', async () => {
    const [id = 0, other = 0] = queue(job('a', 'x'), job('b', 'y'));
    const octokit = harness.as();
    const { data } = await octokit.request('GET /repos/acme/shop/actions/jobs/{id}', { id });
    expect(data).toMatchObject({ id, status: 'queued', labels: ['x'], runner_id: null });
    const run = jobOf(id).runId;
    const jobs = await octokit.request('GET /repos/acme/shop/actions/runs/{run}/jobs', {
      run,
      filter: 'latest',
    });
    expect(jobs.data.jobs.map((each: { id: number }) => each.id)).toEqual([id, other]);
    const queued = await octokit.request('GET /repos/acme/shop/actions/runs', { status: 'queued' });
    const running = await octokit.request('GET /repos/acme/shop/actions/runs', { status: 'in_progress' });
    expect([queued.data.total_count, running.data.total_count]).toEqual([1, 0]);
    await expect(octokit.request('GET /repos/acme/docs/actions/jobs/{id}', { id })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('a listener', () => {
  it('starts a JIT config once and never again', async () => {
    const { encoded } = await jitConfig(harness, 'once', ['x']);
    const first = new MiniListener(encoded);
    expect((await first.connect()).status).toBe(200);
    await first.leave();
    expect((await new MiniListener(encoded).connect()).status).toBe(409);
  });

  it('gets no token with another key', async () => {
    const { encoded } = await jitConfig(harness, 'r', ['x']);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(await new MiniListener(encoded).authenticate(privateKey)).toBe(400);
  });

  it('gets nothing without a token', async () => {
    const { encoded } = await jitConfig(harness, 'r', ['x']);
    expect((await new MiniListener(encoded).call('POST', 'session', { body: {} })).status).toBe(401);
  });

  it('gets no session once its registration is gone', async () => {
    const { encoded, id } = await jitConfig(harness, 'r', ['x']);
    const listener = new MiniListener(encoded);
    await listener.authenticate();
    harness.github.removeRunner(id);
    expect((await listener.call('POST', 'session', { body: {} })).status).toBe(401);
    expect(await listener.authenticate()).toBe(400);
  });

  it('is told at once, in an open poll, that its registration is gone', async () => {
    const { id, listener } = await connected(harness, 'r', ['x']);
    const poll = listener.poll();
    await new Promise((resolve) => setTimeout(resolve, 20));
    harness.github.removeRunner(id);
    expect(await poll).toMatchObject(GONE);
  });

  it('of a deprecated version gets a session, and no message', async () => {
    const { listener } = await connected(harness, 'r', ['x']);
    harness.github.deprecateListener(true);
    const refusal = { source: 'actions-broker-listener', errorKind: 'RunnerVersionTooOld' };
    expect(await listener.poll()).toMatchObject({ status: 403, body: refusal });
  });

  it('that hangs up and is silent goes offline and is given nothing', async () => {
    await harness.close();
    harness = await startHarness({ pollMs: 60_000 });
    const { id: runnerId, listener } = await connected(harness, 'quiet', ['x']);
    const openPolls = () => harness.github.actions.runners.get(runnerId)?.polls;
    const hangUp = new AbortController();
    const poll = listener.poll('Online', hangUp.signal).catch(() => undefined);
    await until(() => openPolls() === 1);
    hangUp.abort();
    await poll;
    await until(() => openPolls() === 0);
    harness.clock.advance(2 * MINUTE_MS);
    await until(() => runnerNamed('quiet')?.status === 'offline');
    const [id = 0] = queue(job('a', 'x'));
    expect(jobOf(id).assignments).toBe(0);
  });
});
