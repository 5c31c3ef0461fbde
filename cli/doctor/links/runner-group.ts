import type { Policy, Terms } from '../../../functions/core/job/policy.ts';
import { policiesOf } from '../../../functions/core/job/rules.ts';
import type { GitHubApp } from '../../../functions/github/app.ts';
import { named } from '../../../functions/github/errors.ts';
import { pages } from '../../../functions/github/pages.ts';
import { groupNamed, listRunnerGroups } from '../../../functions/github/runner-groups.ts';
import { MOST_AT_ONCE } from '../../../functions/github/scopes.ts';
import { mapWithin } from '../../../functions/kit/within.ts';
import { after, fail, judged, link, looked, ok, type Verdict, warn } from '../link.ts';
import { asApp } from './app.ts';
import { INSTALLATIONS, type InstallationFact } from './installation.ts';
import { type GroupFact, membersOf, mixedGroups, type RunnerGroupFact } from './mixed-groups.ts';
import { POLICY } from './policy.ts';

/** The runner groups of runners.yml in each organisation; none where all runners register at repositories. */
const RUNNER_GROUPS = after(POLICY, (policy) =>
  after(INSTALLATIONS, (all) =>
    looked('organization_self_hosted_runners to the App', async (_, ask): Promise<GroupFact[]> => {
      const organizations = all.filter(({ isOrganization, isSuspended }) => isOrganization && !isSuspended);
      const wanted = organizations.map(({ account }) => [account, groupsOf(account, policy)] as const);
      if (wanted.every(([, groups]) => groups.length === 0)) return [];
      const app = await ask(asApp);
      const facts = await mapWithin(MOST_AT_ONCE, wanted, ([account, groups]) =>
        readGroups(app, account, groups),
      );
      return facts.flat();
    }),
  ),
);

/** The groups in which runners of the owner's repositories may register, by id or by name. */
const groupsOf = (account: string, policy: Policy): Terms['runnerGroup'][] => [
  ...new Set(
    policiesOf(account, policy).flatMap(({ scope, runnerGroup }) =>
      scope === 'organization' ? [runnerGroup] : [],
    ),
  ),
];

export const runnerGroup = link({
  id: 'runner-group',
  title: 'the runner groups exist and are open to their repositories alone',
  tries: 'GET /orgs/{org}/actions/runner-groups, each group of runners.yml and its repositories',
  needs: ['repositories'],
  reads: { runnerGroups: RUNNER_GROUPS, installations: INSTALLATIONS, policy: POLICY },
  judge: ({ runnerGroups, installations, policy }) =>
    judged(
      runnerGroups,
      'set runnerGroup or runnerGroupId in runners.yml to one of the organisation’s (1 is Default), then deploy again',
      (groups) =>
        judged(installations, '', (all) => judged(policy, '', (read) => judgeGroups(groups, all, read))),
    ),
});

/** A runner in a group that its repository may not use registers, and never gets a job. */
function judgeGroups(
  groups: readonly GroupFact[],
  installations: readonly InstallationFact[],
  policy: Policy,
): Verdict {
  const missing = groups.filter(({ found }) => found === undefined);
  if (missing.length > 0)
    return fail(
      `there is no runner group ${missing.map(({ asked, account }) => `${asked} in ${account}`).join(', ')}`,
      'make it in the organization’s settings (Actions, Runner groups), or correct runnerGroup in runners.yml and deploy again',
    );
  const members = membersOf(groups, installations, policy);
  for (const { account, name, repositories } of members) {
    const shut = repositories.filter(({ isOpen }) => !isOpen);
    if (shut.length > 0)
      return fail(
        `the group ${name} of ${account} is not open to ${shut.map(({ fullName }) => fullName).join(', ')}`,
        `give them access: the organisation’s settings, Actions, Runner groups, ${name}`,
      );
  }
  const mixed = mixedGroups(groups, installations, policy);
  if (mixed.length > 0)
    return warn(
      `jobs may get runners of another size: ${mixed.slice(0, MOST_NAMED).join('; ')}`,
      'give each its own group, and in the organization’s settings (Actions, Runner groups) that group’s repositories alone',
    );
  return ok(members.map(({ name, account }) => `${name} of ${account}`).join(', ') || 'not used');
}

/** As many as a line bears. */
const MOST_NAMED = 5;

async function readGroups(
  app: GitHubApp,
  account: string,
  wanted: readonly Terms['runnerGroup'][],
): Promise<GroupFact[]> {
  const who = { owner: account, ownerType: 'Organization', installationId: undefined } as const;
  const all = wanted.some((group) => typeof group === 'string')
    ? await named('list runner groups', () => listRunnerGroups(app, who))
    : [];
  return mapWithin(MOST_AT_ONCE, wanted, async (asked) => {
    const id = typeof asked === 'number' ? asked : groupNamed(all, asked)?.id;
    return { account, asked, found: id === undefined ? undefined : await readRunnerGroup(app, account, id) };
  });
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
        name: data.name,
        allowsPublic: data.allows_public_repositories,
        repositories: chosen?.map(({ full_name }) => full_name),
      };
    }),
  );
}
