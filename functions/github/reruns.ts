import { accountOf, type Repository } from '../core/job/repository.ts';
import type { EndedRunJob, RerunTarget, RunOfJob } from '../core/plan/plan-rerun.ts';
import { ServiceError } from '../core/words/errors.ts';
import type { RerunOutcome } from '../core/words/outcomes.ts';
import { isId, isObject, isText, type Json, timeOf } from '../kit/json.ts';
import type { GitHubApp } from './app.ts';
import { conditionalGet, pathOf, type Resource } from './conditional.ts';
import { classifyGitHubError } from './errors.ts';
import { RERUN } from './faults.ts';
import { isGone } from './look-state.ts';
import { PAGE_SIZE, type Page, readPage } from './records.ts';

/** Jobs of a run that are read at most: a matrix has 256 (docs.github.com, Workflow syntax), and a run may have several. */
const MOST_PAGES = 10;

type Read = <Value>(resource: Resource<Value>) => Promise<Value>;

/**
 * The run of a job as it is now, with its jobs where it is over; `undefined` where GitHub shows no such job or run. Two calls,
 * and one for each hundred jobs of a run that is over; what has not changed is free. Throws ServiceError.
 * Source: docs.github.com, REST API, workflow jobs and workflow runs.
 */
export async function readRunOf(
  app: GitHubApp,
  repository: Repository,
  jobId: number,
  signal: AbortSignal,
): Promise<RunOfJob | undefined> {
  const read: Read = async (resource) =>
    (await conditionalGet(app, accountOf(repository), resource, signal)).value;
  try {
    const { runId } = await read(runIdOf(repository, jobId));
    const run = await read(oneRun(repository, runId));
    return run.status === 'completed' && run.attempt === 1
      ? { ...run, jobs: await readJobs(repository, runId, read) }
      : run;
  } catch (error) {
    if (error instanceof ServiceError && isGone(error)) return undefined;
    throw error;
  }
}

/** `undefined` where a job cannot be read, or there are more than are read: nothing is concluded from a part of them. */
async function readJobs(
  repository: Repository,
  runId: number,
  read: Read,
): Promise<readonly EndedRunJob[] | undefined> {
  const jobs: EndedRunJob[] = [];
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { items, malformedRecords, isLast } = await read(endedJobsPage(repository, runId, page));
    if (malformedRecords > 0) return undefined;
    jobs.push(...items);
    if (isLast) return jobs;
  }
  return undefined;
}

function runIdOf(repository: Repository, jobId: number): Resource<{ readonly runId: number }> {
  const parameters = { ...pathOf(repository), job_id: jobId };
  return {
    operation: 'get run of job',
    parameters,
    ask: ({ rest }, options) => rest.actions.getJobForWorkflowRun({ ...parameters, ...options }),
    read: (body) => (isObject(body) && isId(body['run_id']) ? { runId: body['run_id'] } : undefined),
    sizeOf: () => 0,
  };
}

function oneRun(repository: Repository, runId: number): Resource<RunOfJob> {
  const parameters = { ...pathOf(repository), run_id: runId };
  return {
    operation: 'get run',
    parameters,
    ask: ({ rest }, options) => rest.actions.getWorkflowRun({ ...parameters, ...options }),
    read: (body) => (isObject(body) ? readRun(body) : undefined),
    sizeOf: () => 1,
  };
}

function readRun({ id, run_attempt, status, conclusion, event, run_started_at, created_at }: Json) {
  const startedAtMs = timeOf(run_started_at) ?? timeOf(created_at);
  if (!isId(id) || !isId(run_attempt) || !isText(status) || !isText(event)) return undefined;
  if (startedAtMs === undefined) return undefined;
  return {
    runId: id,
    attempt: run_attempt,
    status,
    conclusion: isText(conclusion) ? conclusion : undefined,
    event,
    startedAtMs,
    jobs: undefined,
  };
}

function endedJobsPage(repository: Repository, runId: number, page: number): Resource<Page<EndedRunJob>> {
  const filter = 'latest' as const;
  const parameters = { ...pathOf(repository), run_id: runId, filter, per_page: PAGE_SIZE, page };
  return {
    operation: 'list jobs of ended run',
    parameters,
    ask: ({ rest }, options) => rest.actions.listJobsForWorkflowRun({ ...parameters, ...options }),
    read: (body) => readPage(body, 'jobs', readEndedJob),
    sizeOf: ({ items }) => items.length,
  };
}

function readEndedJob({ id, conclusion, runner_name, completed_at, steps }: Json): EndedRunJob | undefined {
  if (!isId(id)) return undefined;
  const isFailed = (step: unknown) => isObject(step) && step['conclusion'] === 'failure';
  return {
    jobId: id,
    conclusion: isText(conclusion) ? conclusion : undefined,
    runnerName: isText(runner_name) && runner_name !== '' ? runner_name : undefined,
    completedAtMs: timeOf(completed_at),
    hasFailedStep: Array.isArray(steps) && steps.some(isFailed),
  };
}

/**
 * Starts one job, or all that failed or were cancelled, again, each with those that depend on it. One call, with a token
 * that can do no more, and only in this repository (docs.github.com, REST API, "Create an installation access token for an
 * app"). A second call would find the run under way, and be refused.
 */
export async function rerun(
  app: GitHubApp,
  repository: Repository,
  target: RerunTarget,
  signal: AbortSignal,
): Promise<RerunOutcome> {
  const at = { ...pathOf(repository), request: { signal } };
  const scope = { repositoryId: repository.id, permissions: { actions: 'write' as const } };
  try {
    await app.withNarrowToken(accountOf(repository), scope, ({ rest: { actions } }) =>
      'jobId' in target
        ? actions.reRunJobForWorkflowRun({ ...at, job_id: target.jobId })
        : actions.reRunWorkflowFailedJobs({ ...at, run_id: target.runId }),
    );
    return { kind: 'started-again' };
  } catch (error) {
    return classifyGitHubError(RERUN, error, Date.now());
  }
}
