import { accountOf } from '../core/account.ts';
import type { DoubtedRepository } from '../core/doubt.ts';
import { ServiceError } from '../core/errors.ts';
import type { JobFact } from '../core/facts.ts';
import type { GitHubApp } from './app.ts';
import { named } from './errors.ts';
import { pages } from './pages.ts';

/**
 * Statuses of runs that may hold queued jobs: a run that waits for an approval or for a concurrency group in one job
 * may have others queued. Source: docs.github.com, List workflow runs for a repository, `status`.
 */
const ACTIVE_STATUSES = ['queued', 'in_progress', 'waiting', 'pending'] as const;

interface Run {
  readonly id: number;
}

interface Job {
  readonly id: number;
  readonly run_id: number;
  readonly status: string;
  readonly labels: readonly string[];
  readonly created_at?: string;
  readonly started_at?: string | null;
  readonly runner_name: string | null;
}

/**
 * Jobs of a repository's active runs (rule 13): each run's list once, all pages. `mostReads` bounds the calls of one
 * look; over it this throws, as half a list is no evidence. Throws ServiceError.
 */
export function listActiveJobs(
  app: GitHubApp,
  repository: DoubtedRepository,
  mostReads: number,
): Promise<JobFact[]> {
  const fullName = `${repository.owner}/${repository.name}`;
  let reads = 0;
  const spend = () => {
    if (++reads > mostReads)
      throw new ServiceError(
        { service: 'github', operation: 'list jobs' },
        `more than ${mostReads} reads are needed for ${fullName}`,
      );
  };
  return named('list jobs', () =>
    app.asInstallation(accountOf(repository), async (octokit) => {
      const runs = new Set<number>();
      for (const status of ACTIVE_STATUSES) {
        const found = await pages<Run>(
          octokit,
          'GET /repos/{+repository}/actions/runs',
          'workflow_runs',
          { repository: fullName, status },
          spend,
        );
        for (const { id } of found) runs.add(id);
      }
      const jobs: JobFact[] = [];
      for (const runId of runs) {
        const route = 'GET /repos/{+repository}/actions/runs/{run_id}/jobs';
        const found = await pages<Job>(
          octokit,
          route,
          'jobs',
          { repository: fullName, run_id: runId, filter: 'latest' },
          spend,
        );
        jobs.push(...found.map(jobFact));
      }
      return jobs;
    }),
  );
}

function jobFact({ id, run_id, status, labels, created_at, started_at, runner_name }: Job): JobFact {
  return {
    jobId: id,
    runId: run_id,
    status,
    labels,
    // A job that does not say is old: it waits for no webhook any more.
    createdAtMs: Date.parse(created_at ?? started_at ?? '') || 0,
    runnerName: runner_name || undefined,
  };
}
