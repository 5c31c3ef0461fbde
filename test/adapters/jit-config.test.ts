import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGitHubApp, type GitHubApp } from '../../functions/github/app.ts';
import { createJitConfig } from '../../functions/github/jit-config.ts';
import { groupNamed, listRunnerGroups } from '../../functions/github/runner-groups.ts';
import { APP_ID, appKey, type Harness, startHarness } from '../contract/github-harness.ts';
import { type Asked, type FakeGitHub, pageOf, startFakeGitHub } from './fake-github.ts';

const ACCOUNT = { owner: 'acme', ownerType: 'Organization', installationId: undefined } as const;
const SIGNAL = new AbortController().signal;
let count = 0;
const launchIn = (app: GitHubApp, runnerGroup: number | string) =>
  createJitConfig(
    app,
    {
      ...{ account: { ...ACCOUNT, installationId: 501 }, scope: 'orgs/acme', labels: ['fargate'] },
      ...{ runnerName: `runner-${++count}`, runnerGroup },
    },
    SIGNAL,
  );

describe('a runner group by name, at the embedded GitHub', () => {
  let harness: Harness;
  let app: GitHubApp;
  const callsOf = (operation: string) => harness.ledger.counts()['github']?.[`actions/${operation}`] ?? 0;
  beforeAll(async () => {
    harness = await startHarness();
    const credentials = { appId: String(APP_ID), privateKey: appKey.privateKeyPem };
    app = createGitHubApp({ ...credentials, apiUrl: harness.github.url });
  });
  afterAll(() => harness.close());

  it('should cost one call in a process, in any case of letters', async () => {
    const both = await Promise.all([launchIn(app, 'Docs Only'), launchIn(app, 'docs only')]);
    expect(both).toMatchObject([{ kind: 'created' }, { kind: 'created' }]);
    expect(await launchIn(app, 'docs only')).toMatchObject({ kind: 'created' });
    expect(harness.github.runners().map(({ groupId }) => groupId)).toEqual([7, 7, 7]);
    expect(callsOf('list-self-hosted-runner-groups-for-org')).toBe(1);
  });

  it('should be found again where it was deleted and made again', async () => {
    const { accounts } = harness.github;
    accounts.change('acme', { runnerGroups: [{ id: 9, name: 'docs only' }] });
    expect(await launchIn(app, 'docs only')).toMatchObject({ kind: 'created' });
    expect(harness.github.runners().at(-1)).toMatchObject({ groupId: 9 });
    expect(callsOf('list-self-hosted-runner-groups-for-org')).toBe(2);
  });

  it('should be refused for good where there is none of that name, and be asked for again', async () => {
    const nowhere = {
      ...{ kind: 'refused', refusal: 'not-found', fault: 'runner-group' },
      detail: 'the organization acme has no runner group named payments',
    };
    expect(await launchIn(app, 'payments')).toEqual(nowhere);
    harness.github.accounts.change('acme', { runnerGroups: [{ id: 10, name: 'payments' }] });
    expect(await launchIn(app, 'payments')).toMatchObject({ kind: 'created' });
    harness.github.accounts.change('acme', { runnerGroups: [{ id: 1, name: 'Default' }] });
    expect(await launchIn(app, 'payments')).toEqual(nowhere);
  });

  it('should be unknown where the list was not answered', async () => {
    harness.faults.setRate('github-5xx', 1);
    expect(await launchIn(app, 'Default')).toMatchObject({ kind: 'unknown' });
    harness.faults.setRate('github-5xx', 0);
    expect(await launchIn(app, 'Default')).toMatchObject({ kind: 'created' });
  });
});

describe('a runner group by name', () => {
  let github: FakeGitHub;
  beforeEach(async () => {
    github = await startFakeGitHub();
  });
  afterEach(() => github.close());
  const groups = Array.from({ length: 150 }, (_, index) => ({ id: index + 1, name: `group-${index + 1}` }));
  const refuse = (status: number) => {
    github.answer = ({ path, query }: Asked) =>
      path.endsWith('/runner-groups')
        ? { body: { runner_groups: pageOf([...groups, { id: 'x' }, null], query) } }
        : { status, body: { message: 'no' } };
  };

  it('should be read page by page, whatever one record is', async () => {
    refuse(500);
    const all = await listRunnerGroups(github.app, { ...ACCOUNT, installationId: 501 });
    expect(all).toHaveLength(150);
    expect(groupNamed(all, 'GROUP-149')).toMatchObject({ id: 149 });
  });

  it('should end with its pages', async () => {
    const full = Array.from({ length: 100 }, (_, index) => ({ id: index + 1, name: 'g' }));
    github.answer = () => ({ body: { runner_groups: full } });
    await listRunnerGroups(github.app, { ...ACCOUNT, installationId: 501 });
    expect(github.asked).toHaveLength(20);
  });

  it('should be the organisation’s own before one that it inherits', () => {
    const inherited = { id: 1, name: 'ci', isInherited: true };
    const own = { id: 2, name: 'CI', isInherited: false };
    expect(groupNamed([inherited, own], 'ci')).toBe(own);
    expect(groupNamed([inherited], 'ci')).toBe(inherited);
  });

  it.each([404, 422])(
    'should be asked for once more where GitHub answers %i, and used once more only if it has changed',
    async (status) => {
      refuse(status);
      expect(await launchIn(github.app, 'group-3')).toMatchObject({ kind: 'refused' });
      const first = github.asked.length;
      expect(await launchIn(github.app, 'group-3')).toMatchObject({ kind: 'refused' });
      const paths = github.asked.slice(first).map(({ path }) => path.split('/').at(-1));
      expect(paths).toEqual(['generate-jitconfig', 'runner-groups', 'runner-groups']);
    },
  );
});
