import { runnerGroupOf } from './allow.ts';
import type { Policy } from './policy.ts';
import { type Repository, scopeOf } from './repository.ts';
import { policyOf } from './rules.ts';

/** Where a repository's runners register, and in which group. */
export function placeOf(repository: Repository, policy: Policy) {
  const own = policyOf(repository, policy);
  const scope = scopeOf(repository, own);
  return { scope, runnerGroup: runnerGroupOf(scope, own) };
}
