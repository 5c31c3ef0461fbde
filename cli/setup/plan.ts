import type { Facts } from '../doctor/facts.ts';

/** The next thing to do; running set-up again goes on where it stopped, as all is read from the world. */
export type Step =
  | { readonly kind: 'make-app'; readonly because: string }
  | { readonly kind: 'set-hook'; readonly because: string }
  | { readonly kind: 'install'; readonly slug: string }
  | { readonly kind: 'stuck'; readonly problem: string; readonly fix: string }
  | { readonly kind: 'done'; readonly slug: string };

type Seen = Pick<
  Facts,
  'parameters' | 'privateKey' | 'app' | 'hook' | 'installations' | 'webhookUrl' | 'parameterPath'
>;

/** Pure. */
export function nextStep(seen: Seen): Step {
  const { parameters, privateKey, app, hook, installations, webhookUrl, parameterPath } = seen;
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
  if (installations.kind === 'read' && installations.value.length === 0)
    return { kind: 'install', slug: app.value.slug };
  return { kind: 'done', slug: app.value.slug };
}
