import { isNamedIn, isOfOwner } from './patterns.ts';
import type { Policy, Rule, Terms } from './policy.ts';
import type { Repository } from './repository.ts';

/** The policy of one repository: the terms of the first rule that has it, or the policy's own (rule 25). */
export function policyOf(repository: Pick<Repository, 'owner' | 'name'>, policy: Policy): Policy {
  const rule = policy.rules.find(({ repositories }) => isNamedIn(repositories, repository));
  return rule === undefined ? policy : under(rule, policy);
}

/** The policy as a rule has it. */
export const under = ({ repositories: _, ...terms }: Rule, policy: Policy): Policy => ({
  ...policy,
  ...terms,
});

/** Each policy that a repository of the owner may have: those of the rules with its repositories, and the file's own. */
export const policiesOf = (owner: string, policy: Policy): Policy[] => [
  ...policy.rules
    .filter(({ repositories }) => repositories.some((pattern) => isOfOwner(pattern, owner)))
    .map((rule) => under(rule, policy)),
  policy,
];

/** Where runners of any repository may register. */
export const scopesIn = ({ scope, rules }: Policy): ReadonlySet<Terms['scope']> =>
  new Set([scope, ...rules.map((rule) => rule.scope)]);

/** The terms that no repository's are wider than: what a deployment must have room and permissions for. */
export function widestTerms(policy: Policy): Pick<Terms, 'limits' | 'docker'> {
  const all: readonly Terms[] = [policy, ...policy.rules];
  const most = (key: 'vcpu' | 'memoryGiB' | 'storageGiB') =>
    Math.max(...all.map(({ limits }) => limits[key]));
  const any = (key: 'spot' | 'arm64') => all.some(({ limits }) => limits[key]);
  return {
    limits: {
      vcpu: most('vcpu'),
      memoryGiB: most('memoryGiB'),
      storageGiB: most('storageGiB'),
      spot: any('spot'),
      arm64: any('arm64'),
    },
    docker: {
      ...policy.docker,
      repositories: [...new Set(all.flatMap(({ docker }) => docker.repositories))],
    },
  };
}
