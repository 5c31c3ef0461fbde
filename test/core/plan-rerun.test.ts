import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EndedRunJob,
  gatherEvidence,
  isDeployed,
  nextLookInMs,
  planRerun,
  type RunOfJob,
} from '../../functions/core/plan/plan-rerun.ts';
import { POLICY } from '../fixtures/policy.ts';
import { taskFixture, WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const RUN_ID = 5;
const spotEnd = { code: 'SpotInterruption', reason: undefined, cause: 'spot' } as const;
const EVIDENCE = {
  spotRunners: new Set(['ours-1', 'ours-2']),
  otherRunners: new Set(['ours-8']),
  liveRunners: new Set<string>(),
};
const isOurs = (name: string) => name.startsWith('ours-');

const job = (jobId: number, changes: Partial<EndedRunJob> = {}): EndedRunJob => ({
  ...{ jobId, conclusion: 'failure', runnerName: `ours-${jobId}`, completedAtMs: jobId * MINUTE_MS },
  ...{ hasFailedStep: false, ...changes },
});
const LOST = job(1);
const LOST_TOO = job(2);
const PASSED = job(3, { conclusion: 'success' });
const run = (jobs: readonly EndedRunJob[] | undefined, changes: Partial<RunOfJob> = {}): RunOfJob => ({
  ...{ runId: RUN_ID, attempt: 1, status: 'completed', conclusion: 'failure', event: 'push' },
  ...{ startedAtMs: 0, jobs, ...changes },
});
const plan = (jobs: readonly EndedRunJob[] | undefined, changes: Partial<RunOfJob> = {}) =>
  planRerun(run(jobs, changes), EVIDENCE, isOurs);

const ONE = { kind: 'rerun', target: { jobId: 1 } };
const ALL = { kind: 'rerun', target: { runId: RUN_ID } };
const leave = (reason: string) => ({ kind: 'leave', reason });

describe('a run that lost a job to Spot', () => {
  it.each([
    ['one lost job', [LOST, PASSED], ONE],
    ['two lost jobs', [LOST, LOST_TOO], ALL],
    ['a sibling that was cancelled after it', [LOST, job(4, { conclusion: 'cancelled' })], ALL],
    ['another that failed by itself', [LOST, job(4, { hasFailedStep: true })], ONE],
    ['another that failed on a runner of others', [LOST, job(4, { runnerName: 'GitHub Actions 1' })], ONE],
    ['another that failed before it had a runner', [LOST, job(4, { runnerName: undefined })], ONE],
    ['another whose task of our deployment ended by itself', [LOST, job(8)], ONE],
  ])('should be started again with %s', (_, jobs, expected) => {
    expect(plan(jobs)).toEqual(expected);
  });

  it.each([
    ['another may have been lost too', [LOST, job(4)]],
    ['two were lost and another failed by itself', [LOST, LOST_TOO, job(4, { hasFailedStep: true })]],
    [
      'two were lost and another was cancelled before',
      [LOST_TOO, job(1, { conclusion: 'cancelled' }), job(2)],
    ],
    [
      'a sibling was cancelled and another timed out',
      [LOST, job(4, { conclusion: 'cancelled' }), job(5, { conclusion: 'timed_out', hasFailedStep: true })],
    ],
  ])('should be left alone where %s', (_, jobs) => {
    expect(plan(jobs)).toEqual(leave('others-failed'));
  });

  it('should be waited for until it is over', () => {
    expect(plan(undefined, { status: 'in_progress', conclusion: undefined })).toEqual({ kind: 'wait' });
  });

  it.each([
    ['rerun-before', { attempt: 2 }],
    ['rerun-before', { attempt: 2, status: 'in_progress' }],
    ['run-cancelled', { conclusion: 'cancelled' }],
    ['not-lost', { conclusion: 'success' }],
    ['run-too-large', { jobs: undefined }],
  ] as const)('should be left alone as %s with %j', (reason, changes) => {
    expect(plan([LOST], changes)).toEqual(leave(reason));
  });

  it.each([
    ['a step failed', job(1, { hasFailedStep: true })],
    ['it ran elsewhere', job(1, { runnerName: 'ours-9' })],
    ['it succeeded', job(1, { conclusion: 'success' })],
    ['it was cancelled', job(1, { conclusion: 'cancelled' })],
  ])('should not be taken for one where %s', (_, only) => {
    expect(plan([only])).toEqual(leave('not-lost'));
  });

  it('should never run a job again that ended by itself, whatever the others did', () => {
    const ended = fc.record({
      jobId: fc.nat(9),
      conclusion: fc.constantFrom('success', 'failure', 'cancelled', 'timed_out', 'skipped'),
      runnerName: fc.constantFrom('ours-1', 'ours-2', 'ours-8', 'ours-9', 'GitHub Actions 1'),
      completedAtMs: fc.nat(9),
      hasFailedStep: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(ended, { selector: ({ jobId }) => jobId }), (jobs) => {
        const made = plan(jobs);
        if (made.kind !== 'rerun') return;
        const isLost = ({ conclusion, runnerName, hasFailedStep }: EndedRunJob) =>
          conclusion === 'failure' && !hasFailedStep && EVIDENCE.spotRunners.has(runnerName ?? '');
        const lostAtMs = Math.min(...jobs.filter(isLost).map(({ completedAtMs }) => completedAtMs));
        const again = jobs.filter(({ jobId, conclusion }) =>
          'jobId' in made.target ? jobId === made.target.jobId : !['success', 'skipped'].includes(conclusion),
        );
        const fits = (one: (typeof jobs)[number]) =>
          isLost(one) || (one.conclusion === 'cancelled' && one.completedAtMs >= lostAtMs);
        expect(again.length > 0 && again.every(fits)).toBe(true);
      }),
    );
  });
});

describe('the evidence', () => {
  const lost = { jobId: 1, runnerName: 'ours-1', spotRunners: ['ours-1'] };
  const stopped = {
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stoppedAtMs: 9,
    ending: 'unexplained',
  } as const;

  it('should keep what ECS no longer shows, and add what it shows now', () => {
    const tasks = [
      taskFixture(2, { ...stopped, runnerName: 'ours-2', stop: spotEnd }),
      taskFixture(3, { ...stopped, runnerName: 'ours-3' }),
      taskFixture(4, { runnerName: 'ours-4' }),
    ];
    expect(gatherEvidence(lost, WEB, tasks)).toEqual({
      spotRunners: new Set(['ours-1', 'ours-2']),
      otherRunners: new Set(['ours-3']),
      liveRunners: new Set(['ours-4']),
    });
  });

  it('should have a bound', () => {
    const many = Array.from({ length: 600 }, (_, n) =>
      taskFixture(n, { ...stopped, runnerName: `r-${n}`, stop: spotEnd }),
    );
    const own = taskFixture(1, { ...stopped, runnerName: 'ours-1', stop: spotEnd });
    const { spotRunners } = gatherEvidence({ ...lost, spotRunners: [] }, WEB, [...many, own]);
    expect(spotRunners.size).toBe(500);
    expect(spotRunners).toContain('ours-1');
  });

  it('should leave out tasks of other owners', () => {
    const other = { ...WEB, owner: 'globex' };
    const task = taskFixture(2, { ...stopped, runnerName: 'ours-2', stop: spotEnd, repository: other });
    expect(gatherEvidence(lost, WEB, [task]).spotRunners).toEqual(new Set(['ours-1']));
  });
});

describe('a run that has deployed', () => {
  const policy = { spot: { ...POLICY.spot, environments: ['staging'] } };
  it.each([
    [[], false],
    [['staging'], false],
    [['Staging'], false],
    [['staging', 'production'], true],
    [undefined, true],
  ])('to %j should be left alone: %s', (environments, expected) => {
    expect(isDeployed(run([LOST]), environments, policy)).toBe(expected);
  });

  it.each(['deployment', 'deployment_status'])('should be left alone when %s started it', (event) => {
    expect(isDeployed(run([LOST], { event }), [], policy)).toBe(true);
  });
});

describe('the next look at a run', () => {
  it.each([
    [0, 45_000],
    [8 * MINUTE_MS, 2 * MINUTE_MS],
    [6 * 60 * MINUTE_MS, 10 * MINUTE_MS],
  ])('should come, at an age of %i ms, after %i ms', (ageMs, expected) => {
    expect(nextLookInMs(run([]), ageMs)).toBe(expected);
  });
});
