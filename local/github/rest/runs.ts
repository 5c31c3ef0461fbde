/** Workflow runs and their jobs. */
import { notFound } from '../api-error.ts';
import { runState } from '../job-store.ts';
import { jobBody, runBody } from '../payloads/actions.ts';
import type { Run } from '../records.ts';
import {
  type ApiRequest,
  type Handler,
  type Handlers,
  idOf,
  ok,
  type RestContext,
  scopeOf,
} from './context.ts';
import { createdCondition } from './created.ts';
import { pageOf } from './paging.ts';

/** The run, where the caller's token reaches its repository; 404 otherwise. */
export function visible(request: ApiRequest, run: Run | undefined): Run {
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

/** docs.github.com: a redirect to a file; there is none before the job is over. */
const downloadLog: Handler = (request, context) => {
  const job = context.actions.jobs.get(idOf(request, 'job_id'));
  visible(request, job?.run);
  if (job?.status !== 'completed') throw notFound();
  return { status: 302, body: null, headers: { location: context.jobLogUrl(job) } };
};

/** Now and then GitHub sends what its description does not allow. */
function spoiled(bodies: readonly Record<string, unknown>[], { faults }: RestContext) {
  const [first, ...others] = bodies;
  if (first === undefined || !faults.strikes('github-malformed-record')) return undefined;
  return [{ ...first, labels: null }, ...others];
}

/** `filter` is `latest` or `all` attempts. */
const listJobs: Handler = (request, context) => {
  const run = foundRun(request, context);
  const isAll = request.query.get('filter') === 'all';
  const jobs = isAll ? context.actions.jobs.all().filter((job) => job.run === run) : run.jobs;
  if (context.faults.strikes('github-run-vanishes')) throw notFound();
  const page = pageOf(context.apiUrl(), request, jobs);
  const bodies = page.items.map((job) => jobBody(context.apiUrl(), job));
  const bad = spoiled(bodies, context);
  const answer = ok({ total_count: jobs.length, jobs: bad ?? bodies }, page.headers);
  return bad === undefined ? answer : { ...answer, isMalformed: true };
};

/** docs.github.com, List workflow runs for a repository: "up to 1,000 results for each search" with these. */
const MOST_FOUND = 1_000;
const SEARCHES = ['actor', 'branch', 'check_suite_id', 'created', 'event', 'head_sha', 'status'];

/** `status` names a status or a conclusion (docs.github.com, as above). */
const listRuns: Handler = (request, context) => {
  const { repository } = scopeOf(request);
  const wanted = request.query.get('status');
  const isCreated = createdCondition(request.query.get('created'));
  const matches = (run: Run) => {
    if (run.repository.id !== repository?.id || !isCreated(run.createdAtMs)) return false;
    const { status, conclusion } = runState(run);
    return wanted === null || wanted === status || wanted === conclusion;
  };
  const runs = context.actions.jobs.runs().filter(matches);
  const isSearch = SEARCHES.some((name) => request.query.has(name));
  const page = pageOf(context.apiUrl(), request, isSearch ? runs.slice(0, MOST_FOUND) : runs);
  const bodies = page.items.map((run) => runBody(context.apiUrl(), run));
  return ok({ total_count: runs.length, workflow_runs: bodies }, page.headers);
};

export const runHandlers: Handlers = {
  'actions/get-job-for-workflow-run': getJob,
  'actions/download-job-logs-for-workflow-run': downloadLog,
  'actions/list-jobs-for-workflow-run': listJobs,
  'actions/list-workflow-runs-for-repo': listRuns,
  'actions/get-workflow-run': (request, context) => ok(runBody(context.apiUrl(), foundRun(request, context))),
};
