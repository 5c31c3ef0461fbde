import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groupLog } from '../../local/github/log-groups.ts';
import { WHOLE_JOB } from '../../local/github/service/job-report.ts';
import { type Harness, refusal, startHarness } from './github-harness.ts';
import { guid, startWorker, type Worker } from './worker-harness.ts';

let harness: Harness;
let worker: Worker;
beforeEach(async () => {
  harness = await startHarness();
  worker = startWorker(harness, { definition: {} });
});
afterEach(() => harness.close());

const T = '2026-11-29T01:02:03.1234567Z';
const STEP = { startedAt: '2026-11-29T01:00:00.000Z', completedAt: '2026-11-29T01:00:05.000Z' };

async function tell(): Promise<void> {
  const { addresses, ids, post } = worker;
  const sent = (number: number, name: string, status: number, conclusion: number) => ({
    ...{ external_id: guid(number), number, name, status, conclusion },
    started_at: STEP.startedAt,
    completed_at: status === 6 ? STEP.completedAt : null,
  });
  const steps = [
    sent(1, 'Set up job', 6, 2),
    sent(2, 'Run <b>tests</b>', 6, 3),
    sent(3, 'Post checkout', 5, 0),
  ];
  const call = 'twirp/github.actions.results.api.v1.WorkflowStepUpdateService/WorkflowStepsUpdate';
  await post(`${addresses.results}${call}`, { ...ids, change_order: 1, steps });
  const text = [
    `${T} ##[group]Run npm test`,
    `${T} \u001b[36;1mnpm test\u001b[0m`,
    `${T} ##[endgroup]`,
    `${T} <script>alert(1)</script>`,
    `${T} ##[error]Process completed with exit code 1.`,
  ];
  worker.record.report?.createBlob(guid(2), 'BlockBlob', text.join('\n'));
  worker.record.report?.createBlob(WHOLE_JOB, 'BlockBlob', ['first', ...text].join('\n'));
}

const path = () => `/acme/shop/actions/runs/${worker.record.runId}/job/${worker.record.id}`;
async function visit(more = '') {
  const answer = await fetch(`${harness.github.url}${path()}${more}`);
  return {
    status: answer.status,
    text: await answer.text(),
    policy: answer.headers.get('content-security-policy'),
  };
}

describe('the page of a job whose runner tells of it', () => {
  it('should have each step with its log, folded as its groups are, without colours', async () => {
    await tell();
    const { text } = await visit();
    expect(text).toMatch(/Set up job: success, 5 s/);
    expect(text).toMatch(/<details open><summary>Run &lt;b&gt;tests&lt;\/b&gt;: failure, 5 s<\/summary>/);
    expect(text).toMatch(
      /<details><summary>Run npm test<\/summary><span class="text" title="2026-11-29T01:02:03Z">npm test<\/span>\n<\/details>/,
    );
    expect(text).toMatch(/<span class="error"[^>]*>Process completed with exit code 1\.<\/span>/);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toMatch(/<script|<b>/);
    expect(text).not.toContain('\u001b');
    expect(text).toMatch(/Post checkout: queued/);
  });

  it('should load again until the job is over, and run nothing', async () => {
    const before = await visit();
    expect(before.text).toContain('<meta http-equiv="refresh" content="3">');
    expect(before.policy).toMatch(/^default-src 'none'/);
    harness.github.actions.finish(worker.record, 'success');
    expect((await visit()).text).not.toContain('http-equiv="refresh"');
  });

  it('should show summaries as Markdown that does nothing', async () => {
    await tell();
    const summary = [
      '# Results',
      '',
      '| a | b |\n| - | - |\n| 1 | 2 |',
      '',
      '<table><tr><td onclick="x()">cell</td></tr></table>',
      '<script>alert(1)</script><img src=x onerror=y><iframe src="https://evil.example"></iframe>',
      '',
      '[bad](javascript:alert(1)) [good](https://example.com)',
    ];
    worker.record.report?.setSummary(guid(2), summary.join('\n'));
    const { text } = await visit();
    expect(text).toMatch(/<h2>Summary<\/h2><section><h1>Results<\/h1>/);
    expect(text).toMatch(/<td>cell<\/td>/);
    expect(text).toContain('<a href="https://example.com">good</a>');
    expect(text).not.toMatch(/<script|<img|<iframe|javascript:|onclick|onerror/);
  });

  it('should show the newest thousand lines of a step, and give the whole log as a file', async () => {
    await tell();
    const lines = Array.from({ length: 1_500 }, (_, index) => `${T} line ${index}`);
    worker.record.report?.createBlob(guid(2), 'BlockBlob', lines.join('\n'));
    const { text } = await visit();
    expect(text).toMatch(/500 earlier lines are in the whole log/);
    expect(text).not.toMatch(/>line 499</);
    expect(text).toMatch(/>line 500</);
    expect((await visit('/log')).text.split('\n').slice(0, 2)).toEqual([
      'first',
      `${T} ##[group]Run npm test`,
    ]);
    const elsewhere = path().replace('shop', 'docs');
    expect((await fetch(`${harness.github.url}${elsewhere}/log`)).status).toBe(404);
  });

  it('should keep within its lines, however many steps there are', async () => {
    await tell();
    const { report } = worker.record;
    const number = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const step = { name: 'x', status: 'completed', conclusion: 'success', ...STEP } as const;
    report?.updateSteps(
      Array.from({ length: 30 }, (_, index) => ({ ...step, id: number(index), number: index })),
      2,
    );
    for (let index = 0; index < 30; index++)
      report?.createBlob(number(index), 'BlockBlob', 'a line\n'.repeat(1_000));
    expect((await visit()).text.match(/>a line</g)?.length).toBe(10_000);
  });
});

