import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitHubApp, type GitHubApp } from '../../functions/github/app.ts';
import { readVersionEnd } from '../../functions/github/runner-version.ts';
import { listRepositories, listScopes } from '../../functions/github/scopes.ts';
import { APP_ID, appKey, type Harness, startHarness } from '../contract/github-harness.ts';
import { POLICY } from '../fixtures/policy.ts';

/** An App that three owners have installed: `acme`, which the policy names, and two others. */
let harness: Harness;
let app: GitHubApp;
beforeAll(async () => {
  harness = await startHarness();
  const credentials = { appId: String(APP_ID), privateKey: appKey.privateKeyPem };
  app = createGitHubApp({ ...credentials, apiUrl: harness.github.url });
});
afterAll(() => harness.close());

describe('what the sweep looks at', () => {
  it('should be nothing of an owner whom the policy does not name, whoever has installed the App', async () => {
    const scopes = await listScopes(app, POLICY);
    expect(scopes.items.map(({ scope }) => scope)).toEqual(['orgs/acme']);
    const repositories = await listRepositories(app, POLICY);
    expect(repositories.items.map(({ owner, name }) => `${owner}/${name}`)).toEqual([
      'acme/shop',
      'acme/docs',
    ]);
    const nobody = { ...POLICY, allow: { repositories: [], publicRepositories: [] } };
    const nothing = { items: [], errors: [], malformedRecords: 0 };
    expect([await listScopes(app, nobody), await listRepositories(app, nobody)]).toEqual([nothing, nothing]);
  });
});

describe('how long GitHub takes a runner', () => {
  const scope = {
    account: { owner: 'acme', ownerType: 'Organization', installationId: undefined },
    scope: 'orgs/acme',
  } as const;

  it('should not be known while no end is planned, and be the time that is planned', async () => {
    expect(await readVersionEnd(app, scope, '2.336.0')).toBeUndefined();
    harness.github.deprecateListener(true);
    expect(await readVersionEnd(app, scope, '2.336.0')).toBeCloseTo(Date.now(), -5);
  });

  it('should not be known of a server that does not tell', async () => {
    const other = { ...scope, scope: 'orgs/nobody' } as const;
    expect(await readVersionEnd(app, other, '2.336.0')).toBeUndefined();
  });

  it('should name the call that failed', async () => {
    harness.faults.next('github-5xx', 9);
    await expect(readVersionEnd(app, scope, '2.336.0')).rejects.toThrow(/runner version/);
  });
});
