import { accountOf, fullName, type Repository } from '../core/job/repository.ts';
import type { RepositoryPoll } from '../core/plan/job-look.ts';
import type { PollStatus } from '../core/ports.ts';
import type { GitHubApp } from './app.ts';
import { conditionalGet, type Resource } from './conditional.ts';
import { PAGE_SIZE } from './records.ts';
import { RUNS_ROUTE, readRuns } from './runs.ts';

/** `requested` comes before `queued`. Source: docs.github.com, List workflow runs for a repository, `status`. */
const ACTIVE = new Set(['queued', 'in_progress', 'waiting', 'pending', 'requested']);

/**
 * Asks in one conditional call whether a repository has active runs. `any` sees the newest hundred runs alone: an
 * older one that is still active is for the poll of its status. Throws ServiceError.
 */
export async function pollRepository(
  app: GitHubApp,
  repository: Repository,
  status: PollStatus,
  signal?: AbortSignal,
): Promise<RepositoryPoll> {
  const resource = runsOf(fullName(repository), status);
  const { value, isCounted } = await conditionalGet(app, accountOf(repository), resource, signal);
  return { hasActiveRuns: value, isCounted };
}

/** Of the list one bit is kept, so that the answers of thousands of repositories fit. */
const runsOf = (repository: string, status: PollStatus): Resource<boolean> => ({
  operation: 'poll runs',
  route: RUNS_ROUTE,
  parameters: { repository, per_page: PAGE_SIZE, ...(status !== 'any' && { status }) },
  read: (body) => readRuns(body)?.items.some((run) => status !== 'any' || ACTIVE.has(run.status)),
  sizeOf: () => 0,
});
