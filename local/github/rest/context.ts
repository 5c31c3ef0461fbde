/** What the handlers of REST operations work with. */
import type { WorldClock } from '../../world/clock.ts';
import type { Faults } from '../../world/faults.ts';
import type { Accounts } from '../accounts.ts';
import type { ActionsWorld } from '../actions-world.ts';
import { notFound } from '../api-error.ts';
import type { AppAuth, InstallationToken } from '../app-auth.ts';
import type { Deliveries } from '../deliveries.ts';
import type { Identifiers } from '../identifiers.ts';
import type { KeyPool } from '../jit-config.ts';
import type { OperationDescription } from '../openapi.ts';
import type { JobRecord, Scope } from '../records.ts';
import type { Site } from '../site.ts';
import type { AppRegistration, Installation } from '../types.ts';

export interface RestContext {
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly ids: Identifiers;
  readonly app: AppRegistration;
  readonly installations: readonly Installation[];
  readonly accounts: Accounts;
  /** Apps that people make and install by their browser. */
  readonly site: Site;
  readonly auth: AppAuth;
  readonly actions: ActionsWorld;
  readonly deliveries: Deliveries;
  readonly keys: KeyPool;
  /** The server's own address, known once it listens. */
  readonly apiUrl: () => string;
  readonly brokerUrl: () => string;
  readonly deprecated: () => boolean;
  /** Where the log of a job can be read, for some time and without a token. */
  readonly jobLogUrl: (job: JobRecord) => string;
}

export interface ApiRequest {
  readonly operation: OperationDescription;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** The path, for links to other pages. */
  readonly path: string;
  readonly headers: { readonly authorization: string; readonly ifNoneMatch: string };
  /** The caller's token, for operations that want one. */
  readonly grant: InstallationToken | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  /** null for none; a bigint in it is written with all its digits. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** By a fault: it is none that GitHub describes. */
  readonly isMalformed?: boolean;
}

export type Handler = (request: ApiRequest, context: RestContext) => ApiAnswer | Promise<ApiAnswer>;
export type Handlers = Readonly<Record<string, Handler>>;

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): ApiAnswer => ({
  status: 200,
  body,
  headers,
});

export const same = (a: string, b: string | undefined): boolean => a.toLowerCase() === b?.toLowerCase();

/** The token of the caller: the server has checked it before any handler that wants one runs. */
export function grantOf({ grant }: ApiRequest): InstallationToken {
  if (grant === undefined) throw notFound();
  return grant;
}

/** The scope that the path names, if the caller's token reaches it; 404 for all that it may not see. */
export function scopeOf(request: ApiRequest): Scope {
  const { installation, repositoryIds } = grantOf(request);
  const { owner, repo, org } = request.params;
  if (!same(installation.owner.login, org ?? owner)) throw notFound();
  if (org !== undefined) {
    if (installation.owner.type !== 'Organization') throw notFound();
    return { installation, repository: null };
  }
  const repository = installation.repositories.find(({ name }) => same(name, repo));
  if (repository === undefined || repositoryIds?.includes(repository.id) === false) throw notFound();
  return { installation, repository };
}

/** A number of the path; anything else names nothing. */
export function idOf(request: ApiRequest, name: string): number {
  const text = request.params[name] ?? '';
  if (!/^\d{1,15}$/.test(text)) throw notFound();
  return Number(text);
}
