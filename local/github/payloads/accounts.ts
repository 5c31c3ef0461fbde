/** Users, organisations, the App and its installations, as in @octokit/webhooks-examples. */
import type { AppRegistration, Installation, Owner, Permissions } from '../types.ts';
import { FOUNDED, nodeId, WEB } from './shared.ts';

export const SENDER: Owner = { login: 'octocat', id: 583_231, type: 'User' };

export function userBody(api: string, { login, id, type }: Owner): Record<string, unknown> {
  const url = `${api}/users/${login}`;
  return {
    login,
    id,
    node_id: nodeId(type === 'User' ? 'U' : 'O', id),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${WEB}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  };
}

export function organizationBody(api: string, { login, id }: Owner): Record<string, unknown> {
  const url = `${api}/orgs/${login}`;
  return {
    login,
    id,
    node_id: nodeId('O', id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    description: null,
  };
}

/** What an installation of the App may do if not said otherwise (GH-51). */
export const permissionsOf = ({ permissions, owner }: Installation): Permissions =>
  permissions ?? {
    actions: 'read',
    administration: 'write',
    metadata: 'read',
    ...(owner.type === 'Organization' ? { organization_self_hosted_runners: 'write' } : {}),
  };

const appSlug = (app: AppRegistration): string => app.slug ?? 'oneshot';

export function installationBody(api: string, app: AppRegistration, installation: Installation) {
  const { id, owner } = installation;
  const settings = owner.type === 'Organization' ? `${WEB}/organizations/${owner.login}` : WEB;
  return {
    id,
    client_id: `Iv23li${app.id}`,
    account: userBody(api, owner),
    repository_selection: 'selected',
    access_tokens_url: `${api}/app/installations/${id}/access_tokens`,
    repositories_url: `${api}/installation/repositories`,
    html_url: `${settings}/settings/installations/${id}`,
    app_id: app.id,
    app_slug: appSlug(app),
    target_id: owner.id,
    target_type: owner.type,
    permissions: permissionsOf(installation),
    events: ['workflow_job'],
    created_at: FOUNDED,
    updated_at: FOUNDED,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: installation.isSuspended ? userBody(api, SENDER) : null,
    suspended_at: installation.isSuspended ? FOUNDED : null,
  };
}

export function appBody(api: string, app: AppRegistration, installations: readonly Installation[]) {
  const owner = app.owner ?? installations[0]?.owner ?? { login: 'ghost', id: 10_137, type: 'User' as const };
  return {
    id: app.id,
    client_id: `Iv23li${app.id}`,
    slug: appSlug(app),
    node_id: nodeId('A', app.id),
    owner: userBody(api, owner),
    name: appSlug(app),
    description: null,
    external_url: WEB,
    html_url: `${WEB}/apps/${appSlug(app)}`,
    created_at: FOUNDED,
    updated_at: FOUNDED,
    permissions:
      app.permissions ??
      permissionsOf({ id: 0, owner: { ...owner, type: 'Organization' }, repositories: [] }),
    events: [...(app.events ?? ['workflow_job'])],
    installations_count: installations.length,
  };
}
