/** Running again what failed. Source: docs.github.com, Re-running workflows and jobs. */
import { ApiError } from '../api-error.ts';
import { runState } from '../job-store.ts';
import type { JobRecord, Run } from '../records.ts';
import { type ApiAnswer, type Handler, type Handlers, idOf, type RestContext } from './context.ts';
import { visible } from './runs.ts';

const DAY_MS = 24 * 3_600_000;
const MOST_DAYS = 30;
/** Of a run, the first one left out. */
const MOST_RERUNS = 50;

/** GH-70: one attempt at a time, and only of jobs of the last one. */
function repeat(run: Run, jobs: readonly JobRecord[], { actions, clock }: RestContext): ApiAnswer {
  if (runState(run).status !== 'completed') throw new ApiError(403, 'This workflow is already running');
  const isOld = clock.nowMs() - run.createdAtMs > MOST_DAYS * DAY_MS;
  if (isOld || run.attempt > MOST_RERUNS || jobs.length === 0)
    throw new ApiError(403, 'This workflow run cannot be retried');
  actions.repeat(run, jobs);
  return { status: 201, body: {} };
}

const rerunJob: Handler = (request, context) => {
  const job = context.actions.jobs.get(idOf(request, 'job_id'));
  const run = visible(request, job?.run);
  return repeat(
    run,
    run.jobs.filter((one) => one === job),
    context,
  );
};

const rerunFailed: Handler = (request, context) => {
  const run = visible(request, context.actions.jobs.run(idOf(request, 'run_id')));
  const hasFailed = ({ conclusion }: JobRecord) => conclusion === 'failure' || conclusion === 'cancelled';
  return repeat(run, run.jobs.filter(hasFailed), context);
};

export const rerunHandlers: Handlers = {
  'actions/re-run-job-for-workflow-run': rerunJob,
  'actions/re-run-workflow-failed-jobs': rerunFailed,
};
