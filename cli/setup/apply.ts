import { readFile } from 'node:fs/promises';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { CliError, EXIT } from '../errors.ts';
import type { Installation } from '../installation.ts';

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

/** Redeems GitHub's code, which is good once and for an hour. The answer is secret and goes nowhere but to the caller. */
export async function redeem(apiUrl: string, code: string): Promise<AppSecrets & { readonly slug: string }> {
  const answer = await fetch(`${apiUrl}/app-manifests/${encodeURIComponent(code)}/conversions`, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json', 'user-agent': 'oneshot' },
  });
  const made = answer.ok ? v.safeParse(CONVERSION, await answer.json()) : undefined;
  if (!made?.success)
    throw new CliError(
      `GitHub did not hand the App over (status ${answer.status})`,
      'delete the App in its settings if it is there, then run oneshot setup again',
      EXIT.unreachable,
    );
  const { id, slug, pem, webhook_secret } = made.output;
  return { appId: String(id), privateKey: pem, webhookSecret: webhook_secret, slug };
}

/** An App that is there already. */
export async function readExisting(
  appId: string,
  privateKeyFile: string,
  webhookSecret: string,
): Promise<AppSecrets> {
  const privateKey = await readFile(privateKeyFile, 'utf8').catch((cause: unknown) => {
    throw new CliError(
      `${privateKeyFile} cannot be read`,
      'give the .pem file that GitHub made',
      EXIT.usage,
      cause,
    );
  });
  return { appId, privateKey, webhookSecret };
}

/** Under the stack's own key; the App's id last, as its presence says that all are there. */
export async function store(
  { ssm, parameterPath, stack }: Pick<Installation, 'ssm' | 'parameterPath' | 'stack'>,
  secrets: AppSecrets,
): Promise<void> {
  const values = {
    'private-key': secrets.privateKey,
    'webhook-secret': secrets.webhookSecret,
    'app-id': secrets.appId,
  };
  for (const [name, Value] of Object.entries(values))
    await ssm.send(
      new PutParameterCommand({
        ...{ Name: `${parameterPath}/${name}`, Value, Type: 'SecureString', Overwrite: true },
        KeyId: `alias/${stack}`,
      }),
    );
}

/** Points the App's webhook here, with the secret that is stored. */
export async function setHook(place: Installation): Promise<void> {
  const { webhookSecrets } = await place.parameters.get();
  const { asApp } = await place.github();
  // As `data`: a parameter of Octokit's that is called `url` would be the address of the request.
  const data = { url: place.webhookUrl, content_type: 'json', secret: webhookSecrets[0], insecure_ssl: '0' };
  await asApp.request('PATCH /app/hook/config', { data });
}
