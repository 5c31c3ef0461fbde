import { createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { UnreadableKeyError } from './faults.ts';

/** Ten minutes at most (docs.github.com: Generating a JWT for a GitHub App); a minute is spent on clock drift. */
const LIFETIME_SECONDS = 9 * 60;
const BACKDATED_SECONDS = 60;

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new UnreadableKeyError(error);
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Makes the App's JWTs. Ours and not auth-app's, for the `jti`: two callers in one second otherwise present the
 * same token, which GitHub has answered with 404 (terraform-aws-github-runner#5025).
 * `timeDifference` is what auth-app measured between GitHub's clock and ours, in seconds.
 */
export function createAppJwt(privateKey: string) {
  let key: KeyObject | undefined;
  return async (appId: string | number, timeDifference = 0): Promise<{ jwt: string; expiresAt: string }> => {
    key ??= readKey(privateKey);
    const nowSeconds = Math.floor(Date.now() / 1000) + timeDifference;
    const expires = nowSeconds + LIFETIME_SECONDS;
    const claims = {
      iss: String(appId),
      iat: nowSeconds - BACKDATED_SECONDS,
      exp: expires,
      jti: randomUUID(),
    };
    const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
    const signature = sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url');
    return { jwt: `${unsigned}.${signature}`, expiresAt: new Date(expires * 1000).toISOString() };
  };
}
