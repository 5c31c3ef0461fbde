import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connected, type Harness, jitConfig, job, refusal, startHarness } from './github-harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const queue = (repository = 'acme/shop') => {
  const [id = 0] = harness.github.queueRun({ repository, jobs: [job('build', 'x')] });
  return { id, runId: harness.github.jobs().find((each) => each.id === id)?.runId ?? 0 };
};
const runsOf = (repository: string, octokit = harness.as()) =>
  octokit.request(`GET /repos/${repository}/actions/runs`, { per_page: 5 });
const repositories = async (octokit = harness.as()) =>
  (await octokit.request('GET /installation/repositories')).data.repositories;
/** Calls with one token, by hand: the real client tries again for six seconds when a young token is refused. */
async function caller(installationId?: number) {
  const { token } = (await harness.as(installationId).auth({ type: 'installation' })) as { token: string };
  return async () => {
    const headers = { authorization: `token ${token}` };
    const answer = await fetch(`${harness.github.url}/installation/repositories`, { headers });
    const { message, total_count } = (await answer.json()) as { message?: string; total_count?: number };
    return { status: answer.status, said: message ?? total_count };
  };
}
const REFUSED = { status: 401, said: 'Bad credentials' };
/** The payloads that have come since, once all are there. */
async function told() {
  await harness.github.settled();
  return harness.receiver.received.splice(0).map(({ body }) => JSON.parse(body));
}

describe('a repository that is deleted', () => {
  it('should be gone with its runs and jobs, for tokens that were minted before too', async () => {
    const octokit = harness.as();
    const { id, runId } = queue();
    await runsOf('acme/shop', octokit);
    harness.github.accounts.delete('acme/shop');
    for (const path of [
      'actions/runs',
      `actions/runs/${runId}/jobs`,
      `actions/jobs/${id}`,
      'actions/runners',
    ])
      expect(await refusal(octokit.request(`GET /repos/acme/shop/${path}`)), path).toMatchObject({
        status: 404,
      });
    expect(await refusal(harness.app.request('GET /repos/acme/shop/installation'))).toMatchObject({
      status: 404,
    });
    expect((await repositories(octokit)).map(({ name }) => name)).toEqual(['docs']);
  });

  it('should be silent, and give its jobs to nobody', async () => {
    const { id } = queue();
    await told();
    harness.github.accounts.delete('acme/shop');
    expect(await told()).toEqual([]);
    const { listener } = await connected(harness, 'r', ['x']);
    expect((await listener.poll()).status).toBe(202);
    expect(harness.github.jobs().find((each) => each.id === id)?.conclusion).toBe('cancelled');
  });

  it('should have its running job cancelled, and tell nobody of its end', async () => {
    queue();
    const { listener } = await connected(harness, 'r', ['x']);
    await listener.take();
    await told();
    harness.github.accounts.delete('acme/shop');
    expect((await listener.poll('Busy')).body).toMatchObject({ messageType: 'JobCancellation' });
    expect((await listener.complete('canceled')).status).toBe(200);
    expect(await told()).toEqual([]);
  });
});

describe('a repository that is archived', () => {
  it('should be listed as such, be read, run nothing and refuse every change', async () => {
    queue();
    harness.github.accounts.archive('acme/shop');
    expect((await repositories()).map(({ archived }) => archived)).toEqual([true, false]);
    expect((await runsOf('acme/shop')).data.total_count).toBe(1);
    expect(() => queue()).toThrow('acme/shop is archived');
    const body = { name: 'r', runner_group_id: 1, labels: ['x'] };
    const change = harness.as().request('POST /repos/acme/shop/actions/runners/generate-jitconfig', body);
    expect(await refusal(change)).toMatchObject({
      status: 403,
      message: 'Repository was archived so is read-only.',
    });
    harness.github.accounts.archive('acme/shop', false);
    expect(() => queue()).not.toThrow();
  });
});

