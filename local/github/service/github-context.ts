import type { JobRecord } from '../records.ts';
import type { ServiceAddresses } from './addresses.ts';
import type { ContextValue, JobDefinition } from './definition.ts';

/** `github` of a job. What its definition says wins. Ids are text there (docs.github.com: github context). */
export function githubContext(
  job: JobRecord,
  { key, github = {} }: JobDefinition,
  addresses: ServiceAddresses,
): Readonly<Record<string, ContextValue>> {
  return { ...runContext(job), ...placeContext(job, addresses), ...github, job: key };
}

function runContext({ run, runAttempt, workflow }: JobRecord) {
  const { login, id } = run.installation.owner;
  return {
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(runAttempt),
    workflow,
    workflow_sha: run.headSha,
    sha: run.headSha,
    ref: 'refs/heads/main',
    ref_name: 'main',
    ref_type: 'branch',
    ref_protected: false,
    head_ref: '',
    base_ref: '',
    event_name: 'push',
    event: {},
    actor: login,
    triggering_actor: login,
    actor_id: String(id),
    retention_days: '90',
  };
}

function placeContext({ repository, run }: JobRecord, { server, api }: ServiceAddresses) {
  const { owner } = run.installation;
  return {
    repository,
    repository_id: String(run.repository.id),
    repository_owner: owner.login,
    repository_owner_id: String(owner.id),
    repository_visibility: run.repository.private ? 'private' : 'public',
    repositoryUrl: `git://${new URL(server).host}/${repository}.git`,
    workflow_ref: `${repository}/.github/workflows/ci.yml@refs/heads/main`,
    server_url: server,
    api_url: api,
    graphql_url: `${api}/graphql`,
  };
}
