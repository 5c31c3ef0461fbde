import { isAllowed, isAllowedOwner } from '../core/job/allow.ts';
import { isName } from '../core/job/names.ts';
import type { Policy } from '../core/job/policy.ts';
import { type Account, type Repository, scopeOf } from '../core/job/repository.ts';
import { policiesOf, policyOf } from '../core/job/rules.ts';
import type { RegistrationScope } from '../core/ports.ts';
import { ServiceError } from '../core/words/errors.ts';
import { isId, isObject, isText, type Json } from '../kit/json.ts';
import type { PartialListing } from '../kit/partial-listing.ts';
import { mapWithin } from '../kit/within.ts';
import type { GitHubApp } from './app.ts';
import { named } from './errors.ts';
import { pages } from './pages.ts';
import { readRecords } from './records.ts';

/** GitHub refuses more than 100 requests at once (docs.github.com, Rate limits for the REST API, "secondary"). */
export const MOST_AT_ONCE = 10;

/**
 * Where our registrations may be: each allowed organisation, and each allowed repository whose runners register there. An
 * installation that cannot be read fails by itself. Throws ServiceError where the installations cannot be listed.
 */
export function listScopes(app: GitHubApp, policy: Policy): Promise<PartialListing<RegistrationScope>> {
  return ofEachInstallation(app, policy, async (account) => {
    const whole = { account, scope: `orgs/${account.owner}` } as const;
    const kinds = new Set(policiesOf(account.owner, policy).map((own) => own.scope));
    const isWhole = account.ownerType === 'Organization' && kinds.has('organization');
    if (isWhole && kinds.size === 1) return { items: [whole], malformedRecords: 0 };
    const { items, malformedRecords } = await listAllowed(app, account, policy);
    const own = items.map((repository) => scopeOf(repository, policyOf(repository, policy)));
    const single = own.filter((scope) => !scope.startsWith('orgs/')).map((scope) => ({ account, scope }));
    return { items: isWhole ? [whole, ...single] : single, malformedRecords };
  });
}

/**
 * Every repository that the App is installed on and the policy allows, and that can have jobs. An installation that
 * cannot be read fails by itself. Throws ServiceError where the installations cannot be listed.
 */
export function listRepositories(app: GitHubApp, policy: Policy): Promise<PartialListing<Repository>> {
  return ofEachInstallation(app, policy, (account) => listAllowed(app, account, policy));
}

type Part<Item> = Pick<PartialListing<Item>, 'items' | 'malformedRecords'>;

async function ofEachInstallation<Item>(
  app: GitHubApp,
  policy: Policy,
  list: (account: Account) => Promise<Part<Item>>,
): Promise<PartialListing<Item>> {
  const installations = await listInstallations(app, policy);
  const lists = await mapWithin(MOST_AT_ONCE, installations.items, (account) =>
    list(account).catch((error: unknown) => {
      if (error instanceof ServiceError) return error;
      throw error;
    }),
  );
  const parts = [...lists].filter((part): part is Part<Item> => !(part instanceof ServiceError));
  return {
    items: parts.flatMap(({ items }) => items),
    errors: lists.filter((part): part is ServiceError => part instanceof ServiceError),
    malformedRecords: parts.reduce(
      (sum, part) => sum + part.malformedRecords,
      installations.malformedRecords,
    ),
  };
}

/** Installations that are not suspended, of owners that the policy names. */
async function listInstallations(app: GitHubApp, { allow }: Policy): Promise<Part<Account>> {
  const records = await named('list installations', () =>
    pages((page) => app.asApp.rest.apps.listInstallations(page), undefined),
  );
  const { items, malformedRecords } = readRecords(records, readInstallation);
  const isServed = ({ account: { owner }, isSuspended }: Installation) =>
    !isSuspended && isAllowedOwner(owner, { allow });
  return { items: items.filter(isServed).map(({ account }) => account), malformedRecords };
}

interface Installation {
  readonly account: Account;
  readonly isSuspended: boolean;
}

/** An enterprise's account, or a deleted one, has no login. No policy names such an account. */
function readInstallation({ id, account, suspended_at }: Json): Installation | undefined {
  if (!isId(id)) return undefined;
  const { login, type } = isObject(account) ? account : {};
  const ownerType = type === 'Organization' ? 'Organization' : 'User';
  return {
    account: { owner: isText(login) ? login : '', ownerType, installationId: id },
    isSuspended: isText(suspended_at),
  };
}

async function listAllowed(app: GitHubApp, account: Account, policy: Policy): Promise<Part<Repository>> {
  const records = await named(`list repositories of ${account.owner}`, () =>
    app.asInstallation(account, (octokit) =>
      pages((page) => octokit.rest.apps.listReposAccessibleToInstallation(page), 'repositories'),
    ),
  );
  const { items, malformedRecords } = readRecords(records, readRepository);
  const repositories = items
    .filter(({ hasJobs }) => hasJobs)
    .map(({ id, name, isPublic }) => ({ id, name, ...account, isPublic }));
  return { items: repositories.filter((repository) => isAllowed(repository, policy)), malformedRecords };
}

/** An archived repository is read-only and a disabled one is closed: neither has jobs, and each would cost its polls. */
function readRepository({ id, name, private: isPrivate, archived, disabled }: Json) {
  if (!isId(id) || !isName(name)) return undefined;
  return { id, name, isPublic: isPrivate !== true, hasJobs: archived !== true && disabled !== true };
}
