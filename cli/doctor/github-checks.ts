import { type Check, fail, judged, ok, warn } from './checks.ts';
import type { Facts } from './facts.ts';

const REQUIRED = ['app-id', 'private-key', 'webhook-secret'] as const;
/** GitHub refuses a JWT whose times are more than a minute or so off; ours is backdated by one. */
const MOST_SKEW_MS = 45_000;

const settingsOf = ({ app }: Facts): string =>
  app.kind === 'read' ? `the settings of the App ${app.value.slug}` : 'the App’s settings';

/** From the App's parameters to deliveries that arrive. */
export const GITHUB_CHECKS: readonly Check[] = [
  {
    id: 'policy',
    title: 'runners.yml serves somebody',
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
    needs: [],
    judge: ({ parameters, parameterPath }) =>
      judged(
        parameters,
        'may this identity read parameters (ssm:GetParameters) and decrypt them?',
        (names) => {
          const missing = REQUIRED.filter((name) => !names.has(name));
          return missing.length === 0
            ? ok(parameterPath)
            : fail(
                `missing: ${missing.map((name) => `${parameterPath}/${name}`).join(', ')}`,
                'oneshot setup puts them there',
              );
        },
      ),
  },
  {
    id: 'private-key',
    title: 'the private key can be read',
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
    id: 'app',
    title: 'GitHub knows the App by this key',
    needs: ['private-key'],
    judge: ({ app, parameterPath }) =>
      judged(
        app,
        `${parameterPath}/app-id and private-key must be of one App: make a new key in its settings and store it`,
        ({ slug, owner }) => ok(`${slug} of ${owner}`),
      ),
  },
  {
    id: 'clock',
    title: 'this clock and GitHub’s agree',
    needs: ['app'],
    judge: ({ app }) =>
      judged(app, '', ({ clockSkewMs }) =>
        Math.abs(clockSkewMs) <= MOST_SKEW_MS
          ? ok(`${Math.round(clockSkewMs / 1000)} s apart`)
          : warn(`${Math.round(clockSkewMs / 1000)} s apart`, 'set this machine’s clock; Lambda’s is right'),
      ),
  },
  {
    id: 'permissions',
    title: 'the App may do what it must',
    needs: ['app', 'policy'],
    judge: (facts) =>
      judged(facts.app, '', ({ permissions }) => {
        const isByOrganization = facts.policy.kind === 'read' && facts.policy.value.scope === 'organization';
        const needed = {
          [isByOrganization ? 'organization_self_hosted_runners' : 'administration']: 'write',
          actions: 'read',
        };
        const missing = Object.entries(needed).filter(([name, level]) => !has(permissions[name], level));
        return missing.length === 0
          ? ok(Object.keys(needed).join(', '))
          : fail(
              `missing: ${missing.map(([name, level]) => `${name}: ${level}`).join(', ')}`,
              `grant it in ${settingsOf(facts)} (Permissions), and accept it at the installation`,
            );
      }),
  },
  {
    id: 'events',
    title: 'the App gets workflow_job events',
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
    title: 'the App is installed',
    needs: ['app'],
    judge: (facts) =>
      judged(facts.installations, 'is GitHub up (githubstatus.com)?', (installations) => {
        const suspended = installations.filter(({ isSuspended }) => isSuspended);
        if (installations.length === 0)
          return fail('nowhere', `install it: ${settingsOf(facts)}, Install App`);
        return suspended.length > 0
          ? fail(
              `suspended on ${suspended.map(({ account }) => account).join(', ')}`,
              'unsuspend it in the account’s settings, GitHub Apps',
            )
          : ok(installations.map(({ account }) => account).join(', '));
      }),
  },
  {
    id: 'repositories',
    title: 'allowed repositories and the installation meet',
    needs: ['installation', 'policy'],
    judge: ({ installations, policy }) =>
      judged(installations, '', (all) => {
        const seen = all.flatMap(({ repositories }) => repositories.map((name) => name.toLowerCase()));
        const allowed = policy.kind === 'read' ? policy.value.allow.repositories : [];
        const unmet = allowed.filter((pattern) => !seen.some((name) => matches(pattern, name)));
        if (unmet.length < allowed.length && unmet.length === 0) return ok(`${seen.length} repositories`);
        const fix = 'add them to the installation (Repository access), or take them out of runners.yml';
        return unmet.length === allowed.length
          ? fail(`the App sees none of ${allowed.join(', ')}`, fix)
          : warn(`the App does not see ${unmet.join(', ')}`, fix);
      }),
  },
  {
    id: 'runner-group',
    title: 'the runner group is there',
    needs: ['permissions', 'installation'],
    judge: ({ runnerGroup }) =>
      judged(
        runnerGroup,
        'set runnerGroupId in runners.yml to one of the organisation’s (1 is Default), then deploy again',
        (name) => ok(name),
      ),
  },
  {
    id: 'hook',
    title: 'the App’s webhook is this deployment’s',
    needs: ['app'],
    judge: (facts) =>
      judged(
        facts.hook,
        'is the webhook active in the App’s settings?',
        ({ url, contentType, hasSecret }) => {
          if (url !== facts.webhookUrl)
            return fail(`it is ${url || 'not set'}`, `set it to ${facts.webhookUrl} (oneshot setup does)`);
          if (contentType !== 'json')
            return fail(`its content type is ${contentType}`, 'choose application/json');
          return hasSecret ? ok(url) : fail('it has no secret', `set the secret in ${settingsOf(facts)}`);
        },
      ),
  },
  {
    id: 'webhook',
    title: 'the webhook answers',
    needs: [],
    judge: ({ webhookAnswer }) =>
      judged(webhookAnswer, 'is the stack deployed, and is its API there?', ({ status, message }) => {
        // Without a signature: refused, which shows that it is at work.
        if (status === 401) return ok('it refuses a request without a signature');
        const fix =
          status === 503 ? 'see the message; the log of the webhook function has the cause' : 'deploy again';
        return fail(`${status}: ${message}`, fix);
      }),
  },
  {
    id: 'deliveries',
    title: 'deliveries arrive',
    needs: ['hook', 'webhook'],
    judge: ({ deliveries }) => judged(deliveries, 'is GitHub up (githubstatus.com)?', judgeDeliveries),
  },
];

function judgeDeliveries(all: readonly { readonly statusCode: number }[]) {
  const failed = all.filter(({ statusCode }) => statusCode < 200 || statusCode >= 300);
  const [newest] = all;
  if (newest === undefined)
    return warn(
      'none in the last hour',
      'run a workflow; if none comes, is the webhook active in the App’s settings?',
    );
  if (failed.length === 0) return ok(`${all.length} in the last hour, all answered`);
  const codes = [...new Set(failed.map(({ statusCode }) => statusCode))].join(', ');
  const seen = `${failed.length} of ${all.length} in the last hour failed (${codes})`;
  if (failed.includes(newest) && newest.statusCode === 401)
    return fail(
      seen,
      'the App’s webhook secret and the parameter webhook-secret differ: store the one that the App has',
    );
  return failed.includes(newest)
    ? fail(
        seen,
        'the App’s settings, Advanced, show each answer; the log of the webhook function has the cause',
      )
    : warn(seen, 'the newest arrived; the sweep has the others sent again');
}

const has = (granted: string | undefined, level: string): boolean =>
  granted === level || granted === 'write' || granted === 'admin';

const matches = (pattern: string, fullName: string): boolean =>
  pattern.endsWith('/*') ? fullName.startsWith(pattern.slice(0, -1)) : pattern === fullName;
