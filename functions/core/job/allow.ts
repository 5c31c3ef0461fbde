import type { Policy } from './policy.ts';
import { fullName, type Repository, type Scope } from './repository.ts';

type Named = Pick<Repository, 'owner' | 'name'>;

/** Whether a list has the repository as `owner/name`, or all of its owner as `owner/*`. */
function isNamedIn(patterns: readonly string[], repository: Named): boolean {
  const wholeOwner = `${repository.owner.toLowerCase()}/*`;
  return patterns.includes(fullName(repository).toLowerCase()) || patterns.includes(wholeOwner);
}

/** Whether `allow.repositories` names the repository or its owner. Empty: none. */
export const isAllowed = (repository: Named, { allow }: Policy): boolean =>
  isNamedIn(allow.repositories, repository);

/** Whether `allow.repositories` names any repository of the owner: only such an owner's deliveries are evidence. */
export function isAllowedOwner(owner: string, { allow }: Policy): boolean {
  const start = `${owner.toLowerCase()}/`;
  return allow.repositories.some((pattern) => pattern.startsWith(start));
}

/** Anyone can open a pull request in a public repository, so each is to be named by itself. */
export function isAllowedPublic(repository: Named, { allow }: Policy): boolean {
  return allow.publicRepositories.includes(fullName(repository).toLowerCase());
}

/** Whether `docker.repositories` opens Docker to the repository: a public one only where it is named in full. */
export const isAllowedDocker = (
  repository: Named & Pick<Repository, 'isPublic'>,
  { docker }: Pick<Policy, 'docker'>,
): boolean =>
  repository.isPublic
    ? docker.repositories.includes(fullName(repository).toLowerCase())
    : isNamedIn(docker.repositories, repository);

/** Runner groups are an organisation's; a repository has only the default one. */
export const runnerGroupIdOf = (scope: Scope, { runnerGroupId }: Policy): number =>
  scope.startsWith('orgs/') ? runnerGroupId : 1;
