/** Repositories, whole and in short, as in @octokit/webhooks-examples. */
import type { Owner, Repository } from '../types.ts';
import { userBody } from './accounts.ts';
import { FOUNDED, nodeId, WEB } from './shared.ts';

/** `name_url: {url}/path` for each of them. */
const REPOSITORY_LINKS = {
  forks: 'forks',
  keys: 'keys{/key_id}',
  collaborators: 'collaborators{/collaborator}',
  teams: 'teams',
  hooks: 'hooks',
  issue_events: 'issues/events{/number}',
  events: 'events',
  assignees: 'assignees{/user}',
  branches: 'branches{/branch}',
  tags: 'tags',
  blobs: 'git/blobs{/sha}',
  git_tags: 'git/tags{/sha}',
  git_refs: 'git/refs{/sha}',
  trees: 'git/trees{/sha}',
  statuses: 'statuses/{sha}',
  languages: 'languages',
  stargazers: 'stargazers',
  contributors: 'contributors',
  subscribers: 'subscribers',
  subscription: 'subscription',
  commits: 'commits{/sha}',
  git_commits: 'git/commits{/sha}',
  comments: 'comments{/number}',
  issue_comment: 'issues/comments{/number}',
  contents: 'contents/{+path}',
  compare: 'compare/{base}...{head}',
  merges: 'merges',
  archive: '{archive_format}{/ref}',
  downloads: 'downloads',
  issues: 'issues{/number}',
  pulls: 'pulls{/number}',
  milestones: 'milestones{/number}',
  notifications: 'notifications{?since,all,participating}',
  labels: 'labels{/name}',
  releases: 'releases{/id}',
  deployments: 'deployments',
} as const;

export function minimalRepositoryBody(
  api: string,
  owner: Owner,
  repository: Repository,
): Record<string, unknown> {
  const url = `${api}/repos/${owner.login}/${repository.name}`;
  const links = Object.entries(REPOSITORY_LINKS).map(([name, path]) => [`${name}_url`, `${url}/${path}`]);
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name: repository.name,
    full_name: `${owner.login}/${repository.name}`,
    private: repository.private,
    owner: userBody(api, owner),
    html_url: `${WEB}/${owner.login}/${repository.name}`,
    description: null,
    fork: false,
    url,
    ...Object.fromEntries(links),
  };
}

const REPOSITORY_REST = {
  created_at: FOUNDED,
  updated_at: FOUNDED,
  pushed_at: FOUNDED,
  homepage: null,
  size: 108,
  stargazers_count: 0,
  watchers_count: 0,
  language: null,
  has_issues: true,
  has_projects: true,
  has_downloads: true,
  has_wiki: true,
  has_pages: false,
  has_discussions: false,
  forks_count: 0,
  mirror_url: null,
  disabled: false,
  open_issues_count: 0,
  license: null,
  allow_forking: true,
  is_template: false,
  web_commit_signoff_required: false,
  topics: [],
  forks: 0,
  open_issues: 0,
  watchers: 0,
  default_branch: 'main',
} as const;

export function repositoryBody(api: string, owner: Owner, repository: Repository): Record<string, unknown> {
  const name = `${owner.login}/${repository.name}`;
  return {
    ...minimalRepositoryBody(api, owner, repository),
    ...REPOSITORY_REST,
    archived: repository.isArchived ?? false,
    git_url: `git://github.com/${name}.git`,
    ssh_url: `git@github.com:${name}.git`,
    clone_url: `${WEB}/${name}.git`,
    svn_url: `${WEB}/${name}`,
    visibility: repository.private ? 'private' : 'public',
    ...(owner.type === 'Organization' ? { custom_properties: {} } : {}),
  };
}
