/**
 * Repositories that were renamed or transferred (docs.github.com, Best practices for using the REST API, "Follow
 * redirects"; GitHub's announcement of 2015-04-17, Preview repository redirects: 301 to a read, 307 to a write). The
 * new place is named by the repository's id.
 */
import { notFound } from '../api-error.ts';
import type { ApiAnswer, ApiRequest, RestContext } from './context.ts';

/** What the caller may not see has not moved either: it is not there. */
const reaches = ({ grant }: ApiRequest, repositoryId: number): boolean =>
  grant === undefined ||
  (grant.installation.repositories.some(({ id }) => id === repositoryId) &&
    (grant.repositoryIds?.includes(repositoryId) ?? true));

/** The redirect of a call that names a repository by a name that it had; undefined where there is none. */
export function moved(request: ApiRequest, { accounts, apiUrl }: RestContext): ApiAnswer | undefined {
  const { params, operation, path, query } = request;
  const fullName = `${params['owner']}/${params['repo']}`;
  const id = accounts.formerly(fullName)?.repository.id;
  if (id === undefined || !reaches(request, id)) return undefined;
  const search = query.size > 0 ? `?${query}` : '';
  const location = `${apiUrl()}${path.replace(`/repos/${fullName}`, `/repositories/${id}`)}${search}`;
  const [status, message] =
    operation.method === 'GET' ? [301, 'Moved Permanently'] : [307, 'Temporary Redirect'];
  const documentation_url =
    'https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects';
  return { status, body: { message, url: location, documentation_url }, headers: { location } };
}

/** The path's parameters, with a repository's name where the path has its id. */
export function withName(
  { repository_id, ...params }: Readonly<Record<string, string>>,
  { accounts }: RestContext,
): Readonly<Record<string, string>> {
  if (repository_id === undefined) return params;
  const held = accounts.byId(Number(repository_id));
  if (held === undefined) throw notFound();
  return { ...params, owner: held.installation.owner.login, repo: held.repository.name };
}
