/** The pages that a run and a job have on github.com, as far as the embedded world knows what stands there. */
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { jobLog } from './job-log.ts';
import { renderMarkdown } from './markdown.ts';
import { page } from './page.ts';
import type { JobRecord, Run } from './records.ts';
import { stepsList } from './step-list.ts';
import type { GitHubWorld } from './world.ts';

/** While a job is not over its page loads again by itself. */
const REFRESH_SECONDS = 3;
/** Lines of a job that its page shows; its log is an address of its own. */
const MOST_LINES = 2_000;
/** What jobs wrote does nothing in a browser, and loads nothing. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function createRunPages({ actions }: GitHubWorld): Hono {
  const pages = new Hono();
  const jobOf = (c: Context): JobRecord | undefined => {
    const { owner = '', repo = '', run, job } = c.req.param() as Record<string, string>;
    const found = actions.jobs.get(Number(job));
    return found?.runId === Number(run) && isOf(found.run, owner, repo) ? found : undefined;
  };
  const withJob = (show: (job: JobRecord, c: Context) => Response | Promise<Response>) => (c: Context) => {
    const job = jobOf(c);
    if (job !== undefined) return show(job, c);
    const text = html`<p>There is no job ${c.req.param('job')} in ${c.req.param('owner')}/${c.req.param('repo')}.</p>`;
    return c.html(page('Not found', text), 404);
  };
  pages.get('/:owner/:repo/actions/runs/:run', (c, next) => {
    const { owner, repo, run } = c.req.param();
    const found = actions.jobs.run(Number(run));
    // The REST API has an address of this form, too: /repositories/ID/actions/runs/ID.
    return found !== undefined && isOf(found, owner, repo) ? show(c, runPage(found)) : next();
  });
  const address = '/:owner/:repo/actions/runs/:run/job/:job';
  pages.get(
    address,
    withJob(async (job, c) => show(c, await jobPage(job))),
  );
  pages.get(
    `${address}/log`,
    withJob((job, c) => c.text(`${jobLog(job).join('\n')}\n`)),
  );
  return pages;
}

const show = (c: Context, body: ReturnType<typeof page>) =>
  c.html(body, 200, { 'content-security-policy': POLICY });

const nameOf = ({ installation, repository }: Run): string =>
  `${installation.owner.login}/${repository.name}`;

const addressOf = (run: Run, { id }: JobRecord): string => `/${nameOf(run)}/actions/runs/${run.id}/job/${id}`;

const isOf = (run: Run, owner: string, repo: string): boolean =>
  nameOf(run).toLowerCase() === `${owner}/${repo}`.toLowerCase();

const refreshOf = (jobs: readonly JobRecord[]) =>
  jobs.some(({ status }) => status !== 'completed') ? REFRESH_SECONDS : undefined;

const runPage = (run: Run) =>
  page(`${run.workflow}, run ${run.number} of ${nameOf(run)}`, jobsList(run, run.jobs), refreshOf(run.jobs));

const jobsList = (run: Run, jobs: readonly JobRecord[]) =>
  html`<ul>${jobs.map(
    (job) => html`<li><a href="${addressOf(run, job)}">${job.name}</a>: ${job.conclusion ?? job.status}</li>`,
  )}</ul>`;

async function jobPage(job: JobRecord) {
  const { name, repository, workflow, run, labels, status, conclusion, annotation } = job;
  const runner = job.runnerName === null ? 'none yet' : `${job.runnerName} (${job.runnerGroupName})`;
  const facts = {
    ...{ Repository: repository, Workflow: `${workflow}, run ${run.number}`, Labels: labels.join(', ') },
    ...{ Runner: runner, Status: conclusion ?? status.replace('_', ' ') },
  };
  const others = run.jobs.filter((one) => one !== job);
  const summaries = await Promise.all((job.report?.summaries() ?? []).map(renderMarkdown));
  return page(
    name,
    html`<dl>${Object.entries(facts).map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>
<h2>Steps</h2>${stepsList(job)}
${summaries.length === 0 ? '' : html`<h2>Summary</h2>${summaries.map((each) => html`<section>${each}</section>`)}`}
<h2>Annotations</h2><p>${annotation ?? 'None.'}</p>
<h2>Log</h2>${logPart(job)}
<h2>Other jobs of the run</h2>${others.length === 0 ? html`<p>None.</p>` : jobsList(run, others)}`,
    refreshOf([job]),
  );
}

function logPart(job: JobRecord) {
  const lines = jobLog(job);
  const text = lines.slice(-MOST_LINES).join('\n');
  const all = html`<p><a href="${addressOf(job.run, job)}/log">The whole log</a>, ${lines.length} lines.</p>`;
  // Where there are steps, their logs are above.
  if (job.report === undefined) return html`<pre>${text}</pre>`;
  return html`${all}<details><summary>Its end</summary><pre>${text}</pre></details>`;
}
