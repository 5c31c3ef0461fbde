import { isAllowed, scopeOf } from '../core/allow.ts';
import type { Policy } from '../core/policy.ts';
import type { Account, RegistrationScope } from '../core/ports.ts';
import type { GitHubApp } from './app.ts';
import { named } from './errors.ts';
import { pages } from './pages.ts';

interface Installation {
  readonly id: number;
  readonly account: { readonly login: string; readonly type: string } | null;
  readonly suspended_at: string | null;
}

interface Repository {
  readonly name: string;
}

/** Where registrations of ours may be: each allowed organisation, or each allowed repository. Throws ServiceError. */
export async function listScopes(app: GitHubApp, policy: Policy): Promise<readonly RegistrationScope[]> {
  const installations = await named('list installations', () =>
    pages<Installation>(app.asApp, 'GET /app/installations', undefined),
  );
  const active = installations.filter(
    ({ account, suspended_at }) => account !== null && suspended_at === null,
  );
  const scopes = await Promise.all(active.map((installation) => scopesOf(app, installation, policy)));
  return scopes.flat();
}

async function scopesOf(
  app: GitHubApp,
  { id, account: owner }: Installation,
  policy: Policy,
): Promise<RegistrationScope[]> {
  if (owner === null) return [];
  const ownerType = owner.type === 'Organization' ? 'Organization' : 'User';
  const account: Account = { owner: owner.login, ownerType, installationId: id };
  if (!policy.allow.repositories.some((pattern) => pattern.startsWith(`${owner.login.toLowerCase()}/`)))
    return [];
  if (policy.scope === 'organization' && ownerType === 'Organization')
    return [{ account, scope: `orgs/${owner.login}` }];
  const repositories = await named('list repositories', () =>
    app.asInstallation(account, (octokit) =>
      pages<Repository>(octokit, 'GET /installation/repositories', 'repositories'),
    ),
  );
  return repositories
    .map(({ name }) => ({ owner: owner.login, name, ownerType }) as const)
    .filter((repository) => isAllowed(repository, policy))
    .map((repository) => ({ account, scope: scopeOf(repository, policy) }));
}
