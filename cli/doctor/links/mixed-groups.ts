import { isDeepStrictEqual } from 'node:util';
import { isAllowed } from '../../../functions/core/job/allow.ts';
import type { Policy, Terms } from '../../../functions/core/job/policy.ts';
import { policyOf } from '../../../functions/core/job/rules.ts';
import type { InstallationFact } from './installation.ts';

export interface RunnerGroupFact {
  readonly name: string;
  readonly allowsPublic: boolean;
  /** `owner/name` of those it is open to; `undefined` where it is open to all. */
  readonly repositories: readonly string[] | undefined;
}

/** A runner group that runners.yml names for an organisation, by id or name. */
export interface GroupFact {
  readonly account: string;
  readonly asked: Terms['runnerGroup'];
  /** `undefined` where the organisation has none of that name. */
  readonly found: RunnerGroupFact | undefined;
}

interface Served {
  readonly fullName: string;
  readonly isPublic: boolean;
  readonly own: Policy;
}

/** Repositories of an organisation that are served, each with its own policy. */
function servedOf(account: string, installations: readonly InstallationFact[], policy: Policy): Served[] {
  return installations
    .filter((installation) => installation.account === account)
    .flatMap(({ repositories }) => repositories)
    .map(({ fullName, isPublic }) => ({ fullName, isPublic, at: at(fullName) }))
    .filter((repository) => isAllowed(repository.at, policy))
    .map(({ fullName, isPublic, at: where }) => ({ fullName, isPublic, own: policyOf(where, policy) }));
}

function at(fullName: string) {
  const [owner = '', name = ''] = fullName.split('/');
  return { owner, name };
}

const isOpenTo = (
  { repositories, allowsPublic }: RunnerGroupFact,
  { fullName, isPublic }: Pick<Served, 'fullName' | 'isPublic'>,
): boolean => (repositories === undefined || repositories.includes(fullName)) && (!isPublic || allowsPublic);

/** Each group that was found, with the repositories whose runners register in it. */
export const membersOf = (
  groups: readonly GroupFact[],
  installations: readonly InstallationFact[],
  policy: Policy,
) =>
  groups.flatMap(({ account, asked, found }) => {
    if (found === undefined) return [];
    const repositories = servedOf(account, installations, policy)
      .filter(({ own }) => own.scope === 'organization' && own.runnerGroup === asked)
      .map(({ fullName, isPublic }) => ({ fullName, isOpen: isOpenTo(found, { fullName, isPublic }) }));
    return [{ account, name: found.name, repositories }];
  });

/** Whether the same label may stand for another size. */
const isSameMeaning = (a: Terms, b: Terms): boolean =>
  isDeepStrictEqual([a.defaults, a.sizes], [b.defaults, b.sizes]);

/**
 * Where GitHub may give a job a runner that was made by another rule, for labels that mean something else there: the
 * repository can use a group in which such runners are. A sentence for each pair of repository and group.
 */
export function mixedGroups(
  groups: readonly GroupFact[],
  installations: readonly InstallationFact[],
  policy: Policy,
): string[] {
  return groups.flatMap(({ account, asked, found }) => {
    if (found === undefined) return [];
    const served = servedOf(account, installations, policy);
    const makers = served.filter(({ own }) => own.scope === 'organization' && own.runnerGroup === asked);
    return served.flatMap((repository) => {
      const maker = makers.find(({ own }) => !isSameMeaning(own, repository.own));
      if (maker === undefined || !isOpenTo(found, repository)) return [];
      return [`${repository.fullName} can use the group ${found.name} with runners of ${maker.fullName}`];
    });
  });
}
