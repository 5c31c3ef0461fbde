import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Harness, startHarness } from './github-harness.ts';
import { guid, startWorker, type Worker } from './worker-harness.ts';

const STEPS = 'twirp/github.actions.results.api.v1.WorkflowStepUpdateService/WorkflowStepsUpdate';
const RECEIVER = 'twirp/results.services.receiver.Receiver/';
const BOM = '\uFEFF';

let harness: Harness;
let worker: Worker;
beforeEach(async () => {
  harness = await startHarness();
  worker = startWorker(harness);
});
afterEach(() => harness.close());

const at = (path: string) => `${worker.addresses.results}${path}`;
const step = (number: number, status = 6, conclusion = 2) => ({
  external_id: guid(number).toUpperCase(),
  number,
  name: `Step ${number}`,
  status,
  conclusion,
  started_at: '2026-11-29T01:00:00.123Z',
  ...(status === 6 && { completed_at: '2026-11-29T01:00:05.500Z' }),
});
const update = (steps: object[], change_order = 1, who = worker) =>
  who.post(at(STEPS), { steps, change_order, ...who.ids });

async function signed(call: string, more: object = {}): Promise<Record<string, string>> {
  const response = await worker.post(at(`${RECEIVER}${call}`), { ...worker.ids, ...more });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, string>;
}
const logUrl = async (number: number) =>
  (await signed('GetStepLogsSignedBlobURL', { step_backend_id: guid(number) }))['logs_url'] ?? '';
const put = (url: string, body: string, type?: string) =>
  fetch(url, { method: 'PUT', body, ...(type && { headers: { 'x-ms-blob-type': type } }) });

describe('the steps of a job', () => {
  it('should be known by number with status, conclusion and times', async () => {
    const response = await update([step(2, 3, 0), step(1), step(3, 5, 0)]);
    expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
    expect(worker.record.report?.steps()).toMatchObject([
      {
        id: guid(1),
        number: 1,
        status: 'completed',
        conclusion: 'success',
        completedAt: '2026-11-29T01:00:05.500Z',
      },
      { number: 2, status: 'in_progress', conclusion: null, completedAt: null },
      { number: 3, status: 'queued', conclusion: null },
    ]);
  });

  it('should not go back by an update that comes late', async () => {
    await update([step(1, 6, 3)], 2);
    await update([step(1, 3, 0)], 1);
    expect(worker.record.report?.steps()).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
  });

  it('should be dropped from the first on where there are more than 500', async () => {
    const many = Array.from({ length: 503 }, (_, index) => ({
      ...step(1),
      external_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      number: index + 1,
    }));
    await update(many);
    const { report } = worker.record;
    expect([report?.steps().length, report?.steps()[0]?.number, report?.droppedSteps]).toEqual([500, 4, 3]);
  });
});

describe('a call to the results service', () => {
  it('should need the token of a job that runs, of just that job, and be well formed', async () => {
    const other = startWorker(harness);
    const body = { steps: [step(1)], change_order: 1 };
    const statuses = async (...calls: Promise<Response>[]) =>
      (await Promise.all(calls)).map(({ status }) => status);
    expect(
      await statuses(
        worker.post(at(STEPS), { ...body, ...worker.ids }, 'h.p.s'),
        worker.post(at(STEPS), { ...body, ...other.ids }),
        worker.post(at(STEPS), { ...body, ...worker.ids, workflow_run_backend_id: guid(9) }),
        worker.post(at(STEPS), body),
        update([{ ...step(1), status: 4 }]),
        update([{ ...step(1), external_id: 'one' }]),
        fetch(at(STEPS), { method: 'POST', headers: { authorization: `Bearer ${worker.token}` }, body: '{' }),
      ),
    ).toEqual([401, 404, 404, 400, 400, 400, 400]);
    expect(worker.record.report).toBeUndefined();
    expect(other.record.report).toBeUndefined();
  });

  it('should be refused a minute after the job has ended', async () => {
    harness.github.actions.finish(worker.record, 'success');
    expect((await update([step(1)])).status).toBe(200);
    harness.clock.advance(61_000);
    expect((await update([step(1)], 2)).status).toBe(401);
  });
});

