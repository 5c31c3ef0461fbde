import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expire } from '../../local/github/expiry.ts';
import {
  connected,
  type Harness,
  HOUR_MS,
  jitConfig,
  job,
  refusal,
  startHarness,
  until,
} from './github-harness.ts';
import { unpack } from './github-listener.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const create = (path: string, body: Record<string, unknown>, installationId?: number) =>
  harness.as(installationId).request(`POST ${path}/actions/runners/generate-jitconfig`, body);

const valid = (name: string) => ({ name, runner_group_id: 1, labels: ['fargate'] });

describe('a JIT config', () => {
  it('is made at an organisation and at a repository, with labels in lower case', async () => {
    const organization = await create('/orgs/acme', {
      ...valid('at-organisation'),
      labels: ['Fargate', 'X64'],
    });
    const repository = await create('/repos/acme/shop', valid('at-repository'));
    expect([organization.status, repository.status]).toEqual([201, 201]);
    expect(organization.data.runner).toMatchObject({ status: 'offline', busy: false });
    const names = organization.data.runner.labels.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['fargate', 'x64']);
  });

  it('is a listener’s three files, as long as a real one', async () => {
    const { id, encoded } = await jitConfig(harness, 'oneshot-123456789-41234567890-0', ['fargate']);
    expect(unpack(encoded, '.runner')).toMatchObject({
      agentId: id,
      agentName: 'oneshot-123456789-41234567890-0',
      gitHubUrl: 'https://github.com/acme',
      DisableUpdate: 'True',
      Ephemeral: 'True',
      useV2Flow: true,
    });
    expect(unpack(encoded, '.credentials')['scheme']).toBe('OAuth');
    expect(encoded.length).toBeGreaterThanOrEqual(4_100);
    expect(encoded.length).toBeLessThanOrEqual(4_450);
  });

  it('is refused when the name is taken, in any case', async () => {
    await create('/orgs/acme', valid('taken'));
    expect(await refusal(create('/orgs/acme', valid('TAKEN')))).toMatchObject({
      status: 409,
      message: 'Already exists - A runner with the name TAKEN already exists.',
    });
  });

  it('may have a name that is taken in another scope', async () => {
    await create('/orgs/acme', valid('elsewhere'));
    expect((await create('/repos/acme/shop', valid('elsewhere'))).status).toBe(201);
  });

  it.each([
    ['no name', { runner_group_id: 1, labels: ['x'] }],
    ['an empty name', { ...valid(''), name: '' }],
    ['a name of 65 characters', valid('n'.repeat(65))],
    ['no runner group', { name: 'r', labels: ['x'] }],
    ['a runner group that is no number', { name: 'r', runner_group_id: '1', labels: ['x'] }],
    ['no labels', { name: 'r', runner_group_id: 1 }],
    ['an empty list of labels', { name: 'r', runner_group_id: 1, labels: [] }],
    ['101 labels', { name: 'r', runner_group_id: 1, labels: Array.from({ length: 101 }, (_, i) => `l${i}`) }],
    ['an empty label', { name: 'r', runner_group_id: 1, labels: [' '] }],
  ])('is refused with %s', async (_what, body) => {
    expect(await refusal(create('/orgs/acme', body))).toMatchObject({ status: 422 });
  });

  it('may have a name of 64 characters and 100 labels', async () => {
    const labels = Array.from({ length: 100 }, (_, i) => `l${i}`);
    const answer = await create('/orgs/acme', { name: 'n'.repeat(64), runner_group_id: 1, labels });
    expect(answer.status).toBe(201);
  });

  it('is refused for a runner group that is not there, or not open to a repository', async () => {
    const unknown = create('/orgs/acme', { ...valid('g'), runner_group_id: 99 });
    const closed = create('/repos/acme/shop', { ...valid('g'), runner_group_id: 7 });
    expect(await refusal(unknown)).toMatchObject({ status: 404 });
    expect(await refusal(closed)).toMatchObject({ status: 403 });
  });

  it('is not to be had at the organisation level for a user', async () => {
    expect(await refusal(create('/orgs/mona', valid('r'), 502))).toMatchObject({ status: 404 });
    expect((await create('/repos/mona/blog', valid('r'), 502)).status).toBe(201);
  });

  it('is refused for JSON that is none', async () => {
    const { token } = (await harness.as().auth({ type: 'installation' })) as { token: string };
    const response = await fetch(`${harness.github.url}/orgs/acme/actions/runners/generate-jitconfig`, {
      method: 'POST',
      headers: { authorization: `token ${token}` },
      body: '{"name":',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: 'Problems parsing JSON' });
  });
});

