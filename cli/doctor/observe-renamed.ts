import type { Policy } from '../../functions/core/job/policy.ts';
import type { GitHubApp } from '../../functions/github/app.ts';
import { hasStatus, named } from '../../functions/github/errors.ts';
import type { InstallationFact, RenamedRepository } from './facts.ts';

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
