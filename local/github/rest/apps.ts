/** The App, its installations and their tokens. */
import { ApiError, notFound } from '../api-error.ts';
import { tokenExpiry } from '../app-auth.ts';
import { appBody, installationBody, permissionsOf } from '../payloads/accounts.ts';
import { repositoryBody } from '../payloads/repositories.ts';
import type { Installation, Permissions } from '../types.ts';
import {
  type ApiRequest,
  grantOf,
  type Handler,
  type Handlers,
  idOf,
  ok,
  type RestContext,
  same,
} from './context.ts';
import { refuseFormerName } from './moved.ts';
import { pageOf } from './paging.ts';

const RANKS: Readonly<Record<string, number>> = { read: 1, write: 2, admin: 3 };

/** Whether what is granted includes what is asked for. */
export const permits = (granted: Permissions, name: string, level: string): boolean =>
  (RANKS[granted[name] ?? ''] ?? 0) >= (RANKS[level] ?? Number.POSITIVE_INFINITY);

function found(installation: Installation | undefined): Installation {
  if (installation === undefined) throw notFound();
  return installation;
}

const byId = (request: ApiRequest, { installations }: RestContext): Installation => {
  const id = idOf(request, 'installation_id');
  return found(installations.find((installation) => installation.id === id));
};

/** The permissions of a new token: those asked for, if the installation has them, else all. */
function grantedPermissions(request: ApiRequest, installation: Installation): Permissions {
  const all = permissionsOf(installation);
  const asked = request.body['permissions'];
  if (typeof asked !== 'object' || asked === null) return all;
  const refused = Object.entries(asked).some(([name, level]) => !permits(all, name, String(level)));
  if (refused) throw new ApiError(422, 'The permissions requested are not granted to this installation.');
  return { metadata: 'read', ...asked };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The names of the repositories that a new token is restricted to; null for all. */
function grantedRepositories(request: ApiRequest, installation: Installation): string[] | null {
  const names = listOf(request.body['repositories']).map(String);
  const ids = listOf(request.body['repository_ids']).map(Number);
  if (names.length + ids.length === 0) return null;
  const chosen = installation.repositories.filter(
    ({ id, name }) => ids.includes(id) || names.some((wanted) => same(wanted, name)),
  );
  if (chosen.length < new Set([...names, ...ids]).size) {
    const message =
      'There is at least one repository that does not exist or is not accessible to the parent installation.';
    throw new ApiError(422, message);
  }
  return chosen.map(({ name }) => name);
}

const createToken: Handler = (request, context) => {
  const installation = byId(request, context);
  if (installation.isSuspended) throw new ApiError(403, 'This installation has been suspended');
  const permissions = grantedPermissions(request, installation);
  const repositories = grantedRepositories(request, installation);
  const expiresAtMs = tokenExpiry(context.clock);
  const token = `ghs_${context.ids.word(36)}`;
  context.auth.keep(token, { installation, permissions, repositories, expiresAtMs });
  const body = {
    token,
    expires_at: `${new Date(expiresAtMs).toISOString().slice(0, 19)}Z`,
    permissions,
    repository_selection: 'selected',
  };
  return { status: 201, body };
};

const listRepositories: Handler = (request, context) => {
  const { installation, repositories } = grantOf(request);
  const visible = installation.repositories.filter(({ name }) => repositories?.includes(name) ?? true);
  const page = pageOf(context.apiUrl(), request, visible);
  const bodies = page.items.map((item) => repositoryBody(context.apiUrl(), installation.owner, item));
  const body = { total_count: visible.length, repository_selection: 'selected', repositories: bodies };
  return ok(body, page.headers);
};

const show = (installation: Installation | undefined, context: RestContext) =>
  ok(installationBody(context.apiUrl(), context.app, found(installation)));

export const appHandlers: Handlers = {
  'apps/get-authenticated': (_request, context) =>
    ok(appBody(context.apiUrl(), context.app, context.installations)),
  'apps/list-installations': (request, context) => {
    const page = pageOf(context.apiUrl(), request, context.installations);
    const bodies = page.items.map((item) => installationBody(context.apiUrl(), context.app, item));
    return ok(bodies, page.headers);
  },
  'apps/get-installation': (request, context) => show(byId(request, context), context),
  'apps/get-org-installation': ({ params }, context) => {
    const organizations = context.installations.filter(({ owner }) => owner.type === 'Organization');
    return show(
      organizations.find(({ owner }) => same(owner.login, params['org'])),
      context,
    );
  },
  'apps/get-user-installation': ({ params }, context) => {
    const users = context.installations.filter(({ owner }) => owner.type === 'User');
    const installation = users.find(({ owner }) => same(owner.login, params['username']));
    return show(installation, context);
  },
  'apps/get-repo-installation': (request, context) => {
    const { params } = request;
    refuseFormerName(request, context, '/installation');
    const holds = ({ owner, repositories }: Installation) =>
      same(owner.login, params['owner']) && repositories.some(({ name }) => same(name, params['repo']));
    return show(context.installations.find(holds), context);
  },
  'apps/create-installation-access-token': createToken,
  'apps/list-repos-accessible-to-installation': listRepositories,
};
