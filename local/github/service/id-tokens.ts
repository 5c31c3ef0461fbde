/**
 * ID tokens (docs.github.com: OpenID Connect reference): what a job shows to a cloud. Issued as Enterprise Server does,
 * below `/_services/token`, with a key of this world.
 */
import { type Context, Hono } from 'hono';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { JobRecord } from '../records.ts';
import { PATHS } from './addresses.ts';
import { ID_CLAIMS, idClaims, mayHaveIdToken } from './id-claims.ts';
import { callerOf, refuse, type TokenReader, unauthenticated } from './job-call.ts';

export interface IdTokenOptions {
  readonly tokens: TokenReader;
  /** The server's address, without a slash at its end. */
  readonly url: () => string;
  /** When it is, for those who read the tokens. */
  readonly nowMs?: () => number;
}

/** docs.github.com: the example lives for five minutes, and is valid ten minutes before it was made. */
const LIFE_SECONDS = 300;
const EARLY_SECONDS = 600;

interface SigningKey {
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  readonly jwk: JWK & { readonly kid: string };
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey, jwk: { ...jwk, kid, alg: 'RS256', use: 'sig' } };
}

export function createIdTokens({ tokens, url, nowMs = Date.now }: IdTokenOptions): Hono {
  // Made when it is asked for: most worlds never do.
  let made: Promise<SigningKey> | undefined;
  const key = () => (made ??= makeKey());
  const issuer = () => `${url()}${PATHS.issuer}`;
  const routes = new Hono();
  routes.get('/.well-known/openid-configuration', (c) => c.json(configuration(issuer())));
  routes.get('/.well-known/jwks', async (c) => c.json({ keys: [(await key()).jwk] }));
  routes.get('/idtoken', async (c) => {
    const job = callerOf(tokens, c);
    if (job === undefined) return unauthenticated(c);
    if (!mayHaveIdToken(job) || job.status !== 'in_progress')
      return refuse(
        c,
        403,
        'permission_denied',
        'A running job whose workflow grants id-token: write may ask.',
      );
    return c.json({ value: await sign(await key(), job, audienceOf(c), issuer(), url(), nowMs()) });
  });
  return routes;
}

const audienceOf = (c: Context): string | undefined => c.req.query('audience') || undefined;

async function sign(
  { privateKey, jwk }: SigningKey,
  job: JobRecord,
  audience: string | undefined,
  issuer: string,
  server: string,
  nowMs: number,
): Promise<string> {
  const { owner } = job.run.installation;
  const seconds = Math.floor(nowMs / 1000);
  return new SignJWT(idClaims(job, server))
    .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: jwk.kid })
    .setIssuer(issuer)
    .setAudience(audience ?? `${server}/${owner.login}`)
    .setJti(crypto.randomUUID())
    .setIssuedAt(seconds)
    .setNotBefore(seconds - EARLY_SECONDS)
    .setExpirationTime(seconds + LIFE_SECONDS)
    .sign(privateKey);
}

const configuration = (issuer: string) => ({
  issuer,
  jwks_uri: `${issuer}/.well-known/jwks`,
  subject_types_supported: ['public', 'pairwise'],
  response_types_supported: ['id_token'],
  claims_supported: ['sub', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', ...ID_CLAIMS, 'environment'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid'],
});
