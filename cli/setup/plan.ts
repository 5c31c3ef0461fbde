import type { Facts } from '../doctor/facts.ts';

/** The next thing to do; running set-up again goes on where it stopped, as all is read from the world. */
export type Step =
  | { readonly kind: 'make-app'; readonly because: string }
  | { readonly kind: 'set-hook'; readonly because: string }
  | { readonly kind: 'install'; readonly slug: string; readonly path: string; readonly account: string }
  | { readonly kind: 'stuck'; readonly problem: string; readonly fix: string }
  | {
      readonly kind: 'done';
      readonly slug: string;
      readonly account: string;
      readonly isOrganization: boolean;
    };

type Seen = Pick<
  Facts,
  'parameters' | 'privateKey' | 'app' | 'hook' | 'installations' | 'webhookUrl' | 'parameterPath'
>;

/**
 * Pure. `wanted` is the account that is to be served, where somebody named one: else the App's owner, as a private App can
 * be installed nowhere else.
 */
export function nextStep(seen: Seen, wanted?: string): Step {
  const { parameters, privateKey, app, hook, webhookUrl, parameterPath } = seen;
  if (parameters.kind === 'failed')
    return {
      kind: 'stuck',
      problem: parameters.problem,
      fix: 'this identity must read and write parameters of the stage',
    };
  const missing = ['app-id', 'private-key', 'webhook-secret'].filter((name) => !parameters.value.has(name));
  if (missing.length > 0)
    return { kind: 'make-app', because: `${missing.join(', ')} not in ${parameterPath}` };
  if (privateKey === 'unreadable' || app.kind === 'failed')
    return {
      kind: 'stuck',
      problem:
        app.kind === 'failed'
          ? `GitHub does not take the stored App: ${app.problem}`
          : 'the stored key is no RSA key',
      fix: `delete ${parameterPath}/app-id to begin anew, or give --app-id and --private-key-file`,
    };
  if (hook.kind === 'failed' || hook.value.url !== webhookUrl || hook.value.contentType !== 'json')
    return {
      kind: 'set-hook',
      because: hook.kind === 'failed' ? hook.problem : `it is ${hook.value.url || 'not set'}`,
    };
  return installationStep(seen, app.value, wanted ?? app.value.owner);
}

interface App {
  readonly slug: string;
  readonly path: string;
}

function installationStep({ installations }: Seen, { slug, path }: App, account: string): Step {
  if (installations.kind === 'failed')
    return { kind: 'stuck', problem: installations.problem, fix: 'run the same command again' };
  const there = installations.value.find((one) => isSameAccount(one.account, account));
  if (there === undefined) return { kind: 'install', slug, path, account };
  if (there.isSuspended)
    return {
      kind: 'stuck',
      problem: `the installation of ${slug} on ${account} is suspended`,
      fix: `let an owner of ${account} unsuspend it: Settings, GitHub Apps, Configure`,
    };
  return { kind: 'done', slug, account: there.account, isOrganization: there.isOrganization };
}

/** GitHub keeps the case of a login and does not look at it. */
export const isSameAccount = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
