import type { Terms } from './policy.ts';

/** Whose token a call is made with. The id may be absent or wrong (runs-on#509): then it is looked up by owner. */
export interface Account {
  readonly owner: string;
  readonly ownerType: 'Organization' | 'User';
  readonly installationId: number | undefined;
}

/** A repository as a delivery, a doubt and a task carry it: enough to reconcile it without asking anybody. */
export interface Repository extends Account {
  readonly id: number;
  readonly name: string;
  readonly isPublic: boolean;
}

/** Where a runner registers: `orgs/acme` or `repos/acme/web`, the path under GitHub's API. */
export type Scope = `orgs/${string}` | `repos/${string}/${string}`;

/** `acme/web`, as GitHub spells it. */
export const fullName = ({ owner, name }: Pick<Repository, 'owner' | 'name'>): `${string}/${string}` =>
  `${owner}/${name}`;

/** A scope as Octokit's methods take it. */
export function partsOf(
  scope: Scope,
): { readonly org: string } | { readonly owner: string; readonly repo: string } {
  const [, owner = '', repo = ''] = scope.split('/');
  return scope.startsWith('orgs/') ? { org: owner } : { owner, repo };
}

/** Whose token calls about a repository are made with. */
export const accountOf = ({ owner, ownerType, installationId }: Account): Account => ({
  owner,
  ownerType,
  installationId,
});

/** Where the repository's runners register by its own policy: a user account has no organisation-level runners. */
export const scopeOf = (
  repository: Pick<Repository, 'owner' | 'name' | 'ownerType'>,
  { scope }: Pick<Terms, 'scope'>,
): Scope =>
  scope === 'organization' && repository.ownerType === 'Organization'
    ? `orgs/${repository.owner}`
    : `repos/${fullName(repository)}`;