describe('a repository that is renamed', () => {
  beforeEach(() => {
    queue();
    harness.github.accounts.rename('acme/shop', 'store');
  });

  it('should be found by the client under its old name, on the way by its id', async () => {
    const { data, url } = await runsOf('acme/shop');
    expect(url).toBe(`${harness.github.url}/repositories/31/actions/runs?per_page=5`);
    expect(data.workflow_runs[0].repository.full_name).toBe('acme/store');
    expect((await repositories())[0]).toMatchObject({ id: 31, full_name: 'acme/store' });
  });

  it.each([
    ['GET', 'actions/runs', 301, 'Moved Permanently'],
    ['POST', 'actions/runners/generate-jitconfig', 307, 'Temporary Redirect'],
  ])('should be redirected to, when asked by %s', async (method, path, status, message) => {
    const { token } = (await harness.as().auth({ type: 'installation' })) as { token: string };
    const answer = await fetch(`${harness.github.url}/repos/acme/shop/${path}`, {
      ...{ method, redirect: 'manual', headers: { authorization: `token ${token}` } },
    });
    const location = `${harness.github.url}/repositories/31/${path}`;
    expect([answer.status, answer.headers.get('location')]).toEqual([status, location]);
    expect(await answer.json()).toMatchObject({ message, url: location });
  });

  it.each(['/repos/acme/shop', '/repos/acme/store', '/repositories/31', '/repositories/999'])(
    'should be 404 at %s to whom it does not concern, and lead nowhere',
    async (path) => {
      const { token } = (await harness.as(502).auth({ type: 'installation' })) as { token: string };
      const answer = await fetch(`${harness.github.url}${path}/actions/runs`, {
        ...{ redirect: 'manual', headers: { authorization: `token ${token}` } },
      });
      expect(answer.status).toBe(404);
    },
  );

  it('should be told of by its new name', async () => {
    await told();
    harness.github.cancelJob(harness.github.jobs()[0]?.id ?? 0);
    expect(await told()).toMatchObject([
      { action: 'completed', repository: { full_name: 'acme/store', id: 31 } },
    ]);
  });

  it('should lose its old name to a new repository', async () => {
    harness.github.accounts.putIn('acme', { id: 33, name: 'shop', private: true });
    expect((await runsOf('acme/shop')).data.total_count).toBe(0);
  });
});

describe('a repository that is transferred', () => {
  it('should be the other installation’s, with its runs, and redirect only that one', async () => {
    const { id } = queue();
    await told();
    harness.github.accounts.transfer('acme/shop', 'mona');
    const { url } = await runsOf('acme/shop', harness.as(502));
    expect(url).toContain('/repositories/31/');
    expect(await refusal(runsOf('acme/shop'))).toMatchObject({ status: 404 });
    harness.github.cancelJob(id);
    expect(await told()).toMatchObject([
      { repository: { full_name: 'mona/shop', owner: { login: 'mona' } }, installation: { id: 502 } },
    ]);
  });

  it('should be out of sight where the App is not installed', async () => {
    queue();
    await told();
    harness.github.accounts.transfer('acme/shop', 'elsewhere');
    expect(await refusal(runsOf('acme/shop'))).toMatchObject({ status: 404 });
    harness.github.cancelJob(harness.github.jobs()[0]?.id ?? 0);
    expect(await told()).toEqual([]);
  });
});

describe('a repository that is taken out of the installation', () => {
  it('should be 404, and tell the App nothing, until it is put in again', async () => {
    const { id } = queue();
    await told();
    const { repository } = harness.github.accounts.get('acme/shop');
    harness.github.accounts.takeOut('acme/shop');
    expect(await refusal(runsOf('acme/shop'))).toMatchObject({ status: 404 });
    harness.github.accounts.putIn('acme', repository);
    expect((await runsOf('acme/shop')).data.workflow_runs).toHaveLength(1);
    harness.github.cancelJob(id);
    expect(await told()).toHaveLength(1);
  });
});

