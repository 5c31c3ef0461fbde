/** The page that a job has on github.com, as far as the embedded world knows what stands there. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { stepsOf } from './payloads/actions.ts';
import type { JobRecord } from './records.ts';
import { sitePage } from './site-page.ts';
import type { GitHubWorld } from './world.ts';

interface Line {
  readonly atMs: number;
  readonly text: string;
}

export function createJobPages({ actions }: GitHubWorld): Hono {
  const pages = new Hono();
  pages.get('/:owner/:repo/actions/runs/:run/job/:job', (c) => {
    const { owner, repo, run, job } = c.req.param();
    const found = actions.jobs.get(Number(job));
    const isThere =
      found?.runId === Number(run) && found.repository.toLowerCase() === `${owner}/${repo}`.toLowerCase();
    return found !== undefined && isThere
      ? c.html(jobPage(found))
      : c.html(sitePage('Not found', html`<p>There is no job ${job} in ${owner}/${repo}.</p>`), 404);
  });
  return pages;
}

function jobPage(job: JobRecord) {
  const { name, repository, workflow, runId, run, labels, status, conclusion, annotation } = job;
  const runner = job.runnerName === null ? 'none yet' : `${job.runnerName} (${job.runnerGroupName})`;
  const facts = {
    ...{ Repository: repository, Workflow: `${workflow}, run ${run.number}`, Labels: labels.join(', ') },
    ...{ Runner: runner, Status: conclusion ?? status.replace('_', ' ') },
  };
  const others = run.jobs.filter((one) => one !== job);
  return sitePage(
    name,
    html`<dl>${Object.entries(facts).map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>
<h2>Steps</h2>${stepsList(job)}
<h2>Annotations</h2><p>${annotation ?? 'None.'}</p>
<h2>Log</h2><pre>${logOf(job)
      .map(({ atMs, text }) => `${new Date(atMs).toISOString()} ${text}`)
      .join('\n')}</pre>
<h2>Other jobs of the run</h2>${others.length === 0 ? html`<p>None.</p>` : ''}<ul>${others.map(
      (one) =>
        html`<li><a href="/${repository}/actions/runs/${runId}/job/${one.id}">${one.name}</a>: ${one.conclusion ?? one.status}</li>`,
    )}</ul>`,
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
