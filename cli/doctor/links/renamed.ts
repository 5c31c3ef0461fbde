import type { Policy } from '../../../functions/core/job/policy.ts';
import type { GitHubApp } from '../../../functions/github/app.ts';
import { hasStatus, named } from '../../../functions/github/errors.ts';
import { after, fail, judged, link, looked, ok } from '../link.ts';
import { asApp } from './app.ts';
import { INSTALLATIONS, type InstallationFact } from './installation.ts';
import { POLICY } from './policy.ts';

/** A repository that was renamed or transferred since `name` was put into runners.yml. */
interface RenamedRepository {
  readonly name: string;
  /** `undefined` where the App is not installed on where it is now. */
  readonly newName: string | undefined;
}

const RENAMED = after(POLICY, (policy) =>
  after(INSTALLATIONS, (installations) =>
    looked('metadata: read to the App', async (_, ask) =>
      readRenamed(await ask(asApp), policy, installations),
    ),
  ),
);

/** GitHub's redirects end when somebody takes the old name; our allow-list follows none. */
export const renamed = link({
  id: 'renamed',
  title: 'repositories still have the names in runners.yml',
  tries: 'GET /repos/{owner}/{repo}/installation, for names that the App does not see',
  needs: ['installation', 'policy'],
  reads: { renamed: RENAMED },
  judge: (seen) =>
    judged(seen.renamed, 'check whether GitHub is up (githubstatus.com)', (all) => {
      const gone = all.filter(({ newName }) => newName === undefined).map(({ name }) => name);
      const known = all.flatMap(({ name, newName }) =>
        newName === undefined ? [] : [`${name} is ${newName} now`],
      );
      if (known.length > 0)
        return fail(known.join(', '), 'put the new name into allow in runners.yml, then deploy again');
      return gone.length === 0
        ? ok('none was renamed')
        : fail(
            `renamed or transferred to where the App is not installed: ${gone.join(', ')}`,
            'install the App there and put the new name into allow in runners.yml, or remove the old name; then deploy again',
          );
    }),
});

/**
 * Repositories that runners.yml names and the App sees under another name. Only names that the App does not see are asked
 * for, one call each. Throws ServiceError.
 */
export async function readRenamed(
  app: GitHubApp,
  { allow }: Policy,
  installations: readonly InstallationFact[],
): Promise<readonly RenamedRepository[]> {
  const seen = installations.flatMap(({ repositories }) => repositories);
  const seenNames = new Set(seen.map(({ fullName }) => fullName.toLowerCase()));
  const names = new Set([...allow.repositories, ...allow.publicRepositories]);
  const unseen = [...names].filter((name) => !name.endsWith('/*') && !seenNames.has(name.toLowerCase()));
  const found = await Promise.all(
    unseen.map(async (name): Promise<RenamedRepository[]> => {
      const id = await idBehind(app, name);
      if (id === undefined) return [];
      return [{ name, newName: seen.find((repository) => repository.id === id)?.fullName }];
    }),
  );
  return found.flat();
}

/**
 * The id of a repository that had this name. GitHub answers a former name with 301 and the way by id, which Octokit
 * would follow (docs.github.com, Best practices for using the REST API); 404 for what is gone, or not the App's to see.
 */
async function idBehind(app: GitHubApp, name: string): Promise<number | undefined> {
  const [owner = '', repo = ''] = name.split('/');
  const request = { redirect: 'manual' } as const;
  const route = 'GET /repos/{owner}/{repo}/installation';
  return named('look for a former name', async () => {
    try {
      const { headers } = await app.asApp.request(route, { owner, repo, request });
      const [, id] = /\/repositories\/(\d+)/.exec(headers.location ?? '') ?? [];
      return id === undefined ? undefined : Number(id);
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  });
}
