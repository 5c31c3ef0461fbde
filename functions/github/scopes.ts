import { isAllowed, scopeOf } from '../core/allow.ts';
import type { DoubtedRepository } from '../core/doubt.ts';
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
  readonly id: number;
  readonly name: string;
  readonly private: boolean;
}

/** Where registrations of ours may be: each allowed organisation, or each allowed repository. Throws ServiceError. */
export async function listScopes(app: GitHubApp, policy: Policy): Promise<readonly RegistrationScope[]> {
  const installations = await listInstallations(app, policy);
  const scopes = await Promise.all(
    installations.map(async (account): Promise<RegistrationScope[]> => {
      if (policy.scope === 'organization' && account.ownerType === 'Organization')
        return [{ account, scope: `orgs/${account.owner}` }];
      const repositories = await listAllowed(app, account, policy);
      return repositories.map((repository) => ({ account, scope: scopeOf(repository, policy) }));
    }),
  );
  return scopes.flat();
}

/** Every repository that the App is installed on and the policy allows. Throws ServiceError. */
export async function listRepositories(
  app: GitHubApp,
  policy: Policy,
): Promise<readonly DoubtedRepository[]> {
  const installations = await listInstallations(app, policy);
  const repositories = await Promise.all(installations.map((account) => listAllowed(app, account, policy)));
  return repositories.flat();
}

/** Installations that are not suspended, of owners that the policy names. */
async function listInstallations(app: GitHubApp, { allow }: Policy): Promise<Account[]> {
  const installations = await named('list installations', () =>
    pages<Installation>(app.asApp, 'GET /app/installations', undefined),
  );
  return installations.flatMap(({ id, account, suspended_at }) => {
    const isNamed = allow.repositories.some((pattern) =>
      pattern.startsWith(`${account?.login.toLowerCase()}/`),
    );
    if (account === null || suspended_at !== null || !isNamed) return [];
    const ownerType = account.type === 'Organization' ? 'Organization' : 'User';
    return [{ owner: account.login, ownerType, installationId: id }];
  });
}

async function listAllowed(app: GitHubApp, account: Account, policy: Policy): Promise<DoubtedRepository[]> {
  const repositories = await named('list repositories', () =>
    app.asInstallation(account, (octokit) =>
      pages<Repository>(octokit, 'GET /installation/repositories', 'repositories'),
    ),
  );
  return repositories
    .map(({ id, name, private: isPrivate }) => ({ id, name, ...account, isPublic: !isPrivate }))
    .filter((repository) => isAllowed(repository, policy));
}
