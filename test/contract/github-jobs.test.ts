import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ActionsWorld } from '../../local/github/actions-world.ts';
import { createIdentifiers } from '../../local/github/identifiers.ts';
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
    expect(body).toMatchObject({ messageType: 'RunnerJobRequest', body: { jobId: id, jobName: 'build' } });
    expect(jobOf(id).status).toBe('queued');
    await listener.post('acknowledge', id);
    // A hundred times as fast: a minute of the world lasts 0.6 s.
    expect((await listener.post('acquirejob', id)).body).toEqual({
      durationSeconds: 0.6,
      result: 'Succeeded',
    });
    expect(jobOf(id)).toMatchObject({
      status: 'in_progress',
      runnerName: 'r1',
      runnerId,
      runnerGroupName: 'Default',
    });
    await harness.github.settled();
    expect((await listener.post('renewjob', id)).status).toBe(200);
    expect((await listener.post('completejob', id, { result: 'Succeeded' })).status).toBe(200);
    expect(jobOf(id)).toMatchObject({ status: 'completed', conclusion: 'success', assignments: 1 });
    await harness.github.settled();
    expect(actionsOf(id)).toEqual(['queued', 'in_progress', 'completed']);
    expect(runnerNamed('r1')).toBeUndefined();
    expect(await listener.poll()).toMatchObject(GONE);
  });

  it.each([
    ['Failed', 'failure'],
    ['Canceled', 'cancelled'],
    ['Abandoned', 'failure'],
  ])('that its worker ends as %s is a %s', async (result, conclusion) => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    await listener.post('completejob', id, { result });
    expect(jobOf(id).conclusion).toBe(conclusion);
  });

  it('is given only to a runner that has all its labels, in any case', async () => {
    const [id = 0] = queue(job('a', 'Fargate', 'GPU'));
    const lacking = await connected(harness, 'lacking', ['fargate']);
    expect((await lacking.listener.poll()).status).toBe(202);
    const fitting = await connected(harness, 'fitting', ['gpu', 'FARGATE', 'linux']);
    expect((await fitting.listener.poll()).body.body.jobId).toBe(id);
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
    expect((await listener.poll()).body.body.jobId).toBe(id);
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
    expect((await listener.post('acquirejob', id)).status).toBe(404);
    expect((await listener.poll()).status).toBe(202);
    const second = await connected(harness, 'second', ['x']);
    expect(await second.listener.take()).toBe(id);
    expect(jobOf(id)).toMatchObject({ status: 'in_progress', assignments: 2 });
  });

  it('fails after ten minutes of silence of its runner', async () => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    harness.clock.advance(9 * MINUTE_MS);
    await listener.post('renewjob', id);
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
    expect((await listener.post('acquirejob', id)).status).toBe(404);
    expect(jobOf(id).conclusion).toBe('cancelled');
  });

  it('that is cancelled while it runs is cancelled by its worker', async () => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    const poll = listener.poll();
    harness.github.cancelJob(id);
    expect((await poll).body).toEqual({ messageType: 'JobCancellation', body: { jobId: id } });
    expect(jobOf(id).status).toBe('in_progress');
    await listener.post('completejob', id, { result: 'Canceled' });
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
    expect((await new MiniListener(encoded).call('POST', 'session', {})).status).toBe(401);
  });

  it('gets no session once its registration is gone', async () => {
    const { encoded, id } = await jitConfig(harness, 'r', ['x']);
    const listener = new MiniListener(encoded);
    await listener.authenticate();
    harness.github.removeRunner(id);
    expect((await listener.call('POST', 'session', {})).status).toBe(404);
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
    const poll = listener.poll(hangUp.signal).catch(() => undefined);
    await until(() => openPolls() === 1);
    hangUp.abort();
    await poll;
    await until(() => openPolls() === 0);
    harness.clock.advance(2 * MINUTE_MS);
    await until(() => runnerNamed('quiet')?.status === 'offline');
    const [id = 0] = queue(job('a', 'x'));
    expect(jobOf(id).assignments).toBe(0);
  });

  it('cannot take a job that it was not given', async () => {
    const [id = 0] = queue(job('a', 'x'), job('b', 'y'));
    const { listener } = await connected(harness, 'r', ['y']);
    expect((await listener.poll()).status).toBe(200);
    expect((await listener.post('acquirejob', id)).status).toBe(404);
    expect((await listener.post('completejob', id, { result: 'Succeeded' })).status).toBe(404);
    expect(jobOf(id).status).toBe('queued');
  });

  it('cannot take the same job twice', async () => {
    const [id = 0] = queue(job('a', 'x'));
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    expect((await listener.post('acquirejob', id)).status).toBe(409);
  });
});
