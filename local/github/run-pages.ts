/** The pages that a run and a job have on github.com, as far as the embedded world knows what stands there. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { page } from './page.ts';
import { stepsOf } from './payloads/actions.ts';
import type { JobRecord, Run } from './records.ts';
import type { GitHubWorld } from './world.ts';

interface Line {
  readonly atMs: number;
  readonly text: string;
}

export function createRunPages({ actions }: GitHubWorld): Hono {
  const pages = new Hono();
  pages.get('/:owner/:repo/actions/runs/:run', (c, next) => {
    const { owner, repo, run } = c.req.param();
    const found = actions.jobs.run(Number(run));
    // The REST API has an address of this form, too: /repositories/ID/actions/runs/ID.
    return found !== undefined && isOf(found, owner, repo) ? c.html(runPage(found)) : next();
  });
  pages.get('/:owner/:repo/actions/runs/:run/job/:job', (c) => {
    const { owner, repo, run, job } = c.req.param();
    const found = actions.jobs.get(Number(job));
    const isThere = found?.runId === Number(run) && isOf(found.run, owner, repo);
    return found !== undefined && isThere
      ? c.html(jobPage(found))
      : c.html(page('Not found', html`<p>There is no job ${job} in ${owner}/${repo}.</p>`), 404);
  });
  return pages;
}

const nameOf = ({ installation, repository }: Run): string =>
  `${installation.owner.login}/${repository.name}`;

const isOf = (run: Run, owner: string, repo: string): boolean =>
  nameOf(run).toLowerCase() === `${owner}/${repo}`.toLowerCase();

const runPage = (run: Run) =>
  page(`${run.workflow}, run ${run.number} of ${nameOf(run)}`, jobsList(run, run.jobs));

const jobsList = (run: Run, jobs: readonly JobRecord[]) =>
  html`<ul>${jobs.map(
    ({ id, name, status, conclusion }) =>
      html`<li><a href="/${nameOf(run)}/actions/runs/${run.id}/job/${id}">${name}</a>: ${conclusion ?? status}</li>`,
  )}</ul>`;

function jobPage(job: JobRecord) {
  const { name, repository, workflow, run, labels, status, conclusion, annotation } = job;
  const runner = job.runnerName === null ? 'none yet' : `${job.runnerName} (${job.runnerGroupName})`;
  const facts = {
    ...{ Repository: repository, Workflow: `${workflow}, run ${run.number}`, Labels: labels.join(', ') },
    ...{ Runner: runner, Status: conclusion ?? status.replace('_', ' ') },
  };
  const others = run.jobs.filter((one) => one !== job);
  return page(
    name,
    html`<dl>${Object.entries(facts).map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>
<h2>Steps</h2>${stepsList(job)}
<h2>Annotations</h2><p>${annotation ?? 'None.'}</p>
<h2>Log</h2><pre>${logOf(job)
      .map(({ atMs, text }) => `${new Date(atMs).toISOString()} ${text}`)
      .join('\n')}</pre>
<h2>Other jobs of the run</h2>${others.length === 0 ? html`<p>None.</p>` : jobsList(run, others)}`,
  );
}

function stepsList(job: JobRecord) {
  const steps = stepsOf(job);
  if (steps.length === 0) return html`<p>It has not begun.</p>`;
  return html`<ol>${steps.map(({ name, status, conclusion }) => html`<li>${name}: ${conclusion ?? status}</li>`)}</ol>`;
}

/** In the order of time. */
function logOf(job: JobRecord): Line[] {
  const { queuedAtMs, startedAtMs, completedAtMs, durationSeconds, annotation, conclusion } = job;
  const lines: (Line | undefined)[] = [
    { atMs: queuedAtMs, text: `Queued: waiting for a runner with the labels ${job.labels.join(', ')}` },
    at(startedAtMs, `Job is about to start running on the runner: ${job.runnerName}`),
    at(startedAtMs, `This world has no code to run: the job works for ${durationSeconds} seconds`),
    annotation === null ? undefined : at(completedAtMs, `Error: ${annotation}`),
    at(completedAtMs, `Job ended: ${conclusion}`),
  ];
  return lines.filter((line) => line !== undefined);
}

const at = (atMs: number | null, text: string): Line | undefined =>
  atMs === null ? undefined : { atMs, text };
