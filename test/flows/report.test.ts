import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../functions/core/words/errors.ts';
import type { Reporter } from '../../functions/log.ts';
import { report } from '../../functions/reconcile/report.ts';
import { POLICY } from '../fixtures/policy.ts';
import { DOUBT, NOW_MS, nameOf, reconcileOnce, type World } from '../fixtures/reconcile-world.ts';
import { jobFixture, PREFIX, WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;

/** The metrics of one reconcile, by name and outcome. */
async function metricsOf(world: World) {
  const { report: done } = await reconcileOnce(world);
  const metrics: Record<string, number> = {};
  const note: Reporter['count'] = (name, value, dimension) => {
    metrics[[name, ...Object.values(dimension ?? {})].join(' ')] = value;
  };
  const logger = new Logger({ logLevel: 'SILENT' });
  const reporter = { logger, count: note, seconds: note, flush: () => undefined };
  const reporting = { prefix: PREFIX, policy: POLICY, parameterPath: '/oneshot/dev/github', reporter };
  report({ kind: 'reconciled', doubt: DOUBT, report: done }, 'message-1', reporting);
  return metrics;
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