describe('a log', () => {
  it('should be put in one block', async () => {
    const url = await logUrl(1);
    expect((await put(url, `${BOM}T1 hello\nT2 world\n`, 'BlockBlob')).status).toBe(201);
    const done = { step_backend_id: guid(1), line_count: 2, uploaded_at: '2026-11-29T01:00:05.500Z' };
    expect(await signed('CreateStepLogsMetadata', done)).toEqual({ ok: true });
    expect(worker.record.report?.logOf(guid(1))).toEqual(['T1 hello', 'T2 world']);
  });

  it('should be put block by block until it is sealed', async () => {
    const url = await logUrl(1);
    expect((await put(`${url}&comp=appendblock`, 'x')).status).toBe(404);
    expect((await put(url, '', 'AppendBlob')).status).toBe(201);
    expect((await put(`${url}&comp=appendblock`, `${BOM}one\n`)).status).toBe(201);
    expect((await put(`${url}&comp=appendblock&seal=true`, `${BOM}two\n`)).status).toBe(201);
    expect((await put(`${url}&comp=appendblock`, 'three\n')).status).toBe(409);
    expect(worker.record.report?.logOf(guid(1))).toEqual(['one', 'two']);
  });

  it('should be put as Azure’s client does it: new, and sealed by a call of its own', async () => {
    const url = await logUrl(1);
    const isNew = { 'if-none-match': '*' };
    const create = (type: string, body: string) =>
      fetch(url, { method: 'PUT', body, headers: { ...isNew, 'x-ms-blob-type': type } });
    expect((await put(`${url}&comp=seal`, '')).status).toBe(404);
    expect((await create('AppendBlob', '')).status).toBe(201);
    expect((await create('AppendBlob', '')).status).toBe(409);
    const appended = await put(url.replace('?', '?comp=appendblock&'), 'one\n');
    expect(appended.headers.get('etag')).toMatch(/^"0x/);
    expect((await put(`${url}&comp=seal`, '')).status).toBe(200);
    expect((await put(`${url}&comp=appendblock`, 'two\n')).status).toBe(409);
    expect(worker.record.report?.logOf(guid(1))).toEqual(['one']);
    const whole = await logUrl(2);
    await put(whole, 'all\n', 'BlockBlob');
    expect((await put(`${whole}&comp=seal`, '')).status).toBe(409);
  });

  it('should be the job’s, too, and of the steps until that is there', async () => {
    await update([step(1), step(2)]);
    await put(await logUrl(1), 'of one\n', 'BlockBlob');
    expect(worker.record.report?.jobLog()).toEqual(['of one']);
    const { logs_url = '' } = await signed('GetJobLogsSignedBlobURL');
    await put(logs_url, 'of all\n', 'BlockBlob');
    expect(worker.record.report?.jobLog()).toEqual(['of all']);
    expect(await signed('CreateJobLogsMetadata', { line_count: 1 })).toEqual({ ok: true });
  });

  it('should be refused at an address that was changed, by another method, and without its type', async () => {
    const url = new URL(await logUrl(1));
    const changed = (change: (url: URL) => void) => {
      const copy = new URL(url);
      change(copy);
      return put(copy.href, 'forged', 'BlockBlob');
    };
    const answers = await Promise.all([
      changed(({ searchParams }) => searchParams.set('sig', 'AAAA')),
      changed(({ searchParams }) => searchParams.delete('sig')),
      changed(({ searchParams }) => searchParams.set('se', '2036-01-01T00:00:00.000Z')),
      changed((copy) => {
        copy.pathname = copy.pathname.replace(guid(1), guid(2));
      }),
      fetch(url),
      put(url.href, 'no type'),
      put(url.href, 'wrong type', 'PageBlob'),
      put(url.href, 'x'.repeat(17 * 1024 ** 2), 'BlockBlob'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 400, 400, 413]);
    expect(worker.record.report?.logOf(guid(1))).toBeUndefined();
  });

  it('should keep its newest lines where it is too large, and say so', async () => {
    const url = await logUrl(1);
    await put(url, '', 'AppendBlob');
    const block = Array.from({ length: 30_000 }, (_, index) => `${index} ${'x'.repeat(60)}`).join('\n');
    for (let blocks = 0; blocks < 4; blocks++) await put(`${url}&comp=appendblock`, `${block}\n`);
    const lines = worker.record.report?.logOf(guid(1)) ?? [];
    expect(lines[0]).toMatch(/^\(The \d+ oldest lines are not kept/);
    expect(lines.at(-1)).toMatch(/^29999 x/);
    expect(lines.join('\n').length).toBeLessThan(4.1 * 1024 ** 2);
  });
});

describe('a summary', () => {
  it('should be taken up to its limit, of twenty steps, in their order', async () => {
    await update([step(1), step(2)]);
    const summary = (id: string) => signed('GetStepSummarySignedBlobURL', { step_backend_id: id });
    const { soft_size_limit, summary_url: second = '' } = await summary(guid(2));
    expect(soft_size_limit).toBe(1_048_576);
    await put(second, '# Two', 'BlockBlob');
    const { summary_url: first = '' } = await summary(guid(1));
    expect((await put(first, 'x'.repeat(1_048_577), 'BlockBlob')).status).toBe(413);
    await put(first, '# One', 'BlockBlob');
    const done = { step_backend_id: guid(1), size: 5, uploaded_at: '2026-11-29T01:00:05.500Z' };
    expect(await signed('CreateStepSummaryMetadata', done)).toEqual({ ok: true });
    expect(worker.record.report?.summaries()).toEqual(['# One', '# Two']);
    for (let more = 0; more < 19; more++) {
      const { summary_url = '' } = await summary(`00000000-0000-4000-8000-${String(more).padStart(12, '0')}`);
      expect((await put(summary_url, 'more', 'BlockBlob')).status).toBe(more < 18 ? 201 : 409);
    }
  });
});
