import type { Policy } from '../../functions/core/job/policy.ts';
import { fullName } from '../../functions/core/job/repository.ts';
import { decideQueued } from '../../functions/core/plan/decide-launch.ts';
import { explain } from '../../functions/core/words/reasons.ts';
import { hasStatus } from '../../functions/github/errors.ts';
import { listRepositories } from '../../functions/github/scopes.ts';
import type { Deployment } from '../deployment.ts';
import { CliError } from '../errors.ts';
import { readPolicy } from '../policy.ts';

/** A job as GitHub has it, of which no delivery has come. */
export interface UnknownJob {
  readonly jobId: number;
  readonly labels: readonly string[];
  readonly status: string;
}

const LOOK_AT_WEBHOOK = 'oneshot doctor checks the webhook and its deliveries';

/**
 * What to say of a job that the logs do not know: GitHub is asked, where the job's address names its repository. Never
 * rejects: what GitHub does not tell is left out.
 */
export async function explainUnknown(
  deployment: Deployment,
  which: string,
  jobId: number,
): Promise<CliError> {
  const problem = `the logs of ${deployment.stack} know nothing of job ${jobId}`;
  const [, owner, name] = /([\w.-]+)\/([\w.-]+)\/actions\/runs\//.exec(which) ?? [];
  if (owner === undefined || name === undefined)
    return new CliError(
      problem,
      `no delivery of it came in the last day: ${LOOK_AT_WEBHOOK}; give its address instead of its id to learn more`,
    );
  try {
    return await askGitHub(deployment, problem, { owner, name, jobId });
  } catch (error) {
    return new CliError(
      problem,
      `no delivery of it came in the last day: ${LOOK_AT_WEBHOOK}`,
      undefined,
      error,
    );
  }
}

async function askGitHub(
  deployment: Deployment,
  problem: string,
  { owner, name, jobId }: { readonly owner: string; readonly name: string; readonly jobId: number },
): Promise<CliError> {
  const asked = fullName({ owner, name });
  const [app, policy] = [await deployment.github(), await readPolicy()];
  const { items, errors } = await listRepositories(app, policy);
  const repository = items.find((one) => fullName(one).toLowerCase() === asked.toLowerCase());
  if (repository === undefined && errors[0] !== undefined) throw errors[0];
  if (repository === undefined)
    return new CliError(
      `${problem}: the App is not installed on ${asked}, or runners.yml does not allow it`,
      'install the App there, name it under allow.repositories in runners.yml, and deploy',
    );
  const job = await app
    .asInstallation(repository, (octokit) =>
      octokit.request('GET /repos/{owner}/{name}/actions/jobs/{jobId}', { owner, name, jobId }),
    )
    .catch((error: unknown) => (hasStatus(error, 404) ? undefined : Promise.reject(error)));
  if (job === undefined)
    return new CliError(`there is no job ${jobId} in ${asked}`, 'check the address of the job’s page');
  const { labels = [], status = '' } = Object(job.data) as Partial<UnknownJob>;
  return judgeUnknown(problem, { jobId, labels, status }, { repository, policy });
}

/** Pure. */
export function judgeUnknown(
  problem: string,
  { jobId, labels, status }: UnknownJob,
  where: { readonly repository: Parameters<typeof decideQueued>[0]['repository']; readonly policy: Policy },
): CliError {
  const decision = decideQueued({ jobId, runId: 0, labels, repository: where.repository }, where.policy);
  if (decision.verdict !== 'launch')
    return new CliError(
      `${problem}, and no runner would be started for it: ${explain(decision.reason, decision.detail)}`,
      'docs/troubleshooting.md has what to do for each reason',
    );
  const known = `${problem}. GitHub has it as ${status}, with our labels (${labels.join(', ')}): its delivery did not come`;
  return status === 'queued'
    ? new CliError(known, `the sweep finds it within a quarter of an hour; ${LOOK_AT_WEBHOOK}`)
    : new CliError(known, LOOK_AT_WEBHOOK);
}
