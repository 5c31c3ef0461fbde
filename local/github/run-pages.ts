/** The pages of a run and its jobs, where links of the console and of the commands lead. */
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { page } from './page.ts';
import type { Job } from './types.ts';
import type { GitHubWorld } from './world.ts';

export function createRunPages(world: GitHubWorld): Hono<{ Bindings: HttpBindings }> {
  const pages = new Hono<{ Bindings: HttpBindings }>();
  const jobsOf = (owner: string, repo: string, run: string): Job[] =>
    world
      .jobs()
      .filter(({ repository, runId }) => repository === `${owner}/${repo}` && String(runId) === run);
  pages.get('/:owner/:repo/actions/runs/:run', (c) => {
    const { owner, repo, run } = c.req.param();
    const jobs = jobsOf(owner, repo, run);
    const [first] = jobs;
    if (first === undefined) return c.text('Not Found', 404);
    return c.html(
      page(
        `${first.workflow}, run ${run} of ${first.repository}`,
        html`<ul>${jobs.map((job) => html`<li><a href="${addressOf(job)}">${job.name}</a>: ${stateOf(job)}</li>`)}</ul>`,
      ),
    );
  });
  pages.get('/:owner/:repo/actions/runs/:run/job/:job', (c) => {
    const { owner, repo, run, job: id } = c.req.param();
    const job = jobsOf(owner, repo, run).find((one) => String(one.id) === id);
    return job === undefined ? c.text('Not Found', 404) : c.html(jobPage(job));
  });
  return pages;
}

const addressOf = ({ repository, runId, id }: Job): string =>
  `/${repository}/actions/runs/${runId}/job/${id}`;

const stateOf = ({ status, conclusion }: Job): string => (conclusion ?? status).replace('_', ' ');

const time = (atMs: number | null): string => (atMs === null ? 'not yet' : new Date(atMs).toISOString());

function jobPage(job: Job) {
  const rows = [
    ['State', stateOf(job)],
    ['Labels', job.labels.join(', ')],
    ['Runner', job.runnerName ?? 'none yet'],
    ['Queued', time(job.queuedAtMs)],
    ['Started', time(job.startedAtMs)],
    ['Ended', time(job.completedAtMs)],
    ...(job.annotation === null ? [] : [['Annotation', job.annotation]]),
  ];
  return page(
    `${job.name} of ${job.repository}`,
    html`<table>${rows.map(([name, value]) => html`<tr><th scope="row" align="left">${name}</th><td>${value}</td></tr>`)}</table>
<p><a href="/${job.repository}/actions/runs/${job.runId}">All jobs of this run</a></p>`,
  );
}
