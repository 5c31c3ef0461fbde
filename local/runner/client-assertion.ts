import { randomUUID, sign } from 'node:crypto';
import type { RunnerConfig } from './jit-config.ts';

/**
 * A token for the assertion that a listener's RSA key makes (WIRE-10). `refused`: the registration was deleted. The error
 * is read of a 400 alone; after any other the call goes out without a token (WIRE-12).
 */
export async function runnerToken(config: RunnerConfig): Promise<string> {
  const answer = await fetch(config.oauthEndpointUrl ?? config.authorizationUrl, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion(config),
    }),
  });
  const body = (await answer.json().catch(() => ({}))) as { access_token?: string; error?: string };
  if (answer.status === 400 && body.error === 'invalid_client') return 'refused';
  return body.access_token ?? '';
}

function assertion({ clientId, authorizationUrl, key }: RunnerConfig): string {
  const seconds = Math.floor(Date.now() / 1000);
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: authorizationUrl,
    nbf: seconds,
    exp: seconds + 300,
    jti: randomUUID(),
  };
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url')}`;
}
