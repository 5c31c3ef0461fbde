import type { Policy } from '../../functions/core/job/policy.ts';
import { policiesOf } from '../../functions/core/job/rules.ts';
import type { Installation, Repository, RunnerGroup } from '../github/types.ts';

export interface AccountOptions {
  /** More organisations that have installed the App, by their logins; whether they are served is the policy's to say. */
  readonly owners?: readonly string[];
  /** Repositories in each installation in which nothing ever runs. */
  readonly idleRepositories?: number;
  /** Calls that GitHub answers each installation in an hour; 5,000 if not said. */
  readonly callsPerHour?: number;
}

const FIRST = { installation: 50_123_456, owner: 9_876_543, repository: 700_000_001 } as const;
/** Of the groups that have a name in runners.yml. */
const FIRST_GROUP = 1_000;
/** Ids of an installation's repositories are this far from the next one's. */
const STRIDE = 1_000_000;

/**
 * The organisations that the App is installed on. The first is the first owner that `runners.yml` allows, so that what
 * is shown is the user's own policy at work.
 */
export function installationsFor(policy: Policy, options: AccountOptions = {}): Installation[] {
  const { allow } = policy;
  const [first] = allow.repositories;
  if (first === undefined)
    throw new Error(
      'allow.repositories of runners.yml is empty, so no job would be served: put owner/* or owner/name there',
    );
  const [login = ''] = first.split('/');
  return [login, ...(options.owners ?? [])].map((each, index) => ({
    ...installationOf(each, repositoryNames(each, allow.repositories), index, options),
    runnerGroups: groupsFor(each, policy),
  }));
}

/** The default group, and those that runners.yml names, each open to all. */
function groupsFor(login: string, policy: Policy): RunnerGroup[] {
  const asked = [1, ...policiesOf(login, policy).map(({ runnerGroup }) => runnerGroup)];
  return [...new Set(asked)].map((group, index) =>
    typeof group === 'string'
      ? { id: FIRST_GROUP + index, name: group }
      : { id: group, name: group === 1 ? 'Default' : `group ${group}` },
  );
}

/** Two repositories that are allowed, and for `owner/*`, or an owner that the policy does not name, any two. */
function repositoryNames(login: string, patterns: readonly string[]): string[] {
  const names = patterns
    .map((pattern) => pattern.split('/'))
    .filter(([owner]) => owner === login)
    .map(([, name = '']) => name);
  return names.length === 0 || names.includes('*') ? ['web', 'api'] : names.slice(0, 2);
}

function installationOf(
  login: string,
  names: readonly string[],
  index: number,
  { idleRepositories = 0, callsPerHour }: AccountOptions,
): Installation {
  const idle = Array.from({ length: idleRepositories }, (_, number) => `idle-${number + 1}`);
  const repository = (name: string, number: number): Repository => ({
    id: FIRST.repository + index * STRIDE + number,
    name,
    private: true,
  });
  return {
    id: FIRST.installation + index,
    owner: { login, id: FIRST.owner + index, type: 'Organization' },
    repositories: [...names, ...idle].map(repository),
    ...(callsPerHour !== undefined && { callsPerHour }),
  };
}
