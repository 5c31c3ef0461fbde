import { describe, expect, it } from 'vitest';
import { isOverADay, pauseOf, starvingJobs } from '../../functions/core/plan/launch-pause.ts';
import type { OpenJob, RepositoryTask } from '../../functions/core/plan/reconcile-snapshot.ts';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import { jobFixture, taskFixture } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const NOW_MS = 100 * DAY_MS;
const ago = (minutes: number): number => NOW_MS - minutes * MINUTE_MS;

const open = (ageMinutes: number, changes: Partial<OpenJob> = {}): OpenJob =>
  ({ ...jobFixture(1, { createdAtMs: ago(ageMinutes) }), ...changes }) as OpenJob;
/** Tasks of a job, by how many minutes ago each was launched, with this end. */
const launched = (
  ending: TaskFact['ending'],
  minutesAgo: readonly number[],
  launchedForJobId = 1,
): RepositoryTask[] =>
  minutesAgo.map((minutes, generation) => ({
    ...taskFixture(launchedForJobId, {
      generation,
      createdAtMs: ago(minutes),
      lastStatus: 'STOPPED',
      ending,
    }),
    launchedForJobId,
  }));
/** Minutes from the last launch to the next. */
function pauseMinutes(job: OpenJob, tasks: readonly RepositoryTask[], jobs = [job]): number {
  const lastMs = Math.max(...tasks.map(({ createdAtMs }) => createdAtMs));
  return (pauseOf(job, tasks, jobs, NOW_MS).untilMs - lastMs) / MINUTE_MS;
}

