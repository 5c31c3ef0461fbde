import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/core';
import { RequestError } from '@octokit/request-error';
import type { Account } from '../core/ports.ts';
import { createAppJwt } from './app-jwt.ts';

export interface AppCredentials {
  readonly appId: string;
  readonly privateKey: string;
  /** `https://api.github.com`, or `https://HOST/api/v3` on GitHub Enterprise Server. */
  readonly apiUrl: string;
}

/** GitHub as the App and as its installations. One per process: it holds the tokens for as long as they are valid. */
export interface GitHubApp {
  /** Authenticated as the App itself, for `/app/...`. */
  readonly asApp: Octokit;
  /** Runs `call` with the token of the account's installation, which is minted when there is no valid one. */
  asInstallation<T>(account: Account, call: (octokit: Octokit) => Promise<T>): Promise<T>;
  /** Calls that GitHub's last answer to an installation left of its hour; `undefined` before there was one. */
  rateLimitRemaining(): number | undefined;
}

export function createGitHubApp({ appId, privateKey, apiUrl }: AppCredentials): GitHubApp {
  const common = { baseUrl: apiUrl, userAgent: 'oneshot', authStrategy: createAppAuth };
  const createJwt = createAppJwt(privateKey);
  const asApp = new Octokit({ ...common, auth: { appId, createJwt } });
  const installations = new Map<number, Octokit>();
  const idsByOwner = new Map<string, number>();

  let remaining: number | undefined;
  /** Runner registrations have an hour of their own, ten times as large: what runs out is `core`. */
  const watched = (octokit: Octokit): Octokit => {
    octokit.hook.after('request', ({ headers }) => {
      if (headers['x-ratelimit-resource'] === 'core') remaining = Number(headers['x-ratelimit-remaining']);
    });
    return octokit;
  };

  const client = (installationId: number): Octokit => {
    const known = installations.get(installationId);
    const octokit = known ?? watched(new Octokit({ ...common, auth: { appId, createJwt, installationId } }));
    installations.set(installationId, octokit);
    return octokit;
  };
  const lookUp = async ({ owner, ownerType }: Account): Promise<number> => {
    const route =
      ownerType === 'Organization' ? 'GET /orgs/{owner}/installation' : 'GET /users/{owner}/installation';
    const { data } = await asApp.request(route, { owner });
    idsByOwner.set(owner, data.id);
    return data.id;
  };
  return {
    asApp,
    rateLimitRemaining: () => remaining,
    async asInstallation(account, call) {
      const id = idsByOwner.get(account.owner) ?? account.installationId ?? (await lookUp(account));
      try {
        return await call(client(id));
      } catch (error) {
        // The id in a payload has been wrong in the wild (runs-on#509). No call was made: the token was refused.
        if (!isUnknownInstallation(error) || idsByOwner.has(account.owner)) throw error;
        return call(client(await lookUp(account)));
      }
    },
  };
}

function isUnknownInstallation(error: unknown): boolean {
  return (
    error instanceof RequestError &&
    error.status === 404 &&
    /\/app\/installations\/\d+\/access_tokens$/.test(error.request.url)
  );
}
