import type { JobRecord } from '../records.ts';
import { addressesOf } from './addresses.ts';
import type { ContextValue } from './definition.ts';
import { githubContext } from './github-context.ts';

/** Claims that `github` of the job has under the same name (docs.github.com: OpenID Connect reference). */
const OF_CONTEXT = [
  'actor',
  'actor_id',
  'base_ref',
  'event_name',
  'head_ref',
  'ref',
  'ref_protected',
  'ref_type',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'repository_visibility',
  'run_attempt',
  'run_id',
  'run_number',
  'sha',
  'workflow',
  'workflow_ref',
  'workflow_sha',
] as const;

/** All that GitHub adds to the standard's, but for the environment, which not every job has. */
export const ID_CLAIMS: readonly string[] = [
  ...OF_CONTEXT,
  'check_run_id',
  'job_workflow_ref',
  'job_workflow_sha',
  'runner_environment',
];

/** Whether its workflow lets the job have ID tokens: `permissions: id-token: write`. */
export const mayHaveIdToken = ({ definition }: Pick<JobRecord, 'definition'>): boolean =>
  definition?.permissions?.['id-token'] === 'write';

type Claims = Readonly<Record<string, string>>;

const text = (value: ContextValue | undefined): string =>
  value === null || value === undefined || typeof value === 'object' ? '' : String(value);

/** What is claimed of a job: every value is text. `server`: the address of the embedded GitHub. */
export function idClaims(job: JobRecord, server: string): Claims {
  const { definition = { key: job.name, steps: [] }, environment } = job;
  const context = githubContext(job, definition, addressesOf(server, ''));
  const claims = Object.fromEntries(OF_CONTEXT.map((name) => [name, text(context[name])]));
  return {
    ...claims,
    sub: subject(claims, environment),
    check_run_id: String(job.id),
    // No reusable workflow is told of here: the job's is the run's.
    job_workflow_ref: text(context['workflow_ref']),
    job_workflow_sha: text(context['workflow_sha']),
    runner_environment: 'self-hosted',
    ...(environment !== null && { environment }),
  };
}

/** docs.github.com, the same: an environment comes first, then pull requests, then the branch or tag. */
function subject({ repository, event_name, ref }: Claims, environment: string | null): string {
  if (environment !== null) return `repo:${repository}:environment:${environment.replaceAll(':', '%3A')}`;
  return event_name === 'pull_request' ? `repo:${repository}:pull_request` : `repo:${repository}:ref:${ref}`;
}