describe('the list of runners', () => {
  it('comes in pages with the total, and by name', async () => {
    const octokit = harness.as(503);
    expect((await octokit.request('GET /repos/readers/books/actions/runners')).data.total_count).toBe(0);
    for (const name of ['p1', 'p2', 'p3']) await create('/repos/acme/docs', valid(name));
    const page = await harness.as().request('GET /repos/acme/docs/actions/runners', { per_page: 2, page: 2 });
    expect(page.data.total_count).toBe(3);
    expect(page.data.runners.map(({ name }: { name: string }) => name)).toEqual(['p3']);
    const named = await harness.as().request('GET /repos/acme/docs/actions/runners', { name: 'p2' });
    expect(named.data.runners).toHaveLength(1);
  });

  it('of a repository does not hold the runners of the organisation', async () => {
    const { id } = await jitConfig(harness, 'organisation-only', ['x']);
    const call = harness.as().request('GET /repos/acme/shop/actions/runners/{runner_id}', { runner_id: id });
    expect(await refusal(call)).toMatchObject({ status: 404 });
  });
});

describe('a runner', () => {
  const get = (id: number) => harness.as().request('GET /orgs/acme/actions/runners/{id}', { id });
  const remove = (id: number) => harness.as().request('DELETE /orgs/acme/actions/runners/{id}', { id });

  it('that is idle can be deleted, once', async () => {
    const { id } = await jitConfig(harness, 'to-delete', ['x']);
    expect((await remove(id)).status).toBe(204);
    expect(await refusal(remove(id))).toMatchObject({ status: 404 });
    expect(await refusal(get(id))).toMatchObject({ status: 404 });
  });

  it('that runs a job cannot be deleted', async () => {
    const { id, listener } = await connected(harness, 'busy', ['busy-only']);
    expect((await get(id)).data).toMatchObject({ status: 'online', busy: false });
    harness.github.queueRun({ repository: 'acme/shop', jobs: [job('a', 'busy-only')] });
    await listener.take();
    expect((await get(id)).data).toMatchObject({ status: 'online', busy: true });
    const refused = await refusal(remove(id));
    expect(refused.status).toBe(422);
    expect(refused.message).toContain('is currently running a job and cannot be deleted');
  });

  it('that GitHub lies about is deleted with its job running, and the job dies', async () => {
    const { id, listener } = await connected(harness, 'lied-about', ['lie-only']);
    const [jobId = 0] = harness.github.queueRun({ repository: 'acme/shop', jobs: [job('a', 'lie-only')] });
    await listener.take();
    harness.faults.next('lying-busy');
    const { data } = await harness.as().request('GET /orgs/acme/actions/runners', { name: 'lied-about' });
    expect(data.runners[0]?.busy).toBe(false);
    expect((await remove(id)).status).toBe(204);
    expect((await listener.renew()).status).toBe(404);
    const dead = harness.github.jobs().find((each) => each.id === jobId);
    expect(dead).toMatchObject({ status: 'completed', conclusion: 'failure' });
  });

  it('that never connects is removed after a day', async () => {
    const { id } = await jitConfig(harness, 'never-connected', ['x']);
    const lives = () => harness.github.runners().some((runner) => runner.id === id);
    harness.clock.advance(23 * HOUR_MS);
    expire(harness.github.actions, { leastMs: 0 });
    expect(lives()).toBe(true);
    harness.clock.advance(2 * HOUR_MS);
    await until(() => !lives());
  });
});

describe('the version of the listener', () => {
  const ask = () => harness.as().request('GET /orgs/acme/actions/runners/deprecations/2.336.0');

  it('has a date of deprecation once GitHub refuses it', async () => {
    expect((await ask()).data).toEqual({ version: '2.336.0', runtime_deprecates_at: null });
    harness.github.deprecateListener(true);
    expect((await ask()).data.runtime_deprecates_at).toBe(harness.clock.nowIso());
    harness.github.deprecateListener(false);
  });
});

describe('the embedded GitHub', () => {
  it('answers 500 and says why when its own answer is none of GitHub’s', async () => {
    const wrong = { id: 31, name: 'shop', private: 'yes' as unknown as boolean };
    const owner = { login: 'acme', id: 9001, type: 'Organization' as const };
    const broken = await startHarness({ installations: [{ id: 501, owner, repositories: [wrong] }] });
    const refused = await refusal(broken.as().request('GET /installation/repositories'));
    await broken.close();
    expect(refused.status).toBe(500);
    expect(refused.message).toContain('body/repositories/0/private must be boolean');
  });
});
