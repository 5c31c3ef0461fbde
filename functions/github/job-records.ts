import { readWorkflowName } from '../core/job/workflow-name.ts';
import type { JobFact } from '../core/task/facts.ts';
import { isId, isObject, isText, isTexts, type Json, timeOf } from '../kit/json.ts';
import { type Named, pathOf, type Resource } from './conditional.ts';
import { PAGE_SIZE, type Page, readPage, readRecords } from './records.ts';

const sizeOf = ({ items }: Page<JobFact>): number => items.length;

/** One page of the jobs of a run's latest attempt. Source: docs.github.com, List jobs for a workflow run. */
export function jobsPage(repository: Named, runId: number, page: number): Resource<Page<JobFact>> {
  const filter = 'latest' as const;
  const parameters = { ...pathOf(repository), run_id: runId, filter, per_page: PAGE_SIZE, page };
  return {
    operation: 'list jobs',
    parameters,
    ask: ({ rest }, options) => rest.actions.listJobsForWorkflowRun({ ...parameters, ...options }),
    read: (body) => readPage(body, 'jobs', readJob),
    sizeOf,
  };
}

/** One job, as a page of its own. Source: docs.github.com, Get a job for a workflow run. */
export function oneJob(repository: Named, jobId: number): Resource<Page<JobFact>> {
  const parameters = { ...pathOf(repository), job_id: jobId };
  return {
    operation: 'get job',
    parameters,
    ask: ({ rest }, options) => rest.actions.getJobForWorkflowRun({ ...parameters, ...options }),
    read: (body) => (isObject(body) && isId(body['id']) ? readRecords([body], readJob) : undefined),
    sizeOf,
  };
}

/** A job; `undefined` where it is not of the documented form. */
function readJob(record: Json): JobFact | undefined {
  const { id, run_id, run_attempt, status, labels, created_at, started_at, completed_at, runner_name } =
    record;
  if (!isId(id) || !isId(run_id) || !isText(status) || !isTexts(labels)) return undefined;
  return {
    jobId: id,
    runId: run_id,
    runAttempt: isId(run_attempt) ? run_attempt : undefined,
    status,
    workflowName: readWorkflowName(record['workflow_name']),
    labels,
    // A job without a timestamp is treated as old: no webhook is pending for it.
    createdAtMs: timeOf(created_at) ?? timeOf(started_at) ?? 0,
    runnerName: isText(runner_name) && runner_name !== '' ? runner_name : undefined,
    completedAtMs: timeOf(completed_at),
  };
}
