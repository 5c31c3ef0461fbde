import { PutParameterCommand } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import type { Deployment } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';

/** What GitHub says of an App that was made (docs.github.com, Create a GitHub App from a manifest). */
const CONVERSION = v.object({
  id: v.number(),
  slug: v.string(),
  pem: v.string(),
  webhook_secret: v.string(),
});

export interface AppSecrets {
  readonly appId: string;
  readonly privateKey: string;
  readonly webhookSecret: string;
}

/** Making an App is one of GitHub's slower answers; a proxy that swallows the request is slower still. */
const CONVERSION_MS = 30_000;

/** Redeems GitHub's code, which is good once and for an hour. The answer is secret and goes nowhere but to the caller. */
export async function redeem(
  apiUrl: string,
  code: string,
  mostMs = CONVERSION_MS,
): Promise<AppSecrets & { readonly slug: string }> {
  const lost = (what: string, cause?: unknown) =>
    new CliError(
      `GitHub did not hand the App over: ${what}`,
      'delete the App in its settings if it exists, then run oneshot setup again',
      EXIT.unreachable,
      cause,
    );
  const url = `${apiUrl}/app-manifests/${encodeURIComponent(code)}/conversions`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json', 'user-agent': 'oneshot' },
    signal: AbortSignal.timeout(mostMs),
  }).catch((cause: unknown) => {
    throw lost(`no answer from ${new URL(url).host} within ${mostMs / 1000} s`, cause);
  });
  const made = answer.ok ? v.safeParse(CONVERSION, await answer.json().catch(() => undefined)) : undefined;
  if (!made?.success)
    throw lost(`status ${answer.status}${answer.ok ? ' without the fields of an App' : ''}`);
  const { id, slug, pem, webhook_secret } = made.output;
  return { appId: String(id), privateKey: pem, webhookSecret: webhook_secret, slug };
}

type Store = Pick<Deployment, 'ssm' | 'parameterPath' | 'stack'>;

/** The App's id last, as its presence says that all are there. */
export async function store(deployment: Store, secrets: AppSecrets): Promise<void> {
  const values = {
    'private-key': secrets.privateKey,
    'webhook-secret': secrets.webhookSecret,
    'app-id': secrets.appId,
  };
  for (const [name, value] of Object.entries(values)) await putSecret(deployment, name, value);
}

/** Under the stack's own key. */
export async function putSecret({ ssm, parameterPath, stack }: Store, name: string, Value: string) {
  await ssm.send(
    new PutParameterCommand({
      Name: `${parameterPath}/${name}`,
      Value,
      Type: 'SecureString',
      Overwrite: true,
      KeyId: `alias/${stack}`,
    }),
  );
}

/** Points the App's webhook here, with the secret that is stored. */
export async function setHook(deployment: Deployment): Promise<void> {
  const { webhookSecrets } = await deployment.parameters.get();
  const { asApp } = await deployment.github();
  // As `data`: a parameter of Octokit's that is called `url` would be the address of the request.
  const data = {
    url: deployment.webhookUrl,
    content_type: 'json',
    secret: webhookSecrets[0],
    insecure_ssl: '0',
  };
  await asApp.request('PATCH /app/hook/config', { data });
}
