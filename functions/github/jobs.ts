import type { Account } from '../core/ports.ts';
import type { GitHubApp } from './app.ts';
import { hasStatus, named } from './errors.ts';

/** Whether a job still waits for a runner. A job that is gone does not. Throws ServiceError. */
export function isJobQueued(
  app: GitHubApp,
  account: Account,
  repository: string,
  jobId: number,
  signal: AbortSignal,
): Promise<boolean> {
  return named('get job', () =>
    app.asInstallation(account, async (octokit) => {
      try {
        const request = { repository, job_id: jobId, request: { signal } };
        const { data } = await octokit.request('GET /repos/{+repository}/actions/jobs/{job_id}', request);
        return data.status === 'queued';
      } catch (error) {
        if (hasStatus(error, 404)) return false;
        throw error;
      }
    }),
  );
}
