import { isAllowed, isAllowedPublic } from '../../functions/core/job/allow.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import { type Check, fail, judged, ok, type Verdict, warn } from './checks.ts';
import type { Facts, InstallationFact, RenamedRepository } from './facts.ts';

const REQUIRED = ['app-id', 'private-key', 'webhook-secret'] as const;
/** GitHub refuses a JWT that was issued in its future; ours is backdated by a minute (functions/github/app-jwt.ts). */
const MOST_SKEW_MS = 45_000;

export const settingsOf = ({ app }: Facts): string =>
  app.kind === 'read' ? `the settings of the App ${app.value.slug}` : 'the App’s settings';

/** From runners.yml and the App's parameters to an installation that sees the repositories. */
export const GITHUB_CHECKS: readonly Check[] = [
  {
    id: 'policy',
    title: 'runners.yml serves somebody',
    tries: 'reading runners.yml of this folder',
    needs: [],
    judge: ({ policy }) =>
      judged(policy, 'mend runners.yml, then deploy again', ({ allow }) =>
        allow.repositories.length > 0
          ? ok(allow.repositories.join(', '))
          : fail('allow.repositories is empty', 'put owner/name or owner/* there, then deploy again'),
      ),
  },
  {
    id: 'parameters',
    title: 'the App’s parameters are stored',
    tries: 'ssm:GetParameters with decryption',
    needs: ['stack'],
    judge: ({ parameters, parameterPath }) => {
      const fix =
        'may this identity read parameters (ssm:GetParameters), and use the stack’s key (kms:Decrypt)?';
      return judged(parameters, fix, (names) => {
        const missing = REQUIRED.filter((name) => !names.has(name));
        return missing.length === 0
          ? ok(parameterPath)
          : fail(
              `missing: ${missing.map((name) => `${parameterPath}/${name}`).join(', ')}`,
              'oneshot setup puts them there',
            );
      });
    },
  },
  {
    id: 'private-key',
    title: 'the private key can be read',
    tries: 'reading it as PEM',
    needs: ['parameters'],
    judge: ({ privateKey, parameterPath }) =>
      privateKey === 'unreadable'
        ? fail(
            `${parameterPath}/private-key is no RSA key in PEM form`,
            'store the whole .pem file that GitHub gave, with its first and last line',
          )
        : ok('an RSA key'),
  },
  {
    id: 'clock',
    title: 'GitHub answers, and its clock and this one agree',
    tries: 'a request without credentials, and the date of its answer',
    needs: [],
    judge: ({ clockSkewMs }) =>
      judged(
        clockSkewMs,
        'is the network up, is GitHub (githubstatus.com), and is --github-url right?',
        (skewMs) =>
          Math.abs(skewMs) <= MOST_SKEW_MS
            ? ok(`${Math.round(skewMs / 1000)} s apart`)
            : warn(`${Math.round(skewMs / 1000)} s apart`, 'set this machine’s clock; Lambda’s is right'),
      ),
  },
  {
    id: 'app',
    title: 'GitHub knows the App by this key',
    tries: 'GET /app with a JWT of app-id and private-key',
    needs: ['private-key', 'clock'],
    judge: ({ app, parameterPath }) =>
      judged(
        app,
        `${parameterPath}/app-id and private-key must be of one App: make a new key in its settings and store it`,
        ({ slug, owner }) => ok(`${slug} of ${owner}`),
      ),
  },
  {
    id: 'permissions',
    title: 'the App may do what it must',
    tries: 'the permissions in the answer to GET /app',
    needs: ['app', 'policy'],
    judge: (facts) =>
      judged(facts.app, '', ({ permissions }) => {
        const missing = missingOf(permissions, facts.policy);
        return missing.length === 0
          ? ok(Object.keys(neededOf(facts.policy)).join(', '))
          : fail(
              `missing: ${missing.join(', ')}`,
              `grant it in ${settingsOf(facts)} (Permissions), and accept it at the installation`,
            );
      }),
  },
  {
    id: 'events',
    title: 'the App gets workflow_job events',
    tries: 'the events in the answer to GET /app',
    needs: ['app'],
    judge: (facts) =>
      judged(facts.app, '', ({ events }) =>
        events.includes('workflow_job')
          ? ok(events.join(', '))
          : fail(
              `subscribed to: ${events.join(', ') || 'nothing'}`,
              `tick Workflow job in ${settingsOf(facts)}`,
            ),
      ),
  },
  {
    id: 'installation',
    title: 'the App is installed, and what it asks for is accepted',
    tries: 'GET /app/installations',
    needs: ['permissions'],
    judge: (facts) =>
      judged(facts.installations, 'is GitHub up (githubstatus.com)?', (all) =>
        judgeInstallations(all, facts),
      ),
  },
  {
    id: 'renamed',
    title: 'repositories have the names of runners.yml',
    tries: 'GET /repos/{owner}/{repo}/installation, for names that the App does not see',
    needs: ['installation', 'policy'],
    judge: ({ renamed }) => judged(renamed, 'is GitHub up (githubstatus.com)?', (all) => judgeNames(all)),
  },
  {
    id: 'repositories',
    title: 'allowed repositories and the installation meet',
    tries: 'GET /installation/repositories of each installation',
    needs: ['installation', 'policy'],
    judge: ({ installations, policy }) =>
      judged(installations, '', (all) =>
        policy.kind === 'read' ? judgeRepositories(all, policy.value) : ok('not compared'),
      ),
  },
  {
    id: 'runner-group',
    title: 'the runner group is there and open to the repositories',
    tries: 'GET /orgs/{org}/actions/runner-groups/{id} and its repositories',
    needs: ['repositories'],
    judge: (facts) =>
      judged(
        facts.runnerGroups,
        'set runnerGroupId in runners.yml to one of the organisation’s (1 is Default), then deploy again',
        () => judgeGroups(facts),
      ),
  },
];

