import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it, vi } from 'vitest';
import { generationAt, runnerName } from '../../functions/core/job/identity.ts';
import { raiseDoubt } from '../../functions/core/plan/doubt.ts';
import type { JobFact } from '../../functions/core/task/facts.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import type { Reporter } from '../../functions/log.ts';
import { report } from '../../functions/reconcile/report.ts';
import { POLICY } from '../fixtures/policy.ts';
import { DOUBT, NOW_MS, nameOf, reconcileOnce, type World } from '../fixtures/reconcile-world.ts';
import { jobFixture, PREFIX, WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;

/** The metrics of one reconcile, by name and outcome. */
const metricsOf = async (world: World) => (await reportOf(world)).metrics;

/** And what it warned of, and what became of its doubt. */
async function reportOf(world: World) {
  const { report: done } = await reconcileOnce(world);
  const metrics: Record<string, number> = {};
  const note: Reporter['count'] = (name, value, dimension) => {
    metrics[[name, ...Object.values(dimension ?? {})].join(' ')] = value;
  };
  const logger = new Logger({ logLevel: 'SILENT' });
  const warn = vi.spyOn(logger, 'warn');
  const reporter = { logger, count: note, seconds: note, flush: () => undefined };
  const reporting = { prefix: PREFIX, policy: POLICY, parameterPath: '/oneshot/dev/github', reporter };
  report({ kind: 'reconciled', doubt: world.doubt ?? DOUBT, report: done }, 'message-1', reporting);
  return { metrics, next: done.next, warnings: warn.mock.calls.map(([text]) => String(text)) };
}

const old = { ...DOUBT, raisedAtMs: NOW_MS - 7 * MINUTE_MS };
const github = (status: number) =>
  new ServiceError({ service: 'github', operation: 'GET runs', status }, 'no');
const job = jobFixture(1, { createdAtMs: 1 });
const partial = { isWhole: false, resumeAfterRunId: 50 };
const rejected = { kind: 'refused', refusal: 'invalid-request', detail: 'no such group' } as const;
const capacity = { kind: 'refused', refusal: 'no-capacity', detail: 'none' } as const;

describe('what is counted of a reconcile', () => {
  it('should be nothing of a doubt that only waits for its time, which comes by each minute', async () => {
    expect(await metricsOf({ doubt: { ...old, dueAtMs: NOW_MS + 1 } })).toEqual({});
  });

  it('should be a wait and an unread repository where the hour’s calls are spent, for the alarms', async () => {
    const budget = { limit: 5_000, remaining: 0, resetsAtMs: NOW_MS + 30 * MINUTE_MS };
    expect(await metricsOf({ doubt: old, budget })).toMatchObject({
      ...{ 'Reconciles unread': 1, LongestWaitSeconds: 7 * 60 },
    });
  });

  it.each<[string, World, object]>([
    ['settled', { jobs: [job] }, { 'Reconciles settled': 1, 'Launches launched': 1, LongestWaitSeconds: 0 }],
    ['partial', { jobs: [job], look: partial }, { 'Reconciles partial': 1, 'Launches launched': 1 }],
    [
      'doubted-again',
      { jobs: [job], jit: { [nameOf(1)]: capacity } },
      { 'Reconciles doubted-again': 1, 'Launches refused': 1 },
    ],
    [
      'unread',
      { doubt: old, failing: ['lookAtJobs'], error: github(503) },
      { 'Reconciles unread': 1, LongestWaitSeconds: 7 * 60 },
    ],
  ])('should tell what came of it: %s', async (_, world, expected) => {
    expect(await metricsOf(world)).toMatchObject(expected);
  });

  it('should be a doubt given up where the cause is to be found, and not where it is what somebody wants', async () => {
    const givenUp = await Promise.all([
      metricsOf({ doubt: { ...DOUBT, failures: 6 }, failing: ['lookAtJobs'], error: github(503) }),
      metricsOf({ doubt: { ...DOUBT, sends: 6_000 }, look: partial }),
      metricsOf({ doubt: { ...DOUBT, failures: 6 }, jobs: [job], jit: { [nameOf(1)]: rejected } }),
      metricsOf({ failing: ['lookAtJobs'], error: github(404) }),
      metricsOf({ doubt: { ...DOUBT, repository: { ...WEB, owner: 'evil' } } }),
    ]);
    expect(givenUp.map((metrics) => metrics['DoubtsGivenUp'])).toEqual([1, 1, 1, undefined, undefined]);
    expect(givenUp.map((metrics) => metrics['Reconciles ended'])).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('what is stuck', () => {
  const HOUR_MS = 60 * MINUTE_MS;
  const ago = (minutes: number) => ({ createdAtMs: NOW_MS - minutes * MINUTE_MS });
  /** No capacity for any of them: each launch is named by the minute of its job. */
  const refusedAt = (jobs: readonly JobFact[]) =>
    Object.fromEntries(
      jobs.map(({ jobId, createdAtMs }) => {
        const generation = generationAt(createdAtMs, NOW_MS);
        return [runnerName(PREFIX, { repositoryId: WEB.id, jobId, generation, isFallback: false }), capacity];
      }),
    );
  const stuckIn = (metrics: Record<string, number>) =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => name.startsWith('StuckSeconds')));

  it('should be told by repository and label, with its jobs and how to look', async () => {
    const jobs = [
      jobFixture(1, { ...ago(40), labels: ['Fargate/cpu=4/run=7', 'self-hosted'] }),
      jobFixture(2, { ...ago(31), labels: ['self-hosted', 'fargate/cpu=4/run=8'] }),
      jobFixture(3, { ...ago(29) }),
    ];
    const { metrics, warnings } = await reportOf({ jobs, jit: refusedAt(jobs) });
    expect(stuckIn(metrics)).toEqual({
      'StuckSeconds acme/web fargate/cpu=4 self-hosted': expect.closeTo(40 * 60, -1),
    });
    expect(warnings.filter((text) => text.includes('without a task'))).toEqual([
      '2 jobs of acme/web with fargate/cpu=4 self-hosted waited up to 40 minutes without a task (1, 2): ' +
        'oneshot status, oneshot doctor --job 1',
    ]);
  });

  it('should be nothing, and cost nothing, while every job has a task or waits for less than half an hour', async () => {
    expect(stuckIn(await metricsOf({ jobs: [jobFixture(1, ago(45)), jobFixture(2, ago(5))] }))).toEqual({});
  });

  it('should be a repository whose looks fail, again and again for an hour, though its doubt is given up meanwhile', async () => {
    const seenAtMs: number[] = [];
    let doubt = raiseDoubt(WEB, NOW_MS, { jobIds: [1] });
    for (let atMs = NOW_MS; atMs < NOW_MS + 3 * HOUR_MS; ) {
      const world = { doubt, atMs, failing: ['lookAtJobs'], error: github(503) };
      const { metrics, next, warnings } = await reportOf(world);
      if (metrics['StuckSeconds acme/web unknown'] !== undefined) {
        seenAtMs.push(atMs);
        expect(warnings.join()).toContain('acme/web could not be read for');
      }
      // The rotation raises a new one within a quarter of an hour.
      if (next.kind === 'ended') doubt = raiseDoubt(WEB, atMs + 15 * MINUTE_MS);
      if (next.kind === 'again') doubt = next.doubt;
      atMs = doubt.dueAtMs;
    }
    expect((seenAtMs[0] ?? Infinity) - NOW_MS).toBeLessThan(35 * MINUTE_MS);
    // As long as the alarm remembers one (infra/observability.yml).
    const gaps = [...seenAtMs, NOW_MS + 3 * HOUR_MS].map(
      (atMs, index, all) => (all[index + 1] ?? atMs) - atMs,
    );
    expect(Math.max(...gaps)).toBeLessThan(HOUR_MS);
  });

  it('should be a repository for which no calls are left for half an hour', async () => {
    const budget = { limit: 5_000, remaining: 0, resetsAtMs: NOW_MS + 30 * MINUTE_MS };
    const doubt = { ...DOUBT, raisedAtMs: NOW_MS - 31 * MINUTE_MS };
    expect(stuckIn(await metricsOf({ doubt, budget }))).toEqual({ 'StuckSeconds acme/web unknown': 31 * 60 });
  });

  it('should not be one look that fails of an old doubt that was read a minute ago', async () => {
    const doubt = { ...DOUBT, raisedAtMs: NOW_MS - 3 * HOUR_MS, readAtMs: NOW_MS - MINUTE_MS };
    const look = { ...partial, problem: 'GitHub answered 502' };
    expect(stuckIn(await metricsOf({ doubt, look }))).toEqual({});
    expect(stuckIn(await metricsOf({ doubt, failing: ['lookAtJobs'], error: github(503) }))).toEqual({});
    expect(stuckIn(await metricsOf({ doubt: { ...doubt, readAtMs: undefined }, look }))).toEqual({
      'StuckSeconds acme/web unknown': 3 * 3600,
    });
  });

  it('should be known by a doubt when it was read, whatever it is put back for', async () => {
    const { next } = await reportOf({ jobs: [job], jit: { [nameOf(1)]: capacity } });
    expect(next).toMatchObject({ doubt: { readAtMs: NOW_MS + 102 } });
    const failed = await reportOf({ failing: ['lookAtJobs'] });
    expect(failed.next).toMatchObject({ doubt: { readAtMs: undefined } });
  });
});
