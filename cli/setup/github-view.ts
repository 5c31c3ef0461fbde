import { isAllowed, isAllowedPublic } from '../../functions/core/job/allow.ts';
import type { Policy } from '../../functions/core/job/policy.ts';
import type { Account } from '../../functions/core/job/repository.ts';
import { named } from '../../functions/github/errors.ts';
import { pages } from '../../functions/github/pages.ts';
import type { Deployment } from '../deployment.ts';
import { type SeenJob, type Served, WORKFLOW } from './first-job.ts';
import type { Done } from './steps.ts';

/** All throw ServiceError. */
interface GitHubView {
  /** The repositories of the installation that the policy allows. */
  listServed(): Promise<readonly Served[]>;
  /** The job of the workflow's newest run; `undefined` before there is one. */
  newestJob(repository: string): Promise<SeenJob | undefined>;
}

interface Repository {
  readonly full_name: string;
  readonly name: string;
  readonly private: boolean;
  readonly default_branch: string;
}

/** What GitHub says to the App's installation on one account. */
export async function viewGitHub(
  deployment: Deployment,
  { account: owner, isOrganization }: Done,
  policy: Policy,
): Promise<GitHubView> {
  const app = await deployment.github();
  const account: Account = {
    owner,
    ownerType: isOrganization ? 'Organization' : 'User',
    installationId: undefined,
  };
  return {
    listServed: () =>
      named('list repositories', () =>
        app.asInstallation(account, async (octokit) => {
          const all = await pages<Repository>(
            (page) => octokit.rest.apps.listReposAccessibleToInstallation(page),
            'repositories',
          );
          return all.filter((one) => isServed(owner, one, policy)).map(served);
        }),
      ),
    newestJob: (repository) =>
      named('list runs', () =>
        app.asInstallation(account, async (octokit): Promise<SeenJob | undefined> => {
          const runs = 'GET /repos/{+repository}/actions/runs';
          // Newest first: one page is the last hundred runs.
          const { data } = await octokit.request(runs, { repository, per_page: 100 });
          const run = data.workflow_runs.find(({ name }: { name: string }) => name === WORKFLOW);
          if (run === undefined) return undefined;
          const jobs = await octokit.request(`${runs}/{run_id}/jobs`, { repository, run_id: run.id });
          return jobs.data.jobs.map(seenJob)[0];
        }),
      ),
  };
}

function isServed(owner: string, { name, private: isPrivate }: Repository, policy: Policy): boolean {
  return isAllowed({ owner, name }, policy) && (isPrivate || isAllowedPublic({ owner, name }, policy));
}

const served = ({ full_name, default_branch }: Repository): Served => ({
  fullName: full_name,
  branch: default_branch,
});

interface Job {
  readonly html_url: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly runner_name: string | null;
}

const seenJob = ({ html_url: url, status, conclusion, runner_name: runner }: Job): SeenJob => ({
  url,
  status,
  conclusion,
  runner,
});
