/** A repository by a name that it had: answered with the way to its id, and never with its new name. */
import { ApiError } from '../api-error.ts';
import type { Installation, Repository } from '../types.ts';
import { type ApiRequest, type RestContext, same } from './context.ts';

const hadName = (owner: string, repo: string | undefined, { formerNames = [] }: Repository): boolean =>
  formerNames.some((former) => same(former, `${owner}/${repo}`));

/**
 * Throws 301 for a repository that was renamed or transferred (docs.github.com, Best practices for using the REST API,
 * "Follow redirects"). `rest` is what comes after the repository in the path: `/installation`.
 */
export function refuseFormerName({ params }: ApiRequest, context: RestContext, rest: string): void {
  const { owner = '', repo } = params;
  const all = context.installations.flatMap(({ repositories }: Installation) => repositories);
  const moved = all.find((repository) => hadName(owner, repo, repository));
  if (moved === undefined) return;
  const location = `${context.apiUrl()}/repositories/${moved.id}${rest}`;
  throw new ApiError(301, 'Moved Permanently', { headers: { location } });
}
