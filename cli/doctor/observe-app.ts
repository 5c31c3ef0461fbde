import { createPrivateKey } from 'node:crypto';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import type { Policy } from '../../functions/core/job/policy.ts';
import { createGitHubApp, type GitHubApp } from '../../functions/github/app.ts';
import { named } from '../../functions/github/errors.ts';
import { pages } from '../../functions/github/pages.ts';
import { MOST_AT_ONCE } from '../../functions/github/scopes.ts';
import { mapWithin } from '../../functions/kit/within.ts';
import type { Deployment } from '../deployment.ts';
import { readPolicy } from '../policy.ts';
import type { AppFact, AppFacts, InstallationFact, RunnerGroupFact } from './facts.ts';
import { readRenamed } from './observe-renamed.ts';
import { type Look, looked, type Read, tried } from './read.ts';

const NAMES = ['app-id', 'private-key', 'webhook-secret'] as const;

/** What was stored, kept from view: it holds secrets. */
export type Stored = ReadonlyMap<string, string>;

export interface ObservedApp {
  readonly facts: AppFacts;
  readonly stored: Read<Stored>;
  /** The App, where there is a key to ask with. */
  readonly app: GitHubApp | undefined;
}

/** The policy, the App by what is stored of it, and where it is installed. Each part fails on its own. */
export async function observeApp(deployment: Deployment): Promise<ObservedApp> {
  const [policy, stored, clockSkewMs] = await Promise.all([
    tried(() => readPolicy()),
    tried(() => readStored(deployment)),
    readClock(deployment),
  ]);
  const { parameterPath, webhookUrl, githubApiUrl } = deployment;
  const value = (name: (typeof NAMES)[number]) =>
    stored.kind === 'read' ? (stored.value.get(name) ?? '') : '';
  const privateKey = keyState(value('private-key'));
  const isAskable = privateKey === 'sound' && value('app-id') !== '';
  const credentials = { appId: value('app-id'), privateKey: value('private-key'), apiUrl: githubApiUrl };
  const app = isAskable ? createGitHubApp(credentials) : undefined;
  const ask = <T>(read: (app: GitHubApp) => Promise<T>): Promise<Read<T>> =>
    tried(() => (app === undefined ? Promise.reject(new Error('no App to ask as')) : read(app)));
  const [self, hook, installations] = await Promise.all([
    ask(readApp),
    ask(readHook),
    ask(readInstallations),
  ]);
  const runnerGroups = await looked('organization_self_hosted_runners to the App', async () =>
    app === undefined ? [] : readRunnerGroups(app, installations, policy),
  );
  const renamed = await looked('metadata: read to the App', async () =>
    app === undefined || policy.kind !== 'read' || installations.kind !== 'read'
      ? []
      : readRenamed(app, policy.value, installations.value),
  );
  const parameters =
    stored.kind === 'read' ? ({ kind: 'read', value: new Set(stored.value.keys()) } as const) : stored;
  const facts = {
    ...{ parameterPath, webhookUrl, policy, parameters, privateKey, clockSkewMs },
    ...{ app: self, hook, installations, renamed, runnerGroups },
  };
  return { facts, stored, app };
}

async function readStored({ ssm, parameterPath }: Deployment): Promise<Stored> {
  const command = new GetParametersCommand({
    Names: NAMES.map((name) => `${parameterPath}/${name}`),
    WithDecryption: true,
  });
  const { Parameters = [] } = await ssm.send(command);
  return new Map(
    Parameters.flatMap(({ Name = '', Value = '' }) =>
      Value.trim() === '' ? [] : [[Name.slice(parameterPath.length + 1), Value.trim()] as const],
    ),
  );
}

