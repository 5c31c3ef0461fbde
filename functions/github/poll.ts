import { accountOf, type Repository } from '../core/job/repository.ts';
import type { RepositoryPoll } from '../core/plan/job-look.ts';
import type { PollStatus } from '../core/ports.ts';
import type { GitHubApp } from './app.ts';
import { conditionalGet, pathOf, type Resource } from './conditional.ts';
import { PAGE_SIZE } from './records.ts';
import { readRuns } from './runs.ts';

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
  const { value, isCounted } = await conditionalGet(
    app,
    accountOf(repository),
    runsOf(repository, status),
    signal,
  );
  return { hasActiveRuns: value, isCounted };
}

/** Of the list one bit is kept, so that the answers of thousands of repositories fit. */
function runsOf(repository: Repository, status: PollStatus): Resource<boolean> {
  const parameters = {
    ...pathOf(repository),
    per_page: PAGE_SIZE,
    ...(status !== 'any' && { status }),
  };
  return {
    operation: 'poll runs',
    parameters,
    ask: ({ rest }, options) => rest.actions.listWorkflowRunsForRepo({ ...parameters, ...options }),
    read: (body) => readRuns(body)?.items.some((run) => status !== 'any' || ACTIVE.has(run.status)),
    sizeOf: () => 0,
  };
}
