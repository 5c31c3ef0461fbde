import type { Scope } from '../plan/decide-launch.ts';
import type { RepositoryFacts } from './events.ts';
import type { Policy } from './policy.ts';

type Repository = Pick<RepositoryFacts, 'owner' | 'name'>;

const fullNameOf = ({ owner, name }: Repository): string => `${owner}/${name}`.toLowerCase();

/** Whether `allow.repositories` names the repository or its owner. Empty: none. */
export function isAllowed(repository: Repository, { allow }: Policy): boolean {
  const fullName = fullNameOf(repository);
  const wholeOwner = `${repository.owner.toLowerCase()}/*`;
  return allow.repositories.some((pattern) => pattern === fullName || pattern === wholeOwner);
}

/** Whether `allow.repositories` names any repository of the owner: only such an owner's deliveries are evidence. */
export function isAllowedOwner(owner: string, { allow }: Policy): boolean {
  const start = `${owner.toLowerCase()}/`;
  return allow.repositories.some((pattern) => pattern.startsWith(start));
}

/** Anyone can open a pull request in a public repository, so each is to be named by itself. */
export function isAllowedPublic(repository: Repository, { allow }: Policy): boolean {
  return allow.publicRepositories.includes(fullNameOf(repository));
}

/** Runner groups are an organisation's; a repository has only the default one. */
export const runnerGroupIdOf = (scope: Scope, { runnerGroupId }: Policy): number =>
  scope.startsWith('orgs/') ? runnerGroupId : 1;

/** Where the repository's runners register: a user account has no organisation-level runners. */
export function scopeOf(repository: Repository & Pick<RepositoryFacts, 'ownerType'>, policy: Policy): Scope {
  return policy.scope === 'organization' && repository.ownerType === 'Organization'
    ? `orgs/${repository.owner}`
    : `repos/${repository.owner}/${repository.name}`;
}
