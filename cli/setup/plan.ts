import { REQUIRED_PARAMETERS } from '../../functions/aws/parameters.ts';
import type { SeenBy } from '../doctor/link.ts';
import { APP } from '../doctor/links/app.ts';
import { HOOK, WEBHOOK_URL } from '../doctor/links/hook.ts';
import { INSTALLATIONS } from '../doctor/links/installation.ts';
import { PARAMETER_PATH, PARAMETERS, storedValue } from '../doctor/links/parameters.ts';
import { PRIVATE_KEY } from '../doctor/links/private-key.ts';

/** The next thing to do; running setup again continues where it stopped, because everything is read from the world. */
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

/** What set-up looks at before each step. */
export const SETUP_READS = {
  parameters: PARAMETERS,
  privateKey: PRIVATE_KEY,
  app: APP,
  hook: HOOK,
  installations: INSTALLATIONS,
  webhookUrl: WEBHOOK_URL,
  parameterPath: PARAMETER_PATH,
  storedAppId: storedValue('app-id'),
};
type Seen = Omit<SeenBy<typeof SETUP_READS>, 'storedAppId'>;

/** What somebody asked for by name, and what is stored of it. */
export interface Wanted {
  /** The account to be served. Otherwise it is the App's owner: a private App can only be installed there. */
  readonly account?: string | undefined;
  readonly appId?: string | undefined;
  readonly storedAppId?: string | undefined;
}

/** Pure. */
export function nextStep(seen: Seen, { account, appId, storedAppId }: Wanted = {}): Step {
  const { parameters, privateKey, app, hook, webhookUrl, parameterPath } = seen;
  if (parameters.kind === 'failed')
    return {
      kind: 'stuck',
      problem: parameters.problem,
      fix: 'allow this identity to read and write parameters of the stage',
    };
  const missing = REQUIRED_PARAMETERS.filter((name) => !parameters.value.has(name));
  if (missing.length > 0)
    return { kind: 'make-app', because: `${missing.join(', ')} not in ${parameterPath}` };
  if (appId !== undefined && appId !== storedAppId)
    return { kind: 'make-app', because: `App ${storedAppId} is stored, and ${appId} is wanted` };
  if (privateKey === 'unreadable' || app.kind === 'failed') {
    const problem =
      app.kind === 'failed'
        ? `GitHub does not accept the stored App: ${app.problem}`
        : 'the stored key is not an RSA key';
    const fix = `delete ${parameterPath}/app-id to start again, or give --app-id and --private-key-file`;
    return appId === undefined ? { kind: 'stuck', problem, fix } : { kind: 'make-app', because: problem };
  }
  if (hook.kind === 'failed' || hook.value.url !== webhookUrl || hook.value.contentType !== 'json')
    return {
      kind: 'set-hook',
      because: hook.kind === 'failed' ? hook.problem : `it is ${hook.value.url || 'not set'}`,
    };
  return installationStep(seen, app.value, account ?? app.value.owner);
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
