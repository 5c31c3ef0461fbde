import { describe, expect, it } from 'vitest';
import { raiseDoubt } from '../../functions/core/plan/doubt.ts';
import type { RunOfJob } from '../../functions/core/plan/plan-rerun.ts';
import { ServiceError } from '../../functions/core/words/errors.ts';
import type { RerunOutcome } from '../../functions/core/words/outcomes.ts';
import { POLICY } from '../fixtures/policy.ts';
import { NOW_MS, reconcileOnce } from '../fixtures/reconcile-world.ts';
import { PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

const RUNNER = `${PREFIX}-1-7-0`;
const policy = { ...POLICY, spot: { ...POLICY.spot, rerun: 'once' as const } };
const doubtOf = (spotRunners: readonly string[]) =>
  raiseDoubt(WEB, NOW_MS, { lostJob: { jobId: 7, runnerName: RUNNER, spotRunners } });
const doubt = doubtOf([RUNNER]);
const lost = {
  ...{ jobId: 7, conclusion: 'failure', runnerName: RUNNER, completedAtMs: 1, hasFailedStep: false },
};
const run: RunOfJob = {
  ...{ runId: 5, attempt: 1, status: 'completed', conclusion: 'failure', event: 'push', startedAtMs: 0 },
  jobs: [lost],
};
const RERUN = 'rerun {"jobId":7}';
const base = { doubt, policy, run, deployedTo: [] };

const { run: _run, ...gone } = base;

describe('a job that was lost to Spot', () => {
  it('should be left alone where GitHub shows no such job', async () => {
    expect((await reconcileOnce(gone)).report).toMatchObject({
      rerun: { reason: 'not-lost' },
      next: { kind: 'settled' },
    });
  });

  it('should be run again, and its doubt be settled', async () => {
    const { report, calls, sent } = await reconcileOnce(base);
    expect(calls).toEqual(['listTasks', 'readRunOf', 'listDeployedTo', RERUN]);
    expect(report).toMatchObject({
      rerun: { jobId: 7, runId: 5, reason: 'run-again' },
      next: { kind: 'settled' },
    });
    expect(sent).toEqual([]);
  });

  it('should be waited for while its run is not over, with what ECS showed by then', async () => {
    const stop = { code: 'SpotInterruption', reason: undefined, cause: 'spot' } as const;
    const other = taskFixture(8, { lastStatus: 'STOPPED', ending: 'unexplained', stop });
    const { calls, sent } = await reconcileOnce({
      ...base,
      run: { ...run, status: 'in_progress', conclusion: undefined, jobs: undefined },
      tasks: [other],
    });
    expect(calls).not.toContain(RERUN);
    expect(sent).toMatchObject([{ sends: 1, lostJob: { spotRunners: [RUNNER, other.runnerName] } }]);
    expect(sent[0]?.dueAtMs).toBeGreaterThan(NOW_MS);
  });

  it('should not be judged before its task has stopped', async () => {
    const { calls, sent } = await reconcileOnce({ ...base, doubt: doubtOf([]), tasks: [taskFixture(7)] });
    expect(calls).toEqual(['listTasks', 'doubt']);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['not-lost', { doubt: doubtOf([]) }],
    ['rerun-before', { run: { ...run, attempt: 2 } }],
    ['rerun-switched-off', { policy: POLICY }],
    ['run-deployed', { deployedTo: ['production'] }],
    ['run-deployed', { deployedTo: undefined }],
  ])('should be left alone as %s', async (reason, changes) => {
    const { report, calls, sent } = await reconcileOnce({ ...base, ...changes });
    expect(report).toMatchObject({ rerun: { reason }, next: { kind: 'settled' } });
    expect(calls).not.toContain(RERUN);
    expect(sent).toEqual([]);
  });

  it.each([
    { kind: 'unknown', detail: 'no answer' },
    { kind: 'refused', refusal: 'secondary-limit', detail: 'slow down', retryAfterSeconds: 300 },
  ] as const)('should be looked at again after $kind', async (rerun) => {
    const { report, sent } = await reconcileOnce({ ...base, rerun });
    expect(report.rerun?.reason).toBe('rerun-unknown');
    expect(sent[0]?.dueAtMs).toBe(NOW_MS + ('retryAfterSeconds' in rerun ? 300_000 : 60_000));
  });

  it('should be given up where GitHub does not let the App do it', async () => {
    const rerun: RerunOutcome = {
      kind: 'refused',
      refusal: 'not-permitted',
      detail: 'Resource not accessible',
      fault: 'rerun-permission',
    };
    const { report } = await reconcileOnce({ ...base, rerun });
    expect(report).toMatchObject({
      rerun: { reason: 'rerun-refused', fault: 'rerun-permission' },
      next: { kind: 'ended', reason: 'rerun-refused' },
    });
  });

  it('should be looked at once more where GitHub refuses, as somebody may have been quicker', async () => {
    const rerun: RerunOutcome = { kind: 'refused', refusal: 'not-permitted', detail: 'already running' };
    const first = await reconcileOnce({ ...base, rerun });
    expect(first.sent).toMatchObject([{ failures: 1, lostJob: { jobId: 7 } }]);
    const [again = doubt] = first.sent;
    const due = { ...again, dueAtMs: NOW_MS };
    const attempted = await reconcileOnce({ ...base, doubt: due, run: { ...run, attempt: 2 } });
    expect(attempted.report.rerun?.reason).toBe('rerun-before');
    const second = await reconcileOnce({ ...base, doubt: due, rerun });
    expect(second.report.next).toEqual({ kind: 'ended', reason: 'rerun-refused' });
  });

  it('should be given up where no answer comes again and again', async () => {
    const rerun: RerunOutcome = { kind: 'unknown', detail: 'no answer' };
    const { report } = await reconcileOnce({ ...base, doubt: { ...doubt, failures: 6 }, rerun });
    expect(report.next).toEqual({ kind: 'ended', reason: 'rerun-refused' });
  });

  it('should be looked at again where GitHub cannot be read, and count for no job that waits', async () => {
    const error = new ServiceError({ service: 'github', operation: 'get run', status: 502 }, 'Bad Gateway');
    const { report, sent } = await reconcileOnce({ ...base, failing: ['readRunOf'], error });
    expect(report.longestWaitMs).toBe(0);
    expect(sent).toMatchObject([{ failures: 1, lostJob: { jobId: 7 } }]);
  });
});
