/** What GitHub tells the App: whole payloads, checked against GitHub's own description before they are sent. */
import type { JobAction } from './actions-world.ts';
import type { GitHubDescription } from './openapi.ts';
import { organizationBody, SENDER, userBody } from './payloads/accounts.ts';
import { jobBody } from './payloads/actions.ts';
import { deploymentBody } from './payloads/deployments.ts';
import { repositoryBody } from './payloads/repositories.ts';
import { iso } from './payloads/shared.ts';
import type { JobRecord } from './records.ts';
import type { AppRegistration } from './types.ts';

export interface WebhookEvent {
  /** `workflow_job` or `ping`. */
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly jobId: number | null;
  /** The text to sign and send. */
  readonly payload: string;
}

function workflowJobPayload(api: string, action: JobAction, job: JobRecord): Record<string, unknown> {
  const { installation, repository } = job.run;
  const { owner } = installation;
  return {
    action,
    workflow_job: jobBody(api, job),
    ...(job.environment === null ? {} : { deployment: deploymentBody(api, job) }),
    repository: repositoryBody(api, owner, repository),
    ...(owner.type === 'Organization' ? { organization: organizationBody(api, owner) } : {}),
    sender: userBody(api, SENDER),
    installation: {
      id: installation.id,
      node_id: Buffer.from(`023:IntegrationInstallation${installation.id}`).toString('base64'),
    },
  };
}

function checked(description: GitHubDescription, name: string, payload: Record<string, unknown>): string {
  const problem = description.webhookProblem(name, payload);
  if (problem !== null)
    throw new Error(`The embedded GitHub made a ${name} that GitHub does not send: ${problem}`);
  return JSON.stringify(payload);
}

/** The workflow_job event of a job as it stands now. */
export function jobEvent(
  description: GitHubDescription,
  api: string,
  action: JobAction,
  job: JobRecord,
): WebhookEvent {
  const name = `workflow-job-${action.replace('_', '-')}`;
  return {
    event: 'workflow_job',
    action,
    installationId: job.run.installation.id,
    repositoryId: job.repositoryId,
    jobId: job.id,
    payload: checked(description, name, workflowJobPayload(api, action, job)),
  };
}

/** The same event with null for its job, as GitHub's description does not allow and GitHub has sent. */
export function withoutJob(event: WebhookEvent): WebhookEvent {
  const payload: unknown = JSON.parse(event.payload);
  return { ...event, jobId: null, payload: JSON.stringify({ ...Object(payload), workflow_job: null }) };
}

/** What GitHub sends when the App's webhook is set up. */
export function pingEvent(
  description: GitHubDescription,
  api: string,
  app: AppRegistration,
  hook: { readonly id: number; readonly url: string; readonly nowMs: number },
): WebhookEvent {
  const payload = {
    zen: 'Anything added dilutes everything else.',
    hook_id: hook.id,
    hook: {
      type: 'App',
      id: hook.id,
      name: 'web',
      active: true,
      events: ['workflow_job'],
      config: { content_type: 'json', insecure_ssl: '0', secret: '********', url: hook.url },
      updated_at: iso(hook.nowMs),
      created_at: iso(hook.nowMs),
      app_id: app.id,
      deliveries_url: `${api}/app/hook/deliveries`,
    },
  };
  const event = {
    event: 'ping',
    action: null,
    installationId: null,
    repositoryId: null,
    jobId: null,
  } as const;
  return { ...event, payload: checked(description, 'ping', payload) };
}
