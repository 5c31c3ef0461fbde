/** Deployments: one for each job that names an environment. */
import type { JobRecord } from '../records.ts';
import { SENDER, userBody } from './accounts.ts';
import { iso, nodeId, WEB } from './shared.ts';

/** A deployment comes with a job that waits for an environment's approval, and with its later `queued`. */
export function deploymentBody(api: string, job: JobRecord): Record<string, unknown> {
  const repository = `${api}/repos/${job.repository}`;
  const url = `${repository}/deployments/${job.id}`;
  return {
    url,
    id: job.id,
    node_id: nodeId('DE', job.id),
    task: 'deploy',
    original_environment: job.environment,
    environment: job.environment,
    description: null,
    created_at: iso(job.run.createdAtMs),
    updated_at: iso(job.queuedAtMs),
    statuses_url: `${url}/statuses`,
    repository_url: repository,
    creator: userBody(api, SENDER),
    sha: job.run.headSha,
    ref: 'main',
    payload: {},
    transient_environment: false,
    production_environment: false,
    performed_via_github_app: null,
  };
}

const STATES: Readonly<Record<string, string>> = {
  success: 'success',
  cancelled: 'error',
  failure: 'failure',
};

/** GitHub writes the statuses itself, and they lead to the job (GH-72). */
export function deploymentStatusBody(api: string, job: JobRecord): Record<string, unknown> {
  const repository = `${api}/repos/${job.repository}`;
  const deployment = `${repository}/deployments/${job.id}`;
  const log = `${WEB}/${job.repository}/actions/runs/${job.runId}/job/${job.id}`;
  return {
    url: `${deployment}/statuses/${job.id}`,
    id: job.id,
    node_id: nodeId('DES', job.id),
    state: STATES[job.conclusion ?? ''] ?? 'in_progress',
    creator: userBody(api, SENDER),
    description: '',
    environment: job.environment,
    target_url: log,
    log_url: log,
    created_at: iso(job.startedAtMs ?? job.queuedAtMs),
    updated_at: iso(job.completedAtMs ?? job.startedAtMs ?? job.queuedAtMs),
    deployment_url: deployment,
    repository_url: repository,
    performed_via_github_app: null,
  };
}
