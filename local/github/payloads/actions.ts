/** Runners, jobs and runs; a job is the same in a webhook and in the REST API. */
import { updatedAtMs } from '../../../model/github/job.ts';
import { runState } from '../job-store.ts';
import type { JobRecord, Run, RunnerRecord } from '../records.ts';
import { shortRef } from '../ref.ts';
import type { ReportedStep } from '../service/job-report.ts';
import { SENDER, userBody } from './accounts.ts';
import { minimalRepositoryBody } from './repositories.ts';
import { iso, nodeId, WEB } from './shared.ts';

const READ_ONLY = new Set(['self-hosted', 'linux', 'x64', 'arm64']);

export function runnerBody(runner: RunnerRecord, busy: boolean): Record<string, unknown> {
  return {
    id: runner.id,
    name: runner.name,
    os: runner.sessionId === null ? 'unknown' : 'Linux',
    status: runner.connected ? 'online' : 'offline',
    busy,
    labels: runner.labels.map((name, index) => ({
      id: index + 1,
      name,
      type: READ_ONLY.has(name) ? 'read-only' : 'custom',
    })),
    runner_group_id: runner.group.id,
    ephemeral: true,
  };
}

interface Step {
  readonly name: string;
  readonly status: 'queued' | 'completed' | 'in_progress';
  readonly conclusion: string | null;
  readonly number: number;
  readonly started_at: string | null;
  readonly completed_at: string | null;
}

/** As GitHub shows them; none of a job that has not begun. */
export function stepsOf(job: JobRecord): Step[] {
  if (job.startedAtMs === null) return [];
  const told = job.report?.steps() ?? [];
  return told.length > 0 ? told.map(toldStep) : supposedSteps(job, job.startedAtMs);
}

const toldStep = ({ name, status, conclusion, number, startedAt, completedAt }: ReportedStep): Step => ({
  ...{ name, status, conclusion, number },
  started_at: isoText(startedAt),
  completed_at: isoText(completedAt),
});

const isoText = (text: string | null): string | null => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : iso(ms);
};

/** Of a job whose runner tells of none while it works. */
function supposedSteps(job: JobRecord, startedAtMs: number): Step[] {
  const { name, completedAtMs } = job;
  const over = completedAtMs !== null;
  const step = (number: number, title: string): Step => ({
    name: title,
    status: over ? 'completed' : 'in_progress',
    conclusion: over ? (number > 1 ? conclusionOfStep(job) : 'success') : null,
    number,
    started_at: iso(startedAtMs),
    completed_at: completedAtMs === null ? null : iso(completedAtMs),
  });
  return over ? [step(1, 'Set up job'), step(2, `Run ${name}`)] : [step(1, 'Set up job')];
}

/** A shutdown cancels the step that runs (WIRE-60); of a runner that is gone nobody tells (GH-71). */
function conclusionOfStep({ conclusion, stepResults, hasLostRunner }: JobRecord): string | null {
  if (hasLostRunner) return null;
  const wasCancelled = stepResults.some((step) => step.conclusion === 'cancelled');
  return conclusion === 'failure' && wasCancelled ? 'cancelled' : conclusion;
}

export function jobBody(api: string, job: JobRecord): Record<string, unknown> {
  const repository = `${api}/repos/${job.repository}`;
  return {
    id: job.id,
    run_id: job.runId,
    workflow_name: job.workflow,
    head_branch: shortRef(job.run.origin.ref),
    run_url: `${repository}/actions/runs/${job.runId}`,
    run_attempt: job.runAttempt,
    node_id: nodeId('CR', job.id),
    head_sha: job.run.headSha,
    url: `${repository}/actions/jobs/${job.id}`,
    html_url: `${WEB}/${job.repository}/actions/runs/${job.runId}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: iso(job.createdAtMs),
    started_at: iso(job.startedAtMs ?? job.queuedAtMs),
    completed_at: job.completedAtMs === null ? null : iso(job.completedAtMs),
    name: job.name,
    steps: stepsOf(job),
    check_run_url: `${repository}/check-runs/${job.id}`,
    labels: job.labels,
    runner_id: job.runnerId,
    runner_name: job.runnerName,
    runner_group_id: job.runnerGroupId,
    runner_group_name: job.runnerGroupName,
  };
}

export function runBody(api: string, run: Run): Record<string, unknown> {
  const owner = run.installation.owner;
  const repository = minimalRepositoryBody(api, owner, run.repository);
  const url = `${String(repository['url'])}/actions/runs/${run.id}`;
  const workflowId = 1_000_000 + run.repository.id;
  return {
    id: run.id,
    name: run.workflow,
    node_id: nodeId('WFR', run.id),
    head_branch: shortRef(run.origin.ref),
    head_sha: run.headSha,
    path: run.origin.path,
    display_title: run.workflow,
    run_number: run.number,
    event: run.origin.event,
    ...runState(run),
    workflow_id: workflowId,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CS', run.id),
    url,
    html_url: `${String(repository['html_url'])}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: iso(run.createdAtMs),
    updated_at: iso(updatedAtMs(run.jobs, Number.POSITIVE_INFINITY)),
    actor: userBody(api, SENDER),
    run_attempt: run.attempt,
    run_started_at: iso(run.attemptStartedAtMs),
    triggering_actor: userBody(api, SENDER),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${String(repository['url'])}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt === 1 ? null : `${url}/attempts/${run.attempt - 1}`,
    workflow_url: `${String(repository['url'])}/actions/workflows/${workflowId}`,
    head_commit: {
      id: run.headSha,
      tree_id: run.headSha,
      message: run.workflow,
      timestamp: iso(run.createdAtMs),
      author: { name: SENDER.login, email: 'octocat@github.com' },
      committer: { name: 'GitHub', email: 'noreply@github.com' },
    },
    repository,
    head_repository: repository,
  };
}