describe('the pause between two launches of a job', () => {
  it('should be none before the first', () => {
    expect(pauseOf(open(5), launched('idle', [3], 2), [], NOW_MS)).toMatchObject({
      ...{ untilMs: Number.NEGATIVE_INFINITY, isStarving: false, failedLaunches: 0 },
    });
  });

  it('should be 30 seconds, and double with each launch that failed, up to 15 minutes', () => {
    const minutesAgo = [50, 40, 30, 20, 10, 1];
    const pauses = minutesAgo.map((_, index) =>
      pauseMinutes(open(90), launched('never-connected', minutesAgo.slice(0, index + 1))),
    );
    expect(pauses).toEqual([0.5, 1, 2, 4, 8, 15]);
    expect(pauseMinutes(open(90), launched('never-connected', [...minutesAgo, 0.5]))).toBe(15);
  });

  it('should be counted from the last launch, whatever the order they are listed in', () => {
    const tasks = launched('never-connected', [1, 50, 20]);
    expect(pauseOf(open(90), tasks, [], NOW_MS)).toMatchObject({
      ...{ untilMs: ago(1) + 2 * MINUTE_MS, failedLaunches: 3 },
    });
  });

  it.each([
    ['one runner idled', open(60), launched('idle', [30]), 0.5],
    ['the job is 20 minutes old', open(20), launched('idle', [18, 10]), 1],
    [
      'one of its runners had another end',
      open(60),
      [...launched('idle', [30]), ...launched('interrupted-before-job', [20])],
      1,
    ],
    ['one of its runners is alive', open(60), [...launched('idle', [30]), ...launched(undefined, [20])], 1],
  ] as const)('should not be rare where %s', (_, job, tasks, minutes) => {
    expect(pauseMinutes(job, tasks)).toBe(minutes);
    expect(pauseOf(job, tasks, [job], NOW_MS).reason).toBe('backing-off');
  });

  it('should be a third of the age once two runners idled in vain, up to 55 minutes and no shorter than before', () => {
    const pauseAt = (ageMinutes: number) => pauseMinutes(open(ageMinutes), launched('idle', [15, 10]));
    expect([20.5, 60, 120, 165, 600].map(pauseAt)).toEqual([20.5 / 3, 20, 40, 55, 55]);
    const many = launched('idle', [20, 19, 18, 17, 16, 15]);
    expect(pauseMinutes(open(24), many)).toBe(15);
  });

  it.each<[string, Partial<TaskFact>, Partial<OpenJob>[]]>([
    ['is marked with another job', { markedJobId: 2 }, []],
    ['runs another job', { lastStatus: 'RUNNING' }, [{ status: 'in_progress' }]],
    ['has run another job, by GitHub’s list', { ending: 'unexplained' }, [{ status: 'completed' }]],
    ['failed a job', { ending: 'ran-failed' }, []],
    ['was interrupted during a job', { ending: 'interrupted-during-job' }, []],
    ['ran a job for too long', { ending: 'over-maximum-age' }, []],
  ])('should be none after a launch whose task %s', (_, changes, others) => {
    const [task, ...failed] = launched('never-connected', [1, 50, 40]);
    if (task === undefined) throw new Error('no task');
    const served = { ...task, ending: undefined, ...changes };
    const jobs = others.map((other) => open(9, { jobId: 2, runnerName: task.runnerName, ...other }));
    expect(pauseOf(open(90), [served], jobs, NOW_MS)).toMatchObject({
      ...{ untilMs: Number.NEGATIVE_INFINITY, isStarving: false, failedLaunches: 0 },
    });
    // Nor does it lengthen or prolong that of those that failed.
    const { untilMs, failedLaunches } = pauseOf(open(90), [served, ...failed], jobs, NOW_MS);
    expect([untilMs, failedLaunches]).toEqual([ago(40) + MINUTE_MS, 2]);
  });

  it.each<[string, Partial<TaskFact>, Partial<OpenJob>[]]>([
    ['found no job', { ending: 'idle' }, []],
    ['was interrupted before a job', { ending: 'interrupted-before-job' }, []],
    ['ended for an unknown cause', { ending: 'unexplained' }, []],
    ['is alive, and has no job that is known', { lastStatus: 'RUNNING' }, []],
    ['is named by a job that is queued again', {}, [{ status: 'queued' }]],
    ['has a name that no job that has begun names', {}, [{ status: 'in_progress', runnerName: 'other' }]],
  ])('should be counted from a launch whose task %s', (_, changes, others) => {
    const [task] = launched(undefined, [1]);
    if (task === undefined) throw new Error('no task');
    const jobs = others.map((other) => open(9, { jobId: 2, runnerName: task.runnerName, ...other }));
    expect(pauseOf(open(90), [{ ...task, ...changes }], jobs, NOW_MS)).toMatchObject({
      ...{ untilMs: ago(0.5), failedLaunches: 1 },
    });
  });

  it('should last a minute from the end of its own task that ran a job, which may have been this one', () => {
    const endedAgo = (ending: TaskFact['ending'], minutes: number) =>
      launched(ending, [20]).map((task) => ({ ...task, stoppedAtMs: ago(minutes) }));
    const untilMs = (...tasks: RepositoryTask[]) => pauseOf(open(90), tasks, [], NOW_MS).untilMs;
    expect(untilMs(...endedAgo('ran-succeeded', 0.5))).toBe(NOW_MS + MINUTE_MS / 2);
    expect(untilMs(...endedAgo('ran-succeeded', 3), ...endedAgo('ran-failed', 0.5))).toBe(ago(-0.5));
    // Of a longer one that a failure has caused, nothing is taken.
    const failed = launched('never-connected', [0.2, 50, 40]);
    expect(untilMs(...endedAgo('ran-succeeded', 0.9), ...failed)).toBe(ago(0.2) + 2 * MINUTE_MS);
    expect(untilMs(...endedAgo('idle', 0.5))).toBe(ago(19.5));
  });

  it('should name the likely cause: its group leaves the repository out, or its run keeps it back', () => {
    const tasks = launched('idle', [15, 10]);
    const reasonWith = (...others: OpenJob[]) =>
      pauseOf(open(60), tasks, [open(60), ...others], NOW_MS).reason;
    const taken = { jobId: 2, status: 'in_progress', runnerName: 'oneshot-dev-1-2-0' };
    expect(reasonWith()).toBe('group-excludes-repository');
    expect(reasonWith(open(60, { ...taken, runnerName: undefined }))).toBe('group-excludes-repository');
    expect(reasonWith(open(60, { ...taken, runId: 6 }))).toBe('group-excludes-repository');
    expect(reasonWith(open(60, taken))).toBe('not-runnable-yet');
  });
});

describe('a job that GitHub starves', () => {
  it('should be known by two runners or more that all idled', () => {
    const tasks = [
      ...launched('idle', [30, 20], 1),
      ...launched('idle', [30], 2),
      ...launched('idle', [30, 20], 3),
      ...launched(undefined, [1], 3),
      ...launched('ran-failed', [30, 20], 4),
      ...launched('idle', [30, 20, 10], 5),
    ];
    expect(starvingJobs(tasks)).toEqual([1, 5]);
  });
});

describe('a job of more than a day', () => {
  const DAYS = 24 * 60;
  it.each<[string, OpenJob, boolean]>([
    ['forgotten 34 days ago', open(34 * DAYS, { runUpdatedAtMs: ago(34 * DAYS) }), true],
    ['of a day to the minute', open(DAYS, { runUpdatedAtMs: ago(DAYS) }), false],
    [
      'approved after three days, whose run has just changed',
      open(3 * DAYS, { runUpdatedAtMs: ago(1) }),
      false,
    ],
    ['named by a delivery, which shows no time of its run', open(34 * DAYS), false],
    ['younger than the last change of its run', open(2, { runUpdatedAtMs: ago(2 * DAYS) }), false],
  ])('should be told from others: one %s', (_, job, expected) => {
    expect(isOverADay(job, NOW_MS)).toBe(expected);
  });
});
