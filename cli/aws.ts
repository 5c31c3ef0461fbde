import { STSClient } from '@aws-sdk/client-sts';
import { CliError, EXIT } from './errors.ts';
import { guessRegion, isRegionName } from './regions.ts';

/** What an AWS client is made with. */
export interface AwsConfig {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler?: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/** By default the SDK waits for a connection as long as the kernel does: two minutes, three times. Milliseconds. */
const PATIENCE = { connectionTimeout: 5_000, requestTimeout: 60_000 } as const;

/** For the account of this shell; the region is the SDK's to find where none is given. */
export const awsConfig = (region: string | undefined): AwsConfig => ({
  ...(region !== undefined && { region }),
  requestHandler: PATIENCE,
});

/** The region that the SDK's client would ask. Throws CliError where none is set, or what is set is not a region. */
export async function requireRegion(client: {
  readonly config: { readonly region: () => Promise<string> };
}): Promise<string> {
  const region = await client.config.region().catch((cause: unknown) => {
    throw new CliError(
      `no AWS region is set${ofProfile()}`,
      'give --region, set AWS_REGION, or keep it for this folder: oneshot use STAGE --region REGION',
      EXIT.usage,
      cause,
    );
  });
  return checkRegion(region);
}

/** Throws CliError for what cannot be a region: DNS would only say that there is no such host. */
export function checkRegion(region: string): string {
  if (isRegionName(region)) return region;
  throw new CliError(
    `${JSON.stringify(region)} is not an AWS region`,
    `give one like eu-central-1 by --region or AWS_REGION${guessRegion(region)}`,
    EXIT.usage,
  );
}

/** The region that is chosen, or the one that the SDK finds. Throws CliError where there is none. */
export const regionOf = async ({ region }: { readonly region: string | undefined }): Promise<string> =>
  region === undefined ? requireRegion(new STSClient({})) : checkRegion(region);

/** AWS or GitHub knows who asks, and says no. */
export const DENIED =
  /AccessDenied|not authorized|UnauthorizedOperation|Resource not accessible by integration/i;
const EXPIRED = /Expired|has expired|Token is expired|refresh this SSO session/i;
const NOT_KNOWN = /InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure|security token/i;
const NO_CREDENTIALS = /Credentials|TokenProviderError/i;
/** AWS does not know who asks. */
export const SIGNED_OUT = new RegExp(
  [EXPIRED, NOT_KNOWN, NO_CREDENTIALS].map(({ source }) => source).join('|'),
  'i',
);
/** No answer: codes of Node's, and what the SDK calls them. */
const UNREACHED =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPROTO|TimeoutError|socket hang up|CERT|certificate/i;

/** Whether the SDK threw it. */
export function isAwsError(error: unknown): boolean {
  const { name = '', $metadata } = Object(error) as { name?: string; $metadata?: unknown };
  return $metadata !== undefined || /^(TimeoutError|CredentialsProviderError|TokenProviderError)$/.test(name);
}

/** What is wrong where AWS did not do what was asked of it, in words; `problem` is what was asked. */
export function awsError(cause: unknown, problem: string): CliError {
  return toAwsError(cause, `${problem}: ${textOf(cause)}`);
}

/** The same, where what was asked is known only from the error. */
export function toAwsError(cause: unknown, told = `AWS: ${textOf(cause)}`): CliError {
  const said = textOf(cause);
  const [message, fix] = signIn(said) ?? [told, fixOf(cause, said)];
  return new CliError(message, fix, EXIT.unreachable, cause);
}

function signIn(said: string): readonly [message: string, fix: string] | undefined {
  const fix = 'sign in (aws sso login, or AWS_PROFILE), then try again';
  if (EXPIRED.test(said)) return [`the AWS credentials of this shell have expired${ofProfile()}`, fix];
  if (NOT_KNOWN.test(said)) return [`AWS does not know the credentials of this shell${ofProfile()}`, fix];
  if (!NO_CREDENTIALS.test(said)) return undefined;
  if (!process.env['AWS_PROFILE']) return ['AWS gave no credentials to this shell', fix];
  return [
    `there are no AWS credentials${ofProfile()}`,
    'aws configure list-profiles shows which profiles there are; for one of SSO, aws sso login --profile NAME',
  ];
}

/** A profile that is not there looks like one without region and credentials: the SDK names it in neither. */
const ofProfile = (): string => {
  const name = process.env['AWS_PROFILE'];
  return name ? ` (profile ${name})` : '';
};

function fixOf(cause: unknown, said: string): string {
  if (DENIED.test(said)) return 'allow this identity what the message names, or use another (AWS_PROFILE)';
  if (UNREACHED.test(said)) return `check the network and any proxy, then try again${ofHost(cause)}`;
  return 'run oneshot doctor: it checks every link of the chain';
}

/** A region that has a name as of a region, and does not exist: its hosts are not found. */
function ofHost(cause: unknown): string {
  const { hostname = '' } = Object(cause) as { hostname?: string };
  const region = /\.([a-z]{2,}-[a-z-]+-\d)\.amazonaws\./.exec(hostname)?.[1];
  const guess = region === undefined ? '' : guessRegion(region);
  return region === undefined ? '' : `; check that there is a region ${region}${guess}`;
}

function textOf(cause: unknown): string {
  const { name = '', message = '', code = '' } = Object(cause) as NodeJS.ErrnoException;
  const kind = name === 'Error' ? code : name;
  return message.includes(kind) ? message : `${kind}: ${message}`;
}
