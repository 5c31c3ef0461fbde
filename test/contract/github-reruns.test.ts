import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobRequest } from '../../local/github/types.ts';
import { type Harness, INSTALLATIONS, job, refusal, startHarness } from './github-harness.ts';

const [ACME] = INSTALLATIONS;
const AT = { owner: 'acme', repo: 'shop' };
const DAY_MS = 24 * 3_600_000;

let harness: Harness;
const startWith = async (permissions: Record<string, 'read' | 'write'>) => {
  harness = await startHarness({ installations: [{ ...ACME, permissions }] });
};
beforeEach(() => startWith({ actions: 'write', deployments: 'read', metadata: 'read' }));
afterEach(() => harness.close());

const queue = (...jobs: JobRequest[]) => harness.github.queueRun({ repository: 'acme/shop', jobs });
const jobOf = (id: number) => harness.github.actions.jobs.get(id);
const finish = (id: number, conclusion: 'success' | 'failure' | 'cancelled') => {
  const found = jobOf(id);
  if (found !== undefined) harness.github.actions.finish(found, conclusion);
};
const runOf = (id: number) => jobOf(id)?.runId ?? 0;
const rerunJob = (id: number) => harness.as().rest.actions.reRunJobForWorkflowRun({ ...AT, job_id: id });
const rerunFailed = (id: number) =>
  harness.as().rest.actions.reRunWorkflowFailedJobs({ ...AT, run_id: runOf(id) });
const listed = async (id: number, filter: 'latest' | 'all') => {
  const at = { ...AT, run_id: runOf(id), filter };
  const { data } = await harness.as().rest.actions.listJobsForWorkflowRun(at);
  return data.jobs.map(({ name, run_attempt, status }) => [name, run_attempt, status]);
};

describe('a run that is over', () => {
  it('should have a new attempt with one job of it, in the place of the one that it repeats', async () => {
    const [first = 0, second = 0] = queue(job('a', 'fargate'), job('b', 'fargate'));
    finish(first, 'failure');
    finish(second, 'success');
    expect((await rerunJob(first)).status).toBe(201);
    expect(await listed(first, 'latest')).toEqual([
      ['a', 2, 'queued'],
      ['b', 1, 'completed'],
    ]);
    expect(await listed(first, 'all')).toHaveLength(3);
    const { data } = await harness.as().rest.actions.getWorkflowRun({ ...AT, run_id: runOf(first) });
    expect(data).toMatchObject({ run_attempt: 2, status: 'queued', conclusion: null });
    await harness.github.settled();
    const told = harness.receiver.received.map(({ body }) => JSON.parse(body));
    const again = told.filter(({ workflow_job }) => workflow_job?.run_attempt === 2);
    expect(again).toMatchObject([{ action: 'queued', workflow_job: { name: 'a', run_id: runOf(first) } }]);
  });

  it('should have all jobs again that failed or were cancelled, and no other', async () => {
    const ids = queue(job('a', 'x'), job('b', 'x'), job('c', 'x'));
    for (const [index, conclusion] of (['failure', 'cancelled', 'success'] as const).entries())
      finish(ids[index] ?? 0, conclusion);
    await rerunFailed(ids[0] ?? 0);
    expect(await listed(ids[0] ?? 0, 'latest')).toEqual([
      ['a', 2, 'queued'],
      ['b', 2, 'queued'],
      ['c', 1, 'completed'],
    ]);
  });

  it.each<[string, (ids: number[]) => Promise<unknown>]>([
    ['while it runs', ([id = 0]) => rerunJob(id)],
    [
      'for a job of an attempt before',
      async ([id = 0, other = 0]) => {
        for (const each of [id, other]) finish(each, 'failure');
        await rerunJob(id);
        for (const { id: each } of harness.github.jobs()) finish(each, 'failure');
        return rerunJob(id);
      },
    ],
    [
      'after thirty days',
      async ([id = 0, other = 0]) => {
        for (const each of [id, other]) finish(each, 'failure');
        harness.clock.advance(31 * DAY_MS);
        return rerunFailed(id);
      },
    ],
    [
      'where nothing failed',
      async ([id = 0, other = 0]) => {
        for (const each of [id, other]) finish(each, 'success');
        return rerunFailed(id);
      },
    ],
  ])('should not be started again %s', async (_, attempt) => {
    const ids = queue(job('a', 'x'), job('b', 'x'));
    expect(await refusal(attempt(ids))).toMatchObject({ status: 403 });
  });
});

describe('the permissions', () => {
  it('should let nobody start a run again with actions: read', async () => {
    await harness.close();
    await startWith({ actions: 'read', metadata: 'read' });
    const [id = 0] = queue(job('a', 'x'));
    finish(id, 'failure');
    expect(await refusal(rerunJob(id))).toMatchObject({ status: 403 });
    expect(await refusal(harness.as().rest.repos.listDeployments(AT))).toMatchObject({ status: 403 });
  });
});

describe('deployments', () => {
  it('should be those of jobs with an environment that have begun, and lead to their run', async () => {
    const [id = 0] = queue({ ...job('a', 'x'), environment: 'production', needsApproval: false });
    expect((await harness.as().rest.repos.listDeployments(AT)).data).toEqual([]);
    const found = jobOf(id);
    if (found === undefined) throw new Error('no job');
    harness.github.actions.startHosted(found, 1);
    const { data } = await harness.as().rest.repos.listDeployments(AT);
    expect(data).toMatchObject([{ environment: 'production' }]);
    const statuses = await harness
      .as()
      .rest.repos.listDeploymentStatuses({ ...AT, deployment_id: data[0]?.id ?? 0 });
    expect(statuses.data[0]?.log_url).toContain(`/actions/runs/${runOf(id)}/`);
  });
});
