import { isId, isText, type Json, timeOf } from '../kit/json.ts';
import { type Named, pathOf, type Resource } from './conditional.ts';
import { PAGE_SIZE, type Page, readPage } from './records.ts';

/**
 * Statuses of runs that may hold queued jobs: a run that waits for an approval or for a concurrency group in one job
 * may have others queued. Source: docs.github.com, List workflow runs for a repository, `status`.
 */
export type RunStatus = 'queued' | 'in_progress' | 'waiting' | 'pending';

/** A workflow run as GitHub lists it. */
export interface RunFact {
  readonly runId: number;
  readonly status: string;
  /** When anything of it changed last, epoch milliseconds. */
  readonly updatedAtMs: number | undefined;
}

/** A filtered list ends after a thousand runs (docs.github.com, List workflow runs for a repository). */
export const MOST_RUN_PAGES = 10;

/** One page of a repository's runs of one status, the newest first. */
export function runsPage(repository: Named, status: RunStatus, page: number): Resource<Page<RunFact>> {
  const parameters = { ...pathOf(repository), status, per_page: PAGE_SIZE, page };
  return {
    operation: 'list runs',
    parameters,
    ask: ({ rest }, options) => rest.actions.listWorkflowRunsForRepo({ ...parameters, ...options }),
    read: readRuns,
    sizeOf: ({ items }) => items.length,
  };
}

/** The runs in a body; `undefined` where it is not a list of runs. */
export const readRuns = (body: unknown): Page<RunFact> | undefined =>
  readPage(body, 'workflow_runs', readRun);

function readRun({ id, status, updated_at }: Json): RunFact | undefined {
  return isId(id) && isText(status) ? { runId: id, status, updatedAtMs: timeOf(updated_at) } : undefined;
}
