/** Workflow runs and their jobs. */
import { notFound } from '../api-error.ts';
import { type Run, runStatus } from '../job-store.ts';
import { jobBody, runBody } from '../payloads/actions.ts';
import {
  type ApiRequest,
  type Handler,
  type Handlers,
  idOf,
  ok,
  type RestContext,
  scopeOf,
} from './context.ts';
import { pageOf } from './paging.ts';

function visible(request: ApiRequest, run: Run | undefined): Run {
  if (run === undefined || run.repository.id !== scopeOf(request).repository?.id) throw notFound();
  return run;
}

const foundRun = (request: ApiRequest, context: RestContext): Run =>
  visible(request, context.actions.jobs.run(idOf(request, 'run_id')));

const getJob: Handler = (request, context) => {
  const job = context.actions.jobs.get(idOf(request, 'job_id'));
  visible(request, job?.run);
  return job === undefined ? Promise.reject(notFound()) : ok(jobBody(context.apiUrl(), job));
};

/** `filter` is `latest` or `all` attempts; this world has one attempt, so both give the same. */
const listJobs: Handler = (request, context) => {
  const { jobs } = foundRun(request, context);
  const page = pageOf(context.apiUrl(), request, jobs);
  const bodies = page.items.map((job) => jobBody(context.apiUrl(), job));
  return ok({ total_count: jobs.length, jobs: bodies }, page.headers);
};

/** `status` names a status or a conclusion (docs.github.com: List workflow runs for a repository). */
const listRuns: Handler = (request, context) => {
  const { repository } = scopeOf(request);
  const wanted = request.query.get('status');
  const matches = (run: Run) => {
    const { status, conclusion } = runStatus(run);
    return (
      run.repository.id === repository?.id && (wanted === null || wanted === status || wanted === conclusion)
    );
  };
  const runs = context.actions.jobs.runs().filter(matches);
  const page = pageOf(context.apiUrl(), request, runs);
  const bodies = page.items.map((run) => runBody(context.apiUrl(), run));
  return ok({ total_count: runs.length, workflow_runs: bodies }, page.headers);
};

export const runHandlers: Handlers = {
  'actions/get-job-for-workflow-run': getJob,
  'actions/list-jobs-for-workflow-run': listJobs,
  'actions/list-workflow-runs-for-repo': listRuns,
  'actions/get-workflow-run': (request, context) => ok(runBody(context.apiUrl(), foundRun(request, context))),
};
