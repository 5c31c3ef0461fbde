/** Who calls: the App by its JWT, or an installation by its token. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { WorldClock } from '../world/clock.ts';
import type { Accounts } from './accounts.ts';
import { ApiError, badCredentials, suspended } from './api-error.ts';
import type { AppRegistration, Installation, Permissions } from './types.ts';

/** docs.github.com: Generating a JSON Web Token for a GitHub App: at most 10 minutes ahead. */
const MAXIMUM_LIFE_SECONDS = 600;
/** A clock that is fast by this much still passes. */
const FUTURE_SECONDS = 60;
/** docs.github.com: an installation access token expires after one hour. */
const TOKEN_LIFE_MS = 3_600_000;

export interface Jwt {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
}

const decodePart = (part: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  return { ...value };
};

/** The claims of a JWT signed with RS256 by this key; undefined for any other text. */
export function verifyJwt(token: string, key: KeyObject): Jwt | undefined {
  const [header, claims, signature, ...rest] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined || rest.length > 0)
    return undefined;
  try {
    const jwt = { header: decodePart(header), claims: decodePart(claims) };
    const signed = Buffer.from(`${header}.${claims}`);
    const authentic = verify('sha256', signed, key, Buffer.from(signature, 'base64url'));
    return authentic && jwt.header['alg'] === 'RS256' ? jwt : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a token names this App. An unreadable one counts as naming it. */
function isOf(appId: number, token: string): boolean {
  try {
    return String(decodePart(token.split('.')[1] ?? '')['iss']) === String(appId);
  } catch {
    return true;
  }
}

/** What is wrong with the dates of a JWT at `nowSeconds`, in GitHub's words; undefined when they are right. */
function dateProblem(claims: Jwt['claims'], nowSeconds: number): string | undefined {
  const { iat, exp } = claims;
  if (typeof iat !== 'number' || !Number.isInteger(iat) || iat > nowSeconds + FUTURE_SECONDS)
    return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
  if (typeof exp !== 'number' || exp <= nowSeconds)
    return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  const tooFar = exp > nowSeconds + MAXIMUM_LIFE_SECONDS;
  return tooFar ? "'Expiration time' claim ('exp') is too far in the future" : undefined;
}

interface Grant {
  readonly installationId: number;
  readonly permissions: Permissions;
  /** Of the repositories it is restricted to; null: all of the installation. */
  readonly repositoryIds: readonly number[] | null;
  readonly expiresAtMs: number;
}

/** A token's grant, with the installation as it is now. */
export interface InstallationToken extends Grant {
  readonly installation: Installation;
}

export interface AppAuth {
  /** Throws unless the header carries a valid JWT of the App. */
  verifyApp(authorization: string | undefined): void;
  /** Throws unless the header carries a token that still lives. */
  verifyInstallation(authorization: string | undefined): InstallationToken;
  /** Keeps a new token; only its digest is stored. */
  keep(token: string, grant: Grant): void;
  /** Ends a token before its hour; without one, all tokens of the installation. */
  revoke(which: { readonly authorization: string } | { readonly installationId: number }): void;
}

const bearer = (authorization: string | undefined): string => {
  const [, token] = /^(?:bearer|token) (\S+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined) throw new ApiError(401, 'Requires authentication');
  return token;
};

const digest = (token: string) => createHash('sha256').update(token).digest('base64');

export const tokenExpiry = (clock: WorldClock): number => clock.nowMs() + TOKEN_LIFE_MS;

export function createAppAuth(app: AppRegistration, clock: WorldClock, accounts: Accounts): AppAuth {
  let key: { readonly pem: string; readonly object: KeyObject } | undefined;
  /** An App that is created again has another key. */
  const currentKey = (): KeyObject => {
    const pem = app.publicKeyPem;
    if (key?.pem !== pem) key = { pem, object: createPublicKey(pem) };
    return key.object;
  };
  const grants = new Map<string, Grant>();
  return {
    verifyApp(authorization) {
      const token = bearer(authorization);
      // GitHub finds the App by `iss`, and verifies with that App's keys (octokit/auth-app.js#375).
      if (!isOf(app.id, token)) throw new ApiError(404, 'Integration not found');
      const jwt = verifyJwt(token, currentKey());
      if (jwt === undefined) throw new ApiError(401, 'A JSON web token could not be decoded');
      // Lambdas live in world time, tasks and people in real time: fresh by either clock is fresh.
      const problems = [clock.nowMs(), Date.now()].map((ms) =>
        dateProblem(jwt.claims, Math.floor(ms / 1000)),
      );
      const [problem] = problems;
      if (problem !== undefined && !problems.includes(undefined)) throw new ApiError(401, problem);
    },
    verifyInstallation(authorization) {
      const grant = grants.get(digest(bearer(authorization)));
      if (grant === undefined || grant.expiresAtMs <= clock.nowMs()) throw badCredentials();
      const installation = accounts.installation(grant.installationId);
      if (installation === undefined) throw badCredentials();
      if (installation.isSuspended) throw suspended();
      return { ...grant, installation };
    },
    keep: (token, grant) => void grants.set(digest(token), grant),
    revoke(which) {
      if ('authorization' in which) grants.delete(digest(bearer(which.authorization)));
      else
        for (const [key, { installationId }] of grants)
          if (installationId === which.installationId) grants.delete(key);
    },
  };
}
