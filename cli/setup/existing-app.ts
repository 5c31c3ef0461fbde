import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ServiceError } from '../../functions/core/words/errors.ts';
import { createGitHubApp } from '../../functions/github/app.ts';
import { named } from '../../functions/github/errors.ts';
import { CliError, EXIT } from '../errors.ts';
import type { AppSecrets } from './apply.ts';

export interface ExistingApp {
  readonly appId: string;
  readonly privateKeyFile: string;
  readonly webhookSecret: string;
  readonly apiUrl: string;
}

/** A key of another App, or no such App. */
const REFUSED: readonly number[] = [401, 404];

/** An App that is there already, once GitHub takes its key: nothing is stored before. Throws CliError, ServiceError. */
export async function readExisting(given: ExistingApp): Promise<AppSecrets> {
  const { appId, privateKeyFile, webhookSecret, apiUrl } = given;
  if (!/^\d{1,12}$/.test(appId))
    throw new CliError(`${appId} is not an App id`, 'give the number on the App’s settings page', EXIT.usage);
  const privateKey = await readKey(privateKeyFile);
  const { asApp } = createGitHubApp({ appId, privateKey, apiUrl });
  await named('get the App', () => asApp.request('GET /app')).catch((cause: unknown) => {
    const isRefused = cause instanceof ServiceError && REFUSED.includes(cause.facts.status ?? 0);
    if (!isRefused) throw cause;
    throw new CliError(
      `GitHub does not accept this key for App ${appId}`,
      'give the id and a private key of the same App, from its settings page',
      EXIT.usage,
      cause,
    );
  });
  return { appId, privateKey, webhookSecret };
}

async function readKey(file: string): Promise<string> {
  const fix = 'give the .pem file that GitHub made: it begins with -----BEGIN RSA PRIVATE KEY-----';
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new CliError(`${file} cannot be read: ${cause.code}`, fix, EXIT.usage, cause);
  });
  if (!isRsaKey(text)) throw new CliError(`${file} holds no RSA private key`, fix, EXIT.usage);
  return text;
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
