import { describe, expect, it, onTestFinished } from 'vitest';
import type { InstallationFact } from '../../cli/doctor/links/installation.ts';
import { readRenamed } from '../../cli/doctor/links/renamed.ts';
import { createGitHubApp } from '../../functions/github/app.ts';
import { APP_ID, appKey, startHarness } from '../contract/github-harness.ts';
import { POLICY } from '../fixtures/policy.ts';

const SHOP = { id: 31, name: 'storefront', private: true, formerNames: ['acme/shop'] };
const BLOG = { id: 41, name: 'blog', private: true, formerNames: ['acme/blog'] };

/** The App is installed on acme, and not on mona, to whom a repository went. */
async function look(repositories: readonly string[], publicRepositories: readonly string[] = []) {
  const harness = await startHarness({
    installations: [
      { id: 501, owner: { login: 'acme', id: 9001, type: 'Organization' }, repositories: [SHOP] },
      { id: 502, owner: { login: 'mona', id: 9002, type: 'User' }, repositories: [BLOG] },
    ],
  });
  onTestFinished(() => harness.close());
  const app = createGitHubApp({
    ...{ appId: String(APP_ID), privateKey: appKey.privateKeyPem, apiUrl: harness.github.url },
  });
  const acme = { id: 1, account: 'acme', isOrganization: true, isSuspended: false, permissions: {} };
  const installations: InstallationFact[] = [
    { ...acme, repositories: [{ id: SHOP.id, fullName: 'acme/storefront', isPublic: false }] },
  ];
  const renamed = await readRenamed(
    app,
    { ...POLICY, allow: { repositories, publicRepositories } },
    installations,
  );
  return { renamed, asked: harness.ledger.counts()['github']?.['apps/get-repo-installation'] ?? 0 };
}

describe('names in runners.yml that repositories do not have any more', () => {
  it('should be found with the new name, also where only publicRepositories has the old one', async () => {
    const SHOP_NOW = { name: 'acme/shop', newName: 'acme/storefront' };
    expect((await look(['acme/shop'])).renamed).toEqual([SHOP_NOW]);
    expect((await look(['acme/*'], ['acme/shop'])).renamed).toEqual([SHOP_NOW]);
  });

  it('should be found without one where the App is not installed on the new owner', async () => {
    expect((await look(['acme/blog'])).renamed).toEqual([{ name: 'acme/blog', newName: undefined }]);
  });

  it('should not be looked for where the App sees the name, nor be confused with what is gone', async () => {
    expect(await look(['acme/storefront', 'acme/*'])).toEqual({ renamed: [], asked: 0 });
    expect(await look(['acme/never-was'])).toEqual({ renamed: [], asked: 1 });
  });
});
