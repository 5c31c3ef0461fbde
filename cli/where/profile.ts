import { loadSharedConfigFiles } from '@smithy/core/config';
import { didYouMean } from '../../functions/did-you-mean.ts';
import { CliError, EXIT } from '../errors.ts';

/** Sections of `~/.aws/config` that are not profiles (AWS SDKs and Tools reference, shared config file). */
const NOT_A_PROFILE = /^(sso-session|services)\./;

/** The profiles of this machine, from both of AWS's files. */
async function listProfiles(): Promise<string[]> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const names = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
  return [...new Set(names)].filter((name) => !NOT_A_PROFILE.test(name)).toSorted();
}

/** Throws CliError where there is no such profile, with those that there are. */
export async function requireProfile(name: string): Promise<void> {
  const profiles = await listProfiles();
  if (profiles.includes(name)) return;
  throw new CliError(
    `there is no profile ${name} in ~/.aws/config${didYouMean(name, profiles)}`,
    profiles.length === 0
      ? 'there are no profiles yet: make one (aws configure sso), or sign in by the environment'
      : `choose one that is there (${profiles.join(', ')}), or make it (aws configure sso --profile ${name})`,
    EXIT.usage,
  );
}

/** Credentials that the SDK takes from the environment: keys, a web identity, a container's role. */
const CREDENTIALS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
];

export const hasCredentials = (env: NodeJS.ProcessEnv): boolean => CREDENTIALS.some((name) => env[name]);

/**
 * From here on this process, its SDK clients, osls and the AWS CLI ask as the profile. Keys in the environment would win
 * over it in some of them.
 */
export function actAs(profile: string, env: NodeJS.ProcessEnv): void {
  env['AWS_PROFILE'] = profile;
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete env[name];
}
