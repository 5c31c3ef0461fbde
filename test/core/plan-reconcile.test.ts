import { describe, expect, it } from 'vitest';
import type { Policy } from '../../functions/core/job/policy.ts';
import { planReconcile } from '../../functions/core/plan/plan-reconcile.ts';
import type { JobFact, TaskFact } from '../../functions/core/task/facts.ts';
import { POLICY } from '../fixtures/policy.ts';
import { jobFixture, PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

const MINUTE_MS = 60_000;
const NOW_MS = 100 * MINUTE_MS;
const ago = (minutes: number): number => NOW_MS - minutes * MINUTE_MS;

const plan = (jobs: readonly JobFact[], tasks: readonly TaskFact[] = [], repository = WEB) =>
  planReconcile({ repository, jobs, isWhole: true, jobsReadAtMs: NOW_MS, tasks }, POLICY, PREFIX, NOW_MS);
const launchesOf = (...input: Parameters<typeof plan>) =>
  plan(...input).launches.map(({ launch }) => launch.jobId);

const fresh = { createdAtMs: ago(1), startedAtMs: ago(0.5) };
const stopped = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', ending: 'idle' } as const;

describe('planReconcile', () => {
  it('should launch a starving job, oldest first, with what its labels ask for', () => {
    const jobs = [
      jobFixture(1, { createdAtMs: ago(2) }),
      jobFixture(2, { createdAtMs: ago(9), labels: ['Fargate/Large'] }),
    ];
    expect(launchesOf(jobs)).toEqual([2, 1]);
    expect(plan(jobs).launches[0]?.launch).toMatchObject({
      labels: ['fargate/large'],
      given: { vcpu: 4 },
      scope: 'orgs/acme',
    });
  });

  it.each<[string, Partial<JobFact>]>([
    ['runs', { status: 'in_progress' }],
    ['waits for an approval', { status: 'waiting' }],
    ['is done', { status: 'completed' }],
    ['is another’s', { labels: ['ubuntu-latest'] }],
    ['can be told nothing of what cannot be served', { labels: ['self-hosted', 'fargate/cpu=64'] }],
  ])('should launch nothing for a job that %s', (_, changes) => {
    expect(plan([jobFixture(1, changes)])).toMatchObject({ launches: [], waiting: [] });
  });

  it('should serve only repositories that the policy serves', () => {
    expect(launchesOf([jobFixture(1)], [], { ...WEB, owner: 'evil' })).toEqual([]);
    expect(launchesOf([jobFixture(1)], [], { ...WEB, isPublic: true })).toEqual([]);
    expect(launchesOf([jobFixture(1)], [], { ...WEB, name: 'open', isPublic: true })).toEqual([1]);
  });

  it('should launch a job of the first minute under the name that its webhook would give it', () => {
    expect(plan([jobFixture(1, { createdAtMs: ago(0.9) })]).launches).toMatchObject([{ generation: 0 }]);
  });

  it.each<[string, Partial<TaskFact>, JobFact[]]>([
    ['is marked', { ...fresh, markedJobId: 9 }, []],
    [
      'is named by a job in progress',
      fresh,
      [jobFixture(9, { status: 'in_progress', runnerName: `${PREFIX}-1-7-0` })],
    ],
    ['is told to stop', { ...fresh, desiredStatus: 'STOPPED' }, []],
    ['has stopped', { ...fresh, ...stopped }, []],
    ['has other labels', { ...fresh, labels: ['fargate/large'] }, []],
    ['is of another repository', { ...fresh, runnerName: `${PREFIX}-2-7-0` }, []],
    ['runs beyond the idle limit and a minute', { createdAtMs: ago(9), startedAtMs: ago(3) - 1 }, []],
    [
      'has not reached RUNNING in ten minutes',
      { lastStatus: 'PENDING', createdAtMs: ago(10) - 1, startedAtMs: undefined },
      [],
    ],
  ])('should not count a task that %s (rule 14)', (_, changes, others) => {
    expect(launchesOf([jobFixture(1), ...others], [taskFixture(7, changes)])).toEqual([1]);
  });

  it.each<[string, Partial<TaskFact>]>([
    ['idles', fresh],
    ['has more labels', { ...fresh, labels: ['fargate', 'arm64'] }],
    ['runs for just the idle limit and a minute', { createdAtMs: ago(9), startedAtMs: ago(3) }],
    ['boots', { lastStatus: 'PENDING', createdAtMs: ago(10), startedAtMs: undefined }],
  ])('should count another job’s task that %s', (_, changes) => {
    expect(plan([jobFixture(1)], [taskFixture(7, changes)])).toMatchObject({
      launches: [],
      matched: [{ jobId: 1 }],
    });
  });

  it('should leave a new task to its own job, which GitHub may not list yet', () => {
    const task = taskFixture(7, { createdAtMs: ago(0.9), startedAtMs: ago(0.5) });
    expect(launchesOf([jobFixture(1)], [task])).toEqual([1]);
    // Once its job is listed, whatever has become of it, the task is there for any job.
    const isListed = jobFixture(7, { status: 'completed' });
    expect(launchesOf([jobFixture(1), isListed], [task])).toEqual([]);
  });

  it('should launch the difference, and no more', () => {
    const jobs = [1, 2, 3].map((jobId) => jobFixture(jobId, { createdAtMs: jobId }));
    expect(launchesOf(jobs, [taskFixture(2, fresh)])).toEqual([1, 3]);
  });

  it('should launch again after a pause that grows with each launch that failed, to 15 minutes', () => {
    const dead = (...minutes: number[]) =>
      minutes.map((before, generation) =>
        taskFixture(1, { generation, ...stopped, ending: 'never-connected', createdAtMs: ago(before) }),
      );
    const isLaunched = (...minutes: number[]) => launchesOf([jobFixture(1)], dead(...minutes)).length === 1;
    expect([isLaunched(0.5), isLaunched(0.4)]).toEqual([true, false]);
    expect([isLaunched(9, 1), isLaunched(9, 0.9)]).toEqual([true, false]);
    const many = [60, 59, 58, 57, 56];
    expect([isLaunched(...many, 15), isLaunched(...many, 14.9)]).toEqual([true, false]);
    expect(plan([jobFixture(1)], dead(0.4)).waiting).toMatchObject([{ jobId: 1, reason: 'backing-off' }]);
  });

  it('should launch at once where its task runs another’s job, and a minute after its task has run one', () => {
    const taken = taskFixture(1, { ...fresh, markedJobId: 2 });
    expect(launchesOf([jobFixture(1)], [taken])).toEqual([1]);
    const ran = (minutes: number) =>
      taskFixture(1, { ...stopped, ending: 'ran-succeeded', createdAtMs: ago(2), stoppedAtMs: ago(minutes) });
    expect(plan([jobFixture(1)], [ran(0.9)])).toMatchObject({
      ...{ launches: [], waiting: [{ reason: 'backing-off', dueAtMs: ago(-0.1) }] },
    });
    expect(plan([jobFixture(1)], [ran(1)])).toMatchObject({ launches: [{ failedLaunches: 0 }], waiting: [] });
  });

  it('should launch as the generation of the minute, whatever was launched before', () => {
    const job = jobFixture(1, { createdAtMs: ago(7.5) });
    const dead = taskFixture(1, { ...stopped, createdAtMs: ago(7) });
    expect(plan([job]).launches).toMatchObject([{ generation: 7 }]);
    expect(plan([job], [dead]).launches).toMatchObject([{ generation: 7 }]);
  });

  describe('for jobs that cannot be served', () => {
    const refused = (jobId: number, createdAtMs = jobId) =>
      jobFixture(jobId, { labels: ['fargate/cpu=64'], createdAtMs });
    const refusal = { labels: ['fargate/cpu=64'], isRejection: true };
    const planWith = (maximumPerHour: number, jobs: JobFact[], tasks: TaskFact[] = []) =>
      planReconcile(
        { repository: WEB, jobs, isWhole: true, jobsReadAtMs: NOW_MS, tasks },
        { ...POLICY, rejections: { maximumPerHour } },
        PREFIX,
        NOW_MS,
      );

    it('should launch refusals, and after all that can be served', () => {
      const { launches } = planWith(9, [refused(1), jobFixture(2, { createdAtMs: 2 }), refused(3)]);
      expect(launches.map(({ launch: { jobId, rejection } }) => [jobId, rejection?.reason])).toEqual([
        [2, undefined],
        [1, 'size-not-available'],
        [3, 'size-not-available'],
      ]);
    });

    it('should start no more than the limit of an hour, and leave the other jobs alone', () => {
      const tasks = [taskFixture(8, { ...refusal, ...stopped, createdAtMs: ago(59) })];
      const { launches, waiting, leftAlone } = planWith(2, [refused(1), refused(2), refused(3)], tasks);
      expect(launches.map(({ launch }) => launch.jobId)).toEqual([1]);
      expect(leftAlone.map(({ jobId, reason }) => [jobId, reason])).toEqual([
        [2, 'rejections-over-limit'],
        [3, 'rejections-over-limit'],
      ]);
      expect(waiting).toEqual([]);
    });

    it('should count a live refusal for a job that is refused alike, and for no other', () => {
      const jobs = [refused(1), jobFixture(2), jobFixture(3, { labels: ['fargate/cpu=32'] })];
      const { matched, launches } = planWith(9, jobs, [taskFixture(7, { ...fresh, ...refusal })]);
      expect(matched).toMatchObject([{ jobId: 1 }]);
      expect(launches.map(({ launch }) => launch.jobId)).toEqual([2, 3]);
    });

    it('should let a refusal wait its turn, like each launch', () => {
      const dead = taskFixture(1, { ...refusal, ...stopped, createdAtMs: ago(0.4) });
      const { waiting } = planWith(9, [refused(1)], [dead]);
      expect(waiting).toMatchObject([{ jobId: 1, reason: 'backing-off' }]);
    });
  });

  it('should say how often launches of a job failed before, for the alarm', () => {
    const dead = [0, 1, 2, 3, 4].map((generation) =>
      taskFixture(1, { generation, ...stopped, createdAtMs: ago(50) }),
    );
    const ran = taskFixture(1, { generation: 5, ...stopped, ending: 'ran-failed', createdAtMs: ago(50) });
    expect(plan([jobFixture(1)], [...dead, ran]).mostFailedLaunches).toBe(5);
  });

  it.each<[string, Partial<Policy['concurrency']>, number[]]>([
    ['no limit', {}, [1, 2, 3]],
    ['runners in all', { runners: 4 }, [1, 2]],
    ['runners of the repository', { runnersPerRepository: 2 }, [1]],
    ['vCPU in all', { vcpu: 9 }, [1]],
    ['vCPU of the repository', { vcpuPerRepository: 6 }, [1, 3]],
  ])('should leave over a limit of %s waiting, and launch what still fits', (_, concurrency, launched) => {
    // One task of this repository and one of another run, with 1 and 4 vCPU.
    const tasks = [
      taskFixture(8, { ...fresh, markedJobId: 8 }),
      taskFixture(9, {
        ...fresh,
        markedJobId: 9,
        runnerName: `${PREFIX}-2-9-0`,
        repository: { ...WEB, id: 2 },
        size: { vcpu: 4, memoryGiB: 16 },
      }),
    ];
    const jobs = [
      jobFixture(1, { createdAtMs: 1, labels: ['fargate/cpu=4'] }),
      jobFixture(2, { createdAtMs: 2, labels: ['fargate/cpu=4'] }),
      jobFixture(3, { createdAtMs: 3 }),
    ];
    const policy = { ...POLICY, concurrency: { ...POLICY.concurrency, ...concurrency } };
    const { launches, waiting } = planReconcile(
      { repository: WEB, jobs, isWhole: true, jobsReadAtMs: NOW_MS, tasks },
      policy,
      PREFIX,
      NOW_MS,
    );
    expect(launches.map(({ launch }) => launch.jobId)).toEqual(launched);
    expect(waiting.map(({ jobId, reason }) => [jobId, reason])).toEqual(
      [1, 2, 3].filter((jobId) => !launched.includes(jobId)).map((jobId) => [jobId, 'at-concurrency-limit']),
    );
  });
});