function keyState(pem: string): AppFacts['privateKey'] {
  if (pem === '') return 'unknown';
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa' ? 'sound' : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

/** By the head of any answer; the embedded world's clock is its own. */
async function readClock({ githubApiUrl, isLocal }: Deployment): Promise<Look<number>> {
  if (isLocal) return { kind: 'unseen', because: 'the embedded world has a clock of its own' };
  return tried(async () => {
    const answer = await fetch(`${githubApiUrl}/meta`, {
      headers: { 'user-agent': 'oneshot' },
      signal: AbortSignal.timeout(10_000),
    });
    const atMs = Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(atMs) ? 0 : atMs - Date.now();
  });
}

async function readApp(app: GitHubApp): Promise<AppFact> {
  const { data } = await named('get the App', () => app.asApp.request('GET /app'));
  const {
    slug = '',
    html_url = '',
    owner,
    ...rest
  } = Object(data) as {
    slug?: string;
    html_url?: string;
    owner?: { login?: string };
    permissions: Record<string, string>;
    events: string[];
  };
  const path = URL.canParse(html_url) ? new URL(html_url).pathname : `/apps/${slug}`;
  return { slug, path, owner: owner?.login ?? '', permissions: rest.permissions, events: rest.events };
}

async function readHook(app: GitHubApp) {
  const { data } = await named('get the webhook', () => app.asApp.request('GET /app/hook/config'));
  return { url: data.url, contentType: data.content_type, hasSecret: data.secret !== undefined };
}

interface Installed {
  readonly id: number;
  readonly account: { readonly login: string; readonly type: string } | null;
  readonly suspended_at: string | null;
  readonly permissions: Readonly<Record<string, string>>;
}

async function readInstallations(app: GitHubApp): Promise<InstallationFact[]> {
  const all = await named('list installations', () =>
    pages<Installed>(app.asApp, 'GET /app/installations', undefined),
  );
  const installations = await mapWithin(MOST_AT_ONCE, all, (one) => readInstallation(app, one));
  return installations.filter((one) => one !== undefined);
}

async function readInstallation(
  app: GitHubApp,
  { id, account, suspended_at, permissions }: Installed,
): Promise<InstallationFact | undefined> {
  if (account === null) return undefined;
  const isOrganization = account.type === 'Organization';
  const known = { account: account.login, isOrganization, permissions };
  if (suspended_at !== null) return { ...known, isSuspended: true, repositories: [] };
  return { ...known, isSuspended: false, repositories: await readRepositories(app, known, id) };
}

function readRepositories(
  app: GitHubApp,
  { account, isOrganization }: Pick<InstallationFact, 'account' | 'isOrganization'>,
  installationId: number,
): Promise<InstallationFact['repositories']> {
  const ownerType = isOrganization ? 'Organization' : 'User';
  return named('list repositories', () =>
    app.asInstallation({ owner: account, ownerType, installationId }, async (octokit) => {
      const route = 'GET /installation/repositories';
      const found = await pages<{ id: number; full_name: string; private: boolean }>(
        octokit,
        route,
        'repositories',
      );
      return found.map(({ id, full_name, private: isPrivate }) => ({
        id,
        fullName: full_name,
        isPublic: !isPrivate,
      }));
    }),
  );
}

async function readRunnerGroups(
  app: GitHubApp,
  installations: Read<readonly InstallationFact[]>,
  policy: Read<Policy>,
): Promise<RunnerGroupFact[]> {
  if (policy.kind === 'failed' || installations.kind === 'failed' || policy.value.scope === 'repository')
    return [];
  const organizations = installations.value.filter(
    ({ isOrganization, isSuspended }) => isOrganization && !isSuspended,
  );
  return mapWithin(MOST_AT_ONCE, organizations, ({ account }) =>
    readRunnerGroup(app, account, policy.value.runnerGroupId),
  );
}

function readRunnerGroup(app: GitHubApp, org: string, runner_group_id: number): Promise<RunnerGroupFact> {
  const who = { owner: org, ownerType: 'Organization', installationId: undefined } as const;
  return named('get the runner group', () =>
    app.asInstallation(who, async (octokit) => {
      const route = 'GET /orgs/{org}/actions/runner-groups/{runner_group_id}';
      const { data } = await octokit.request(route, { org, runner_group_id });
      const chosen =
        data.visibility === 'selected'
          ? await pages<{ full_name: string }>(octokit, `${route}/repositories`, 'repositories', {
              org,
              runner_group_id,
            })
          : undefined;
      return {
        account: org,
        name: data.name,
        allowsPublic: data.allows_public_repositories,
        repositories: chosen?.map(({ full_name }) => full_name),
      };
    }),
  );
}