const neededOf = (policy: Facts['policy']): Readonly<Record<string, string>> => {
  const isByOrganization = policy.kind === 'read' && policy.value.scope === 'organization';
  return {
    [isByOrganization ? 'organization_self_hosted_runners' : 'administration']: 'write',
    actions: 'read',
  };
};

const missingOf = (granted: Readonly<Record<string, string>>, policy: Facts['policy']): string[] =>
  Object.entries(neededOf(policy))
    .filter(([name, level]) => !has(granted[name], level))
    .map(([name, level]) => `${name}: ${level}`);

const has = (granted: string | undefined, level: string): boolean =>
  granted === level || granted === 'write' || granted === 'admin';

function judgeInstallations(all: readonly InstallationFact[], facts: Facts): Verdict {
  if (all.length === 0) return fail('nowhere', `install it: ${settingsOf(facts)}, Install App`);
  const suspended = all.filter(({ isSuspended }) => isSuspended).map(({ account }) => account);
  if (suspended.length > 0)
    return fail(
      `suspended on ${suspended.join(', ')}`,
      'unsuspend it in the account’s settings, GitHub Apps',
    );
  // A person's account has no organisation's runners: there the repositories' permission counts.
  const behind = all.filter(({ isOrganization, permissions }) => {
    const missing = missingOf(permissions, facts.policy);
    return isOrganization && missing.length > 0;
  });
  return behind.length === 0
    ? ok(all.map(({ account }) => account).join(', '))
    : fail(
        `not accepted on ${behind.map(({ account }) => account).join(', ')}: what the App asks for since`,
        'an owner accepts it: the account’s settings, GitHub Apps, Review request',
      );
}

/** GitHub's redirects end when somebody takes the old name; our allow-list follows none. */
function judgeNames(all: readonly RenamedRepository[]): Verdict {
  const gone = all.filter(({ newName }) => newName === undefined).map(({ name }) => name);
  const known = all.flatMap(({ name, newName }) =>
    newName === undefined ? [] : [`${name} is ${newName} now`],
  );
  if (known.length > 0)
    return fail(known.join(', '), 'put the new name into allow in runners.yml, then deploy again');
  return gone.length === 0
    ? ok('none was renamed')
    : fail(
        `renamed or transferred to where the App is not installed: ${gone.join(', ')}`,
        'install the App there and put the new name into allow in runners.yml, or take the old one out; then deploy again',
      );
}

function judgeRepositories(all: readonly InstallationFact[], policy: Policy): Verdict {
  const seen = all.flatMap(({ repositories }) => repositories);
  const allowed = policy.allow.repositories;
  const unmet = allowed.filter((pattern) => !seen.some(({ fullName }) => matches(pattern, fullName)));
  const fix = 'add them to the installation (Repository access), or take them out of runners.yml';
  if (unmet.length === allowed.length) return fail(`the App sees none of ${allowed.join(', ')}`, fix);
  if (unmet.length > 0) return warn(`the App does not see ${unmet.join(', ')}`, fix);
  const closed = seen.filter(({ fullName, isPublic }) => isPublic && isClosedPublic(fullName, policy));
  return closed.length === 0
    ? ok(`${seen.length} repositories`)
    : warn(
        `public, and so not served: ${closed.map(({ fullName }) => fullName).join(', ')}`,
        'anyone can open a pull request there: name each that is meant in allow.publicRepositories',
      );
}

function isClosedPublic(fullName: string, policy: Policy): boolean {
  const [owner = '', name = ''] = fullName.split('/');
  return isAllowed({ owner, name }, policy) && !isAllowedPublic({ owner, name }, policy);
}

const matches = (pattern: string, fullName: string): boolean =>
  pattern.endsWith('/*')
    ? fullName.toLowerCase().startsWith(pattern.slice(0, -1))
    : pattern === fullName.toLowerCase();

/** A runner in a group that its repository may not use registers, and never gets a job. */
function judgeGroups({ runnerGroups, installations, policy }: Facts): Verdict {
  if (runnerGroups.kind !== 'read' || installations.kind !== 'read' || policy.kind !== 'read')
    return ok('none');
  for (const { account, name, allowsPublic, repositories } of runnerGroups.value) {
    const served = installations.value
      .filter((installation) => installation.account === account)
      .flatMap((installation) => installation.repositories)
      .filter(({ fullName }) =>
        policy.value.allow.repositories.some((pattern) => matches(pattern, fullName)),
      );
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
  return ok(runnerGroups.value.map(({ name, account }) => `${name} of ${account}`).join(', ') || 'not used');
}
