import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { ConfigurationError } from '../core/words/errors.ts';
import { callNamed } from './sdk-failure.ts';

/** What the App is to GitHub. Kept in SecureStrings under the stack's own key. */
export interface GitHubParameters {
  readonly appId: string;
  readonly privateKey: string;
  /** The webhook secret, and during a rotation the one before it. */
  readonly webhookSecrets: readonly [string, ...string[]];
}

/** How long one read serves every delivery. A changed parameter is seen after that, or at once by `refresh`. */
const LIFETIME_MS = 5 * 60_000;
/** How often forged deliveries can make us read the parameters again: SSM allows 40 calls a second to all. */
const REFRESH_AT_MOST_EVERY_MS = 60_000;

export interface ParameterStore {
  get(): Promise<GitHubParameters>;
  /** Reads again, in case a secret was rotated; resolves with false when the last read is too recent for that. */
  refresh(): Promise<boolean>;
}

/** `path` is `/oneshot/{stage}/github`. `now` returns epoch milliseconds. One call reads all the parameters. */
export function createParameterStore(client: SSMClient, path: string, now: () => number): ParameterStore {
  let held: { readonly value: GitHubParameters; readonly readAtMs: number } | undefined;
  const read = async (): Promise<GitHubParameters> => {
    const value = await readParameters(client, path);
    // The same object for the same values: the App and its tokens are kept for as long as it is.
    const isSame = held !== undefined && JSON.stringify(held.value) === JSON.stringify(value);
    held = { value: held !== undefined && isSame ? held.value : value, readAtMs: now() };
    return held.value;
  };
  const ageMs = () => (held === undefined ? Number.POSITIVE_INFINITY : now() - held.readAtMs);
  return {
    get: async () => (held !== undefined && ageMs() < LIFETIME_MS ? held.value : read()),
    async refresh() {
      if (ageMs() < REFRESH_AT_MOST_EVERY_MS) return false;
      await read();
      return true;
    },
  };
}

export const REQUIRED_PARAMETERS = ['app-id', 'private-key', 'webhook-secret'] as const;
const NAMES = [...REQUIRED_PARAMETERS, 'webhook-secret-previous'] as const;

/** What is stored below a path, by name; what is empty is left out. Throws ServiceError. */
export async function readStored(client: SSMClient, path: string): Promise<ReadonlyMap<string, string>> {
  const command = new GetParametersCommand({
    Names: NAMES.map((name) => `${path}/${name}`),
    WithDecryption: true,
  });
  const { Parameters = [] } = await callNamed('ssm', 'GetParameters', () => client.send(command));
  const values = Parameters.map(
    ({ Name = '', Value = '' }) => [Name.slice(path.length + 1), Value.trim()] as const,
  );
  return new Map(values.filter(([, value]) => value !== ''));
}

async function readParameters(client: SSMClient, path: string): Promise<GitHubParameters> {
  const values = await readStored(client, path);
  const missing = REQUIRED_PARAMETERS.filter((name) => !values.has(name));
  if (missing.length > 0)
    throw new ConfigurationError(
      'The GitHub App',
      missing.map(
        (name) =>
          `parameter ${path}/${name} is missing or empty: oneshot setup puts it there, or you by hand (docs/deploy.md)`,
      ),
    );
  const text = (name: (typeof NAMES)[number]): string => values.get(name) ?? '';
  const previous = text('webhook-secret-previous');
  return {
    appId: text('app-id'),
    privateKey: text('private-key'),
    webhookSecrets: [text('webhook-secret'), ...(previous === '' ? [] : [previous])],
  };
}
