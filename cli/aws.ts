import { STSClient } from '@aws-sdk/client-sts';
import { CliError, EXIT } from './errors.ts';

/** The region that the SDK's client would ask. Throws CliError where none is set. */
export function requireRegion(client: {
  readonly config: { readonly region: () => Promise<string> };
}): Promise<string> {
  return client.config.region().catch((cause: unknown) => {
    throw new CliError(
      'no AWS region is set',
      'give --region, set AWS_REGION, or keep it for this folder: oneshot use STAGE --region REGION',
      EXIT.usage,
      cause,
    );
  });
}

/** The region that is chosen, or the one that the SDK finds. Throws CliError where there is none. */
export const regionOf = async ({ region }: { readonly region: string | undefined }): Promise<string> =>
  region ?? requireRegion(new STSClient({}));

/** AWS or GitHub knows who asks, and says no. */
export const DENIED =
  /AccessDenied|not authorized|UnauthorizedOperation|Resource not accessible by integration/i;
/** AWS does not know who asks. */
export const SIGNED_OUT = /ExpiredToken|Credentials|InvalidClientTokenId|UnrecognizedClient|security token/i;

const FIX = 'check the network, any proxy, and what this identity may do, then try again';

/** What is wrong where AWS did not do what was asked of it, in words. */
export function awsError(cause: unknown, problem: string): CliError {
  const { name = '', message = '' } = cause as Partial<Error>;
  if (SIGNED_OUT.test(name + message))
    return new CliError(
      'AWS gave no credentials to this shell',
      'sign in (aws sso login, or AWS_PROFILE), then try again',
      EXIT.unreachable,
      cause,
    );
  return new CliError(`${problem}: ${message}`, FIX, EXIT.unreachable, cause);
}
