import { createAppAuth } from '@octokit/auth-app';
import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import type { Account } from '../core/job/repository.ts';
import type { CallBudget } from '../core/plan/job-look.ts';
import { createLru } from '../kit/lru.ts';
import { createAppJwt } from './app-jwt.ts';
import { createBudgets, MINT } from './budgets.ts';

export interface AppCredentials {
  readonly appId: string;
  readonly privateKey: string;
  /** `https://api.github.com`, or `https://HOST/api/v3` on GitHub Enterprise Server. */
  readonly apiUrl: string;
}

interface NarrowScope {
  readonly repositoryId: number;
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
}

/** GitHub as the App and as its installations. One per process: it holds the tokens for as long as they are valid. */
export interface GitHubApp {
  /** Authenticated as the App itself, for `/app/...`. */
  readonly asApp: Octokit;
  /**
   * Runs `call` with the token of the account's installation, which is minted when there is none. Runs it once more
   * with a new token, or for the installation that the owner has now, where GitHub refused the first.
   */
  asInstallation<T>(account: Account, call: (octokit: Octokit) => Promise<T>): Promise<T>;
  /** Runs `call` with a new token that has these permissions alone, for this repository alone. */
  withNarrowToken<T>(
    account: Account,
    scope: NarrowScope,
    call: (octokit: Octokit) => Promise<T>,
  ): Promise<T>;
  /** What GitHub's last answers left of the account's hour; `undefined` before there was one. */
  budgetOf(account: Account): CallBudget | undefined;
  /** The least that is left of any installation's current hour; `undefined` before there was an answer. */
  rateLimitRemaining(nowMs: number): number | undefined;
}

const nothing = (): void => undefined;
/** Octokit writes a line for each call that fails: what became of a call is told by who made it. */
const SILENT = { debug: nothing, info: nothing, warn: console.warn, error: nothing };

/** Clients and ids that are kept. Strangers may install the App too. */
const MOST_INSTALLATIONS = 1_000;

export function createGitHubApp({ appId, privateKey, apiUrl }: AppCredentials): GitHubApp {
  const common = { baseUrl: apiUrl, userAgent: 'oneshot', authStrategy: createAppAuth, log: SILENT };
  const createJwt = createAppJwt(privateKey);
  const asApp = new Octokit({ ...common, auth: { appId, createJwt } });
  const budgets = createBudgets();
  const clients = createClients((installationId) => {
    const octokit = new Octokit({ ...common, auth: { appId, createJwt, installationId } });
    budgets.watch(octokit, installationId);
    return octokit;
  });
  const ids = createInstallationIds(asApp);
  return {
    asApp,
    async withNarrowToken(account, { repositoryId, permissions }, call) {
      const installation_id = ids.known(account) ?? (await ids.lookUp(account));
      const wish = { installation_id, repository_ids: [repositoryId], permissions };
      const { data } = await asApp.rest.apps.createInstallationAccessToken(wish);
      return call(new Octokit({ baseUrl: apiUrl, userAgent: 'oneshot', log: SILENT, auth: data.token }));
    },
    budgetOf: (account) => {
      const id = ids.known(account);
      return id === undefined ? undefined : budgets.of(id);
    },
    rateLimitRemaining: budgets.lowestRemaining,
    async asInstallation(account, call) {
      const id = ids.known(account) ?? (await ids.lookUp(account));
      try {
        return await clients.run(id, call);
      } catch (error) {
        // The id is wrong (runs-on#509), or the App was installed again. No call was made: no token was given.
        if (!isMint(error) || error.status !== 404) throw error;
        return clients.run(await ids.lookUpInsteadOf(id, account), call);
      }
    },
  };
}

/** The ids of owners' installations, as GitHub told them; what a payload says is believed until GitHub denies it. */
function createInstallationIds(asApp: Octokit) {
  const idsByOwner = createLru<string, number>(MOST_INSTALLATIONS);
  const keyOf = ({ owner }: Account) => owner.toLowerCase();
  const known = (account: Account) => idsByOwner.get(keyOf(account)) ?? account.installationId;
  const lookUp = async (account: Account): Promise<number> => {
    const lookUpOrg = asApp.rest.apps.getOrgInstallation;
    const lookUpUser = asApp.rest.apps.getUserInstallation;
    const { data } =
      account.ownerType === 'Organization'
        ? await lookUpOrg({ org: account.owner })
        : await lookUpUser({ username: account.owner });
    idsByOwner.set(keyOf(account), data.id);
    return data.id;
  };
  const lookUpInsteadOf = async (refusedId: number, account: Account): Promise<number> => {
    const found = idsByOwner.get(keyOf(account));
    // Another call was refused too and has looked already.
    if (found !== undefined && found !== refusedId) return found;
    idsByOwner.delete(keyOf(account));
    return lookUp(account);
  };
  return { known, lookUp, lookUpInsteadOf };
}

/** One client for each installation. A client keeps its token: what drops the one drops the other. */
function createClients(create: (installationId: number) => Octokit) {
  const clients = createLru<number, Octokit>(MOST_INSTALLATIONS);
  const clientOf = (installationId: number): Octokit => {
    const client = clients.get(installationId) ?? create(installationId);
    clients.set(installationId, client);
    return client;
  };
  return {
    async run<T>(installationId: number, call: (octokit: Octokit) => Promise<T>): Promise<T> {
      const client = clientOf(installationId);
      try {
        return await call(client);
      } catch (error) {
        // A token can be revoked within its hour (octokit/auth-app.js#117). A refused call did nothing, so it is repeated.
        const isRefused = error instanceof RequestError && error.status === 401 && !isMint(error);
        if (!isRefused) throw error;
        // Another call may have been refused too, and have a new client already: then that one's token serves both.
        if (clients.get(installationId) === client) clients.delete(installationId);
        return call(clientOf(installationId));
      }
    },
  };
}

/** Whether what failed was the minting of a token, and so nothing that was asked for. */
const isMint = (error: unknown): error is RequestError =>
  error instanceof RequestError && MINT.test(error.request.url);