describe('the REST API', () => {
  it('should have the steps that the runner tells of', async () => {
    await tell();
    const { data } = await harness
      .as()
      .actions.getJobForWorkflowRun({ owner: 'acme', repo: 'shop', job_id: worker.record.id });
    expect(data.steps).toEqual([
      expect.objectContaining({
        name: 'Set up job',
        conclusion: 'success',
        started_at: '2026-11-29T01:00:00Z',
      }),
      expect.objectContaining({ number: 2, status: 'completed', conclusion: 'failure' }),
      expect.objectContaining({ name: 'Post checkout', status: 'queued', completed_at: null }),
    ]);
    harness.github.actions.finish(worker.record, 'failure');
    await harness.github.settled();
    const [completed] = harness.github.deliveries();
    expect(JSON.parse(completed?.payload ?? '').workflow_job.steps).toHaveLength(3);
  });

  it('should redirect to the log of a job that is over', async () => {
    await tell();
    const asked = { owner: 'acme', repo: 'shop', job_id: worker.record.id };
    const download = () => harness.as().actions.downloadJobLogsForWorkflowRun(asked);
    expect((await refusal(download())).status).toBe(404);
    harness.github.actions.finish(worker.record, 'failure');
    const { data, url } = await download();
    expect(String(data)).toMatch(/^first\n/);
    expect((await fetch(url.replace(/sig=.*/, 'sig=AAAA'))).status).toBe(403);
    const { id: other } = startWorker(harness, { repository: 'acme/docs' }).record;
    expect(
      (await refusal(harness.as(502).actions.downloadJobLogsForWorkflowRun({ ...asked, job_id: other })))
        .status,
    ).toBe(404);
  });
});

describe('a log', () => {
  it('should fold groups that are never ended, and lines of the live feed', () => {
    expect(
      groupLog(['before', '##[group]One', 'in one', '##[group]Two', 'in two', '##[endgroup]', '[command]ls']),
    ).toEqual([
      { title: null, lines: [{ time: '', kind: 'text', text: 'before' }] },
      { title: 'One', lines: [{ time: '', kind: 'text', text: 'in one' }] },
      { title: 'Two', lines: [{ time: '', kind: 'text', text: 'in two' }] },
      { title: null, lines: [{ time: '', kind: 'command', text: 'ls' }] },
    ]);
  });
});
