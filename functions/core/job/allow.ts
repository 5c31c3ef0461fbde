import { isNamedIn, isOfOwner } from './patterns.ts';
import type { Policy, Terms } from './policy.ts';
import { fullName, type Repository, type Scope } from './repository.ts';

type Named = Pick<Repository, 'owner' | 'name'>;

/** Whether `allow.repositories` names the repository or its owner. Empty: none. */
export const isAllowed = (repository: Named, { allow }: Policy): boolean =>
  isNamedIn(allow.repositories, repository);

/** Whether `allow.repositories` names any repository of the owner: only such an owner's deliveries are evidence. */
export const isAllowedOwner = (owner: string, { allow }: Pick<Policy, 'allow'>): boolean =>
  allow.repositories.some((pattern) => isOfOwner(pattern, owner));

/** Anyone can open a pull request in a public repository, so each is to be named by itself. */
export function isAllowedPublic(repository: Named, { allow }: Policy): boolean {
  return allow.publicRepositories.includes(fullName(repository).toLowerCase());
}

/** Whether the repository's own policy opens Docker to it: to a public one only where it is named in full. */
export const isAllowedDocker = (
  repository: Named & Pick<Repository, 'isPublic'>,
  { docker }: Pick<Terms, 'docker'>,
): boolean =>
  repository.isPublic
    ? docker.repositories.includes(fullName(repository).toLowerCase())
    : isNamedIn(docker.repositories, repository);

/** Runner groups are an organisation's; a repository has only the default one. */
export const runnerGroupOf = (
  scope: Scope,
  { runnerGroup }: Pick<Terms, 'runnerGroup'>,
): Terms['runnerGroup'] => (scope.startsWith('orgs/') ? runnerGroup : 1);
