import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { raiseDoubt } from '../../functions/core/plan/doubt.ts';
import {
  STUCK_AFTER_MS,
  stuckJobs,
  stuckUnread,
  tellStuck,
  type WaitingJob,
} from '../../functions/core/plan/stuck.ts';
import { jobFixture, WEB } from '../fixtures/tasks.ts';

const NOW_MS = 100 * 3_600_000;
const late = (jobId: number, extraMs = 1): WaitingJob => ({
  jobId,
  queuedAtMs: NOW_MS - STUCK_AFTER_MS - extraMs,
});
const labelled = (jobId: number, ...labels: string[]) => jobFixture(jobId, { labels });

describe('a job without a task', () => {
  it('should be stuck after half an hour, and not before', () => {
    const jobs = [labelled(1, 'fargate'), labelled(2, 'fargate')];
    expect(stuckJobs([late(1), late(2, 0)], jobs, NOW_MS)).toEqual([
      { label: 'fargate', jobIds: [1], waitMs: STUCK_AFTER_MS + 1 },
    ]);
  });

  it.each([
    ['backing-off', 1],
    ['group-excludes-repository', 1],
    [undefined, 1],
    ['at-concurrency-limit', 0],
    ['not-runnable-yet', 0],
  ] as const)('should be stuck where nobody wants it to wait: %s', (reason, count) => {
    const waiting = { ...late(1), ...(reason && { reason }) };
    expect(stuckJobs([waiting], [labelled(1, 'fargate')], NOW_MS)).toHaveLength(count);
  });

  it('should be told with those that ask for the same, in whatever order, case and run, longest wait first', () => {
    const jobs = [
      labelled(1, 'linux', 'fargate/id=1'),
      labelled(2, 'Fargate/run=9', 'linux'),
      labelled(3, 'fargate/spot'),
    ];
    expect(stuckJobs([late(1, 5), late(2, 9), late(3, 7)], jobs, NOW_MS)).toEqual([
      { label: 'fargate linux', jobIds: [2, 1], waitMs: STUCK_AFTER_MS + 9 },
      { label: 'fargate/spot', jobIds: [3], waitMs: STUCK_AFTER_MS + 7 },
    ]);
  });

  it('should be one of ten kinds at most, and otherwise `other`: each is a metric to pay for', () => {
    const ids = Array.from({ length: 14 }, (_, index) => index + 1);
    const jobs = ids.map((id) => labelled(id, `fargate/cpu=${id}`));
    const stuck = stuckJobs(
      ids.map((id) => late(id, 100 - id)),
      jobs,
      NOW_MS,
    );
    expect(stuck.map(({ label }) => label)).toEqual([
      ...ids.slice(0, 10).map((id) => `fargate/cpu=${id}`),
      'other',
    ]);
    expect(stuck.at(-1)).toMatchObject({ jobIds: [11, 12, 13, 14], waitMs: STUCK_AFTER_MS + 89 });
  });

  it('should have a label that CloudWatch takes, whatever a workflow says (AWS-77)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 100 }),
        (labels) => {
          const [stuck] = stuckJobs([late(1)], [labelled(1, 'fargate', ...labels)], NOW_MS);
          expect(stuck?.label).toMatch(/^[ -~]{1,255}$/);
          expect(stuck?.label.trim()).not.toBe('');
        },
      ),
    );
  });
});

describe('a repository that cannot be read', () => {
  const doubt = raiseDoubt(WEB, NOW_MS, { jobIds: [7] });

  it('should be stuck half an hour after it was raised or read last', () => {
    expect(stuckUnread(doubt, NOW_MS + STUCK_AFTER_MS)).toEqual([]);
    const [stuck] = stuckUnread(doubt, NOW_MS + STUCK_AFTER_MS + 1);
    expect(stuck).toEqual({ label: 'unknown', jobIds: [7], waitMs: STUCK_AFTER_MS + 1 });
    expect(stuckUnread({ ...doubt, readAtMs: NOW_MS + 5 }, NOW_MS + STUCK_AFTER_MS + 1)).toEqual([]);
  });
});

describe('what a person reads of it', () => {
  it('should name ten jobs at most', () => {
    const jobIds = Array.from({ length: 300 }, (_, index) => index + 1);
    expect(tellStuck('acme/web', { label: 'fargate', jobIds, waitMs: STUCK_AFTER_MS })).toBe(
      '300 jobs of acme/web with fargate waited up to 30 minutes without a task (1, 2, 3, 4, 5, 6, 7, 8, 9, 10): ' +
        'oneshot status, oneshot doctor --job 1',
    );
  });

  it('should say that nothing is seen where the repository cannot be read', () => {
    const stuck = { label: 'unknown', waitMs: 2 * STUCK_AFTER_MS };
    expect(tellStuck('acme/web', { ...stuck, jobIds: [] })).toBe(
      'acme/web could not be read for 60 minutes, so what waits there is not seen: oneshot status',
    );
    expect(tellStuck('acme/web', { ...stuck, jobIds: [7] })).toContain(
      '(jobs 7 may wait): oneshot status, oneshot doctor --job 7',
    );
  });
});
