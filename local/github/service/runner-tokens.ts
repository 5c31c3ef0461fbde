/** The tokens of runners: who signs with a registration's key is given one (WIRE-10 to WIRE-12). */
import type { Context } from 'hono';
import { verifyJwt } from '../app-auth.ts';
import type { Identifiers } from '../identifiers.ts';
import { authorizationUrl } from '../jit-config.ts';
import type { RunnerRecord } from '../records.ts';
import type { RunnerRegistry } from '../runner-registry.ts';
import { oauthRefusal } from './errors.ts';

const SKEW_SECONDS = 300;
/** In world time (WIRE-44). Nobody watches it (WIRE-11). */
const LIFE_SECONDS = 3_600;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export interface TokenOptions {
  readonly runners: RunnerRegistry;
  readonly ids: Identifiers;
  readonly nowMs: () => number;
  /** The broker's base as it stands in JIT configs, with its trailing slash. */
  readonly serverUrl: () => string;
}

export class RunnerTokens {
  readonly #grants = new Map<string, { readonly runner: RunnerRecord; readonly expiresAtMs: number }>();
  readonly #options: TokenOptions;

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  /** Whose token an `authorization` header has. A removed runner's still tells whose it was. */
  runnerOf(authorization: string | undefined): RunnerRecord | undefined {
    const token = /^bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
    const grant = this.#grants.get(token);
    if (grant !== undefined && grant.expiresAtMs > this.#options.nowMs()) return grant.runner;
    this.#grants.delete(token);
    return undefined;
  }

  /** Answers a request for a token. */
  async answer(c: Context): Promise<Response> {
    const form = new URLSearchParams(await c.req.text());
    if (form.get('grant_type') !== 'client_credentials')
      return oauthRefusal(c, 'unsupported_grant_type', 'The grant type must be client_credentials.');
    if (form.get('client_assertion_type') !== ASSERTION_TYPE)
      return oauthRefusal(c, 'invalid_request', 'The client assertion must be a JWT.');
    const runner = this.#asserted(form.get('client_assertion') ?? '');
    if (runner === undefined || runner.removed)
      return oauthRefusal(c, 'invalid_client', 'The client is unknown, or its assertion is not its own.');
    return c.json(this.#issue(runner));
  }

  #issue(runner: RunnerRecord) {
    const { ids, nowMs } = this.#options;
    const token = `brk_${ids.word(40)}`;
    this.#grants.set(token, { runner, expiresAtMs: nowMs() + LIFE_SECONDS * 1000 });
    return { access_token: token, token_type: 'bearer', expires_in: LIFE_SECONDS };
  }

  /** The runner whose private key signed the assertion. */
  #asserted(assertion: string): RunnerRecord | undefined {
    const { runners, nowMs, serverUrl } = this.#options;
    const runner = runners.byClient(claimedClient(assertion));
    const jwt = runner === undefined ? undefined : verifyJwt(assertion, runner.publicKey);
    if (runner === undefined || jwt === undefined) return undefined;
    const { iss, sub, aud } = jwt.claims;
    const isRight = iss === runner.clientId && sub === iss && aud === authorizationUrl(serverUrl());
    // Tasks live in real time or in the world's: fresh by either is fresh.
    const isFresh = [nowMs(), Date.now()].some((ms) => isValidAt(jwt.claims, ms / 1000));
    return isRight && isFresh ? runner : undefined;
  }
}

function isValidAt({ nbf = 0, exp }: Readonly<Record<string, unknown>>, seconds: number): boolean {
  return Number(exp) + SKEW_SECONDS > seconds && Number(nbf) - SKEW_SECONDS <= seconds;
}

function claimedClient(assertion: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString());
    return String(Object(claims).iss);
  } catch {
    return '';
  }
}
