import { describe, expect, it } from 'vitest';
import { planReconcile } from '../../functions/core/plan/plan-reconcile.ts';
import type { ReconcileSnapshot } from '../../functions/core/plan/reconcile-snapshot.ts';
import type { JobFact, TaskFact } from '../../functions/core/task/facts.ts';
import { POLICY } from '../fixtures/policy.ts';
import { jobFixture, PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 5_000 * MINUTE_MS;
const ago = (minutes: number): number => NOW_MS - minutes * MINUTE_MS;

function plan(jobs: readonly JobFact[], tasks: readonly TaskFact[], more: Partial<ReconcileSnapshot> = {}) {
  const snapshot = { repository: WEB, jobs, isWhole: true, jobsReadAtMs: NOW_MS, tasks, ...more };
  const { launches, waiting, leftAlone } = planReconcile(snapshot, POLICY, PREFIX, NOW_MS);
  return {
    launched: launches.map(({ launch }) => launch.jobId),
    waiting: waiting.map(({ jobId, reason }) => [jobId, reason]),
    leftAlone: leftAlone.map(({ jobId, reason }) => [jobId, reason]),
    dueAtMs: waiting.map(({ dueAtMs }) => dueAtMs),
  };
}

/** A job of run 5 that was queued an hour ago; the higher its id, the younger it is. */
const queued = (jobId: number, changes: Partial<JobFact> = {}) =>
  jobFixture(jobId, { createdAtMs: ago(60) + jobId, ...changes });
/** Two runners of a job idled, the last of them launched ten minutes ago. */
const idled = (jobId: number, lastMinutesAgo = 10): TaskFact[] =>
  [lastMinutesAgo + 10, lastMinutesAgo].map((minutes, generation) =>
    taskFixture(jobId, {
      ...{ generation, createdAtMs: ago(minutes), lastStatus: 'STOPPED', desiredStatus: 'STOPPED' },
      ending: 'idle',
    }),
  );
const ended = (jobId: number, minutesAgo: number, changes: Partial<JobFact> = {}) =>
  queued(jobId, {
    ...{ status: 'completed', runnerName: `${PREFIX}-1-${jobId}-0`, completedAtMs: ago(minutesAgo) },
    ...changes,
  });

describe('a job that GitHub gave to none of its runners', () => {
  it('should wait until a third of its age has passed', () => {
    expect(plan([queued(1)], idled(1))).toEqual({
      ...{ launched: [], leftAlone: [], waiting: [[1, 'group-excludes-repository']] },
      dueAtMs: [ago(10) + (60 * MINUTE_MS - 1) / 3],
    });
    expect(plan([queued(1)], idled(1, 21)).launched).toEqual([1]);
  });

  it('should be launched at once when one of our jobs of its run has ended since', () => {
    expect(plan([queued(1), ended(9, 5)], idled(1)).launched).toEqual([1]);
  });

  it.each<[string, JobFact]>([
    ['ended before the last launch', ended(9, 11)],
    ['is of another run', ended(9, 5, { runId: 6 })],
    ['ran elsewhere', ended(9, 5, { labels: ['ubuntu-latest'] })],
    ['has not ended', ended(9, 5, { status: 'in_progress', completedAtMs: undefined })],
  ])('should still wait where the other job %s', (_, other) => {
    expect(plan([queued(1), other], idled(1)).launched).toEqual([]);
  });

  it('should be one for each job that ended, the oldest first', () => {
    const waiting = [1, 2, 3].map((jobId) => queued(jobId));
    const tasks = [3, 2, 1].flatMap((jobId) => idled(jobId));
    expect(plan([...waiting.toReversed(), ended(8, 5)], tasks).launched).toEqual([1]);
    expect(plan([...waiting, ended(8, 5), ended(9, 4)], tasks).launched).toEqual([1, 2]);
    expect(plan([...waiting, ended(8, 5), ended(9, 4)], tasks).waiting).toEqual([[3, 'not-runnable-yet']]);
  });

  it('should not be let go for an end that another job of its run has been launched for', () => {
    const tasks = [...idled(1), ...idled(2, 4)];
    expect(plan([queued(1), queued(2), ended(9, 5)], tasks).launched).toEqual([]);
    expect(plan([queued(1), queued(2), ended(9, 3)], tasks).launched).toEqual([1]);
  });

  it('should be let go though one that runs by now, or one of another run, was launched since', () => {
    const begun = queued(7, { status: 'in_progress', runnerName: `${PREFIX}-1-7-0` });
    const elsewhere = queued(8, { runId: 6 });
    const tasks = [...idled(1), ...idled(7, 3), ...idled(8, 3)];
    expect(plan([queued(1), begun, elsewhere, ended(9, 5)], tasks).launched).toEqual([1]);
  });

  it('should be told of the end by the doubt, where the ended job itself was not read', () => {
    const told = (runId: number, minutesAgo: number) =>
      plan([queued(1), queued(2)], [...idled(1), ...idled(2)], {
        isWhole: false,
        endedJob: { runId, atMs: ago(minutesAgo) },
      }).launched;
    expect(told(5, 1)).toEqual([1]);
    expect(told(6, 1)).toEqual([]);
    expect(told(5, 11)).toEqual([]);
  });

  it('should count an end once that the doubt tells and the look shows', () => {
    const endedJob = { runId: 5, atMs: ago(1) };
    const tasks = [...idled(1), ...idled(2)];
    expect(plan([queued(1), queued(2), ended(9, 1)], tasks, { endedJob }).launched).toEqual([1]);
  });
});

describe('a job whose pause has another cause', () => {
  it('should not be let go by the end of a job', () => {
    const dead = taskFixture(1, { lastStatus: 'STOPPED', createdAtMs: ago(0.4), ending: 'never-connected' });
    expect(plan([queued(1), ended(9, 0.2)], [dead]).waiting).toEqual([[1, 'backing-off']]);
  });

  it('should not use up an end that one of the starving can use', () => {
    const dead = [14, 13, 12, 11, 10.1].map((minutes, generation) =>
      taskFixture(1, {
        ...{ generation, createdAtMs: ago(minutes), lastStatus: 'STOPPED', ending: 'never-connected' },
      }),
    );
    // Six failures: 15 minutes from the last.
    const sixth = taskFixture(1, {
      generation: 5,
      createdAtMs: ago(10),
      lastStatus: 'STOPPED',
      ending: 'idle',
    });
    const tasks = [...dead, sixth, ...idled(2)];
    expect(plan([queued(1), queued(2), ended(9, 5)], tasks)).toMatchObject({
      launched: [2],
      waiting: [[1, 'backing-off']],
    });
  });
});

describe('a job of more than a day', () => {
  const DAYS = 24 * 60;
  const forgotten = queued(1, { createdAtMs: ago(3 * DAYS), runUpdatedAtMs: ago(3 * DAYS) });

  it('should be left alone, and keep no doubt alive', () => {
    expect(plan([forgotten], [])).toMatchObject({
      ...{ launched: [], waiting: [], leftAlone: [[1, 'over-a-day']] },
    });
  });

  it('should be launched where its run was approved a moment ago', () => {
    expect(plan([{ ...forgotten, runUpdatedAtMs: ago(1) }], []).launched).toEqual([1]);
  });
});
