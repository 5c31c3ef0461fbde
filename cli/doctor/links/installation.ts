import type { Policy } from '../../../functions/core/job/policy.ts';
import type { GitHubApp } from '../../../functions/github/app.ts';
import { named } from '../../../functions/github/errors.ts';
import { pages } from '../../../functions/github/pages.ts';
import { MOST_AT_ONCE } from '../../../functions/github/scopes.ts';
import { mapWithin } from '../../../functions/kit/within.ts';
import { fail, judged, link, ok, type Read, tried, type Verdict } from '../link.ts';
import { APP, type AppFact, asApp, settingsOf } from './app.ts';
import { missingOf } from './permissions.ts';
import { POLICY } from './policy.ts';

export interface InstallationFact {
  /** GitHub's id of it. */
  readonly id: number;
  readonly account: string;
  readonly isOrganization: boolean;
  readonly isSuspended: boolean;
  /** What was accepted: a permission that the App asks for since does not count before. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Those that the App may see; `fullName` is `owner/name`. */
  readonly repositories: ReadonlyArray<{
    readonly id: number;
    readonly fullName: string;
    readonly isPublic: boolean;
  }>;
}

export const INSTALLATIONS = tried(async (_, ask): Promise<readonly InstallationFact[]> => {
  const app = await ask(asApp);
  const all = await named('list installations', () =>
    pages<Installed>((page) => app.asApp.rest.apps.listInstallations(page), undefined),
  );
  const installations = await mapWithin(MOST_AT_ONCE, all, (one) => readInstallation(app, one));
  return installations.filter((one) => one !== undefined);
});

export const installation = link({
  id: 'installation',
  title: 'the App is installed and its permissions are accepted',
  tries: 'GET /app/installations',
  needs: ['permissions'],
  reads: { installations: INSTALLATIONS, app: APP, policy: POLICY },
  judge: ({ installations, app, policy }) =>
    judged(installations, 'check whether GitHub is up (githubstatus.com)', (all) =>
      judgeInstallations(all, app, policy),
    ),
});

function judgeInstallations(
  all: readonly InstallationFact[],
  app: Read<AppFact>,
  policy: Read<Policy>,
): Verdict {
  if (all.length === 0) return fail('nowhere', `install it: ${settingsOf(app)}, Install App`);
  const suspended = all.filter(({ isSuspended }) => isSuspended).map(({ account }) => account);
  if (suspended.length > 0)
    return fail(
      `suspended on ${suspended.join(', ')}`,
      'unsuspend it in the account’s settings, GitHub Apps',
    );
  // A person's account has no organisation's runners: there the repositories' permission counts.
  const behind = all.filter(
    ({ isOrganization, permissions }) => isOrganization && missingOf(permissions, policy).length > 0,
  );
  return behind.length === 0
    ? ok(all.map(({ account }) => account).join(', '))
    : fail(
        `not accepted on ${behind.map(({ account }) => account).join(', ')}: what the App asks for since`,
        'ask an owner to accept it: the account’s settings, GitHub Apps, Review request',
      );
}

interface Installed {
  readonly id: number;
  readonly account: { readonly login: string; readonly type: string } | null;
  readonly suspended_at: string | null;
  readonly permissions: Readonly<Record<string, string>>;
}

async function readInstallation(
  app: GitHubApp,
  { id, account, suspended_at, permissions }: Installed,
): Promise<InstallationFact | undefined> {
  if (account === null) return undefined;
  const isOrganization = account.type === 'Organization';
  const known = { id, account: account.login, isOrganization, permissions };
  if (suspended_at !== null) return { ...known, isSuspended: true, repositories: [] };
  return { ...known, isSuspended: false, repositories: await readRepositories(app, known, id) };
}

function readRepositories(
  app: GitHubApp,
  { account, isOrganization }: Pick<InstallationFact, 'account' | 'isOrganization'>,
  installationId: number,
): Promise<InstallationFact['repositories']> {
  const ownerType = isOrganization ? 'Organization' : 'User';
  return named('list repositories', () =>
    app.asInstallation({ owner: account, ownerType, installationId }, async (octokit) => {
      const found = await pages<{ id: number; full_name: string; private: boolean }>(
        (page) => octokit.rest.apps.listReposAccessibleToInstallation(page),
        'repositories',
      );
      return found.map(({ id, full_name, private: isPrivate }) => ({
        id,
        fullName: full_name,
        isPublic: !isPrivate,
      }));
    }),
  );
}
