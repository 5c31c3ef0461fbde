import type { JobRecord, Run } from '../records.ts';
import { isTag, shortRef } from '../ref.ts';
import type { RunOrigin } from '../types.ts';
import type { ServiceAddresses } from './addresses.ts';
import type { ContextValue, JobDefinition } from './definition.ts';

type Context = Readonly<Record<string, ContextValue>>;

/** `github` of a job. What its definition says wins. Ids are text there (docs.github.com: github context). */
export function githubContext(
  job: JobRecord,
  { key, github = {} }: JobDefinition,
  addresses: ServiceAddresses,
): Context {
  const { run, repository, workflow, runAttempt } = job;
  return {
    ...runContext(run, { repository, workflow, attempt: runAttempt }),
    ...placeContext(job, addresses),
    ...github,
    job: key,
  };
}

/** What a run is of: known before it has begun, too. `repository`: `owner/name`. */
export interface RunSource extends Omit<RunOrigin, 'sha'> {
  readonly repository: string;
  readonly workflow: string;
  readonly sha: string;
}

export const sourceContext = ({ repository, workflow, event, ref, path, sha }: RunSource) => ({
  ...{ workflow, workflow_sha: sha, workflow_ref: `${repository}/${path}@${ref}`, sha },
  ...{ ref, ref_name: shortRef(ref), ref_type: isTag(ref) ? 'tag' : 'branch', ref_protected: false },
  ...{ head_ref: '', base_ref: '', event_name: event },
  ...{ repository, repository_owner: repository.split('/')[0] ?? '' },
});

interface Attempt extends Pick<RunSource, 'repository' | 'workflow'> {
  readonly attempt: number;
}

function runContext(run: Run, { attempt, ...of }: Attempt): Context {
  const { login, id } = run.installation.owner;
  return {
    ...sourceContext({ ...run.origin, ...of, sha: run.headSha }),
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(attempt),
    event: {},
    actor: login,
    triggering_actor: login,
    actor_id: String(id),
    retention_days: '90',
  };
}

function placeContext({ repository, run }: JobRecord, { server, api }: ServiceAddresses) {
  return {
    repository_id: String(run.repository.id),
    repository_owner_id: String(run.installation.owner.id),
    repository_visibility: run.repository.private ? 'private' : 'public',
    repositoryUrl: `git://${new URL(server).host}/${repository}.git`,
    server_url: server,
    api_url: api,
    graphql_url: `${api}/graphql`,
  };
}
