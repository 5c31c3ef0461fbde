import type { Policy } from '../../../functions/core/job/policy.ts';
import type { GitHubApp } from '../../../functions/github/app.ts';
import { named } from '../../../functions/github/errors.ts';
import { pages } from '../../../functions/github/pages.ts';
import { MOST_AT_ONCE } from '../../../functions/github/scopes.ts';
import { mapWithin } from '../../../functions/kit/within.ts';
import { after, fail, judged, link, looked, ok, type Verdict } from '../link.ts';
import { asApp } from './app.ts';
import { INSTALLATIONS, type InstallationFact } from './installation.ts';
import { POLICY } from './policy.ts';
import { matches } from './repositories.ts';

interface RunnerGroupFact {
  readonly account: string;
  readonly name: string;
  readonly allowsPublic: boolean;
  /** `owner/name` of those it is open to; `undefined` where it is open to all. */
  readonly repositories: readonly string[] | undefined;
}

/** The runner group of runners.yml in each organisation; none where runners register at repositories. */
const RUNNER_GROUPS = after(POLICY, ({ scope, runnerGroupId }) =>
  after(INSTALLATIONS, (all) =>
    looked('organization_self_hosted_runners to the App', async (_, ask): Promise<RunnerGroupFact[]> => {
      if (scope === 'repository') return [];
      const app = await ask(asApp);
      const organizations = all.filter(({ isOrganization, isSuspended }) => isOrganization && !isSuspended);
      return mapWithin(MOST_AT_ONCE, organizations, ({ account }) =>
        readRunnerGroup(app, account, runnerGroupId),
      );
    }),
  ),
);

export const runnerGroup = link({
  id: 'runner-group',
  title: 'the runner group exists and is open to the repositories',
  tries: 'GET /orgs/{org}/actions/runner-groups/{id} and its repositories',
  needs: ['repositories'],
  reads: { runnerGroups: RUNNER_GROUPS, installations: INSTALLATIONS, policy: POLICY },
  judge: ({ runnerGroups, installations, policy }) =>
    judged(
      runnerGroups,
      'set runnerGroupId in runners.yml to one of the organisation’s (1 is Default), then deploy again',
      (groups) =>
        judged(installations, '', (all) =>
          judged(policy, '', ({ allow }) => judgeGroups(groups, all, allow)),
        ),
    ),
});

/** A runner in a group that its repository may not use registers, and never gets a job. */
function judgeGroups(
  groups: readonly RunnerGroupFact[],
  installations: readonly InstallationFact[],
  allow: Policy['allow'],
): Verdict {
  for (const { account, name, allowsPublic, repositories } of groups) {
    const served = installations
      .filter((installation) => installation.account === account)
      .flatMap((installation) => installation.repositories)
      .filter(({ fullName }) => allow.repositories.some((pattern) => matches(pattern, fullName)));
    const shut = served.filter(
      ({ fullName, isPublic }) =>
        (repositories !== undefined && !repositories.includes(fullName)) || (isPublic && !allowsPublic),
    );
    if (shut.length > 0)
      return fail(
        `the group ${name} of ${account} is not open to ${shut.map(({ fullName }) => fullName).join(', ')}`,
        `give them access: the organisation’s settings, Actions, Runner groups, ${name}`,
      );
  }
  return ok(groups.map(({ name, account }) => `${name} of ${account}`).join(', ') || 'not used');
}

function readRunnerGroup(app: GitHubApp, org: string, runner_group_id: number): Promise<RunnerGroupFact> {
  const who = { owner: org, ownerType: 'Organization', installationId: undefined } as const;
  return named('get the runner group', () =>
    app.asInstallation(who, async (octokit) => {
      const route = 'GET /orgs/{org}/actions/runner-groups/{runner_group_id}';
      const { data } = await octokit.request(route, { org, runner_group_id });
      const chosen =
        data.visibility === 'selected'
          ? await pages<{ full_name: string }>(
              (page) => octokit.request(`${route}/repositories`, { org, runner_group_id, ...page }),
              'repositories',
            )
          : undefined;
      return {
        account: org,
        name: data.name,
        allowsPublic: data.allows_public_repositories,
        repositories: chosen?.map(({ full_name }) => full_name),
      };
    }),
  );
}