describe('an installation', () => {
  it('that is suspended should refuse old tokens and new, and hear nothing', async () => {
    const octokit = harness.as();
    await runsOf('acme/shop', octokit);
    harness.github.accounts.suspend('acme');
    const message = 'This installation has been suspended';
    expect(await refusal(runsOf('acme/shop', octokit))).toMatchObject({ status: 403, message });
    expect(await refusal(runsOf('acme/shop', harness.as()))).toMatchObject({ status: 403, message });
    queue();
    expect(await told()).toEqual([]);
    const { data } = await harness.app.request('GET /app/installations/501');
    expect(data.suspended_at).not.toBeNull();
    harness.github.accounts.suspend('acme', false);
    expect((await runsOf('acme/shop', octokit)).status).toBe(200);
  });

  it('that is made again should have a new id, under which all is as it was, and the old one be nothing', async () => {
    const ask = await caller();
    const { id } = queue();
    const { id: runnerId } = await jitConfig(harness, 'before', ['y']);
    await told();
    harness.github.accounts.uninstall('acme');
    expect(await refusal(harness.app.request('GET /orgs/acme/installation'))).toMatchObject({ status: 404 });
    expect(await ask()).toEqual(REFUSED);

    const newId = harness.github.accounts.install('acme');
    expect((await harness.app.request('GET /orgs/acme/installation')).data.id).toBe(newId);
    const mint = (installation_id: number) =>
      harness.app.request('POST /app/installations/{installation_id}/access_tokens', { installation_id });
    expect(await refusal(mint(501))).toMatchObject({ status: 404 });
    expect((await runsOf('acme/shop', harness.as(newId))).data.total_count).toBe(1);
    const runner = harness.as(newId).request('GET /orgs/acme/actions/runners/{id}', { id: runnerId });
    expect((await runner).data.name).toBe('before');
    harness.github.cancelJob(id);
    expect(await told()).toMatchObject([{ installation: { id: newId } }]);
  });

  it('that is made again twice should be as it was left the last time, and be made once at an owner', () => {
    const { accounts } = harness.github;
    for (const name of ['store', 'market']) {
      accounts.uninstall('acme');
      accounts.install('acme');
      const [first] = accounts.get('acme/docs').installation.repositories;
      accounts.rename(`acme/${first?.name}`, name);
    }
    expect(accounts.formerly('acme/store')?.repository).toMatchObject({ id: 31, name: 'market' });
    expect(() => accounts.install('acme')).toThrow('The App is installed at acme already');
    expect(() => accounts.install('nobody')).toThrow('never uninstalled at nobody');
  });

  it('can have the runner group of a runner closed to a repository: its jobs are given to nobody', async () => {
    harness.github.accounts.change('acme', {
      runnerGroups: [{ id: 1, name: 'Default', repositories: ['docs'] }],
    });
    const { listener } = await connected(harness, 'r', ['x']);
    queue();
    expect((await listener.poll()).status).toBe(202);
    harness.github.accounts.change('acme', { runnerGroups: [{ id: 1, name: 'Default' }] });
    expect((await listener.poll()).status).toBe(200);
  });
});

describe('a token', () => {
  it('can be revoked before its hour, with all of its installation', async () => {
    const [ask, askAnother] = [await caller(), await caller(502)];
    harness.github.revokeTokens('acme');
    expect(await ask()).toEqual(REFUSED);
    expect(await askAnother()).toEqual({ status: 200, said: 1 });
    expect(await (await caller())()).toEqual({ status: 200, said: 2 });
  });

  it('is revoked by a fault at a call, and dead from then on', async () => {
    const [ask, askAgain] = [await caller(), await caller()];
    harness.faults.next('github-token-revoked');
    expect([await ask(), await ask()]).toEqual([REFUSED, REFUSED]);
    expect(await askAgain()).toMatchObject({ status: 200 });
    expect(harness.faults.struck.get('github-token-revoked')).toBe(1);
  });
});
