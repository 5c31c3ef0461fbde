import { describe, expect, it } from 'vitest';
import type { Policy } from '../../functions/core/job/policy.ts';
import { raiseDoubt } from '../../functions/core/plan/doubt.ts';
import type { JobFact, TaskFact } from '../../functions/core/task/facts.ts';
import type { Refusal } from '../../functions/core/words/outcomes.ts';
import { createCooling } from '../../functions/webhook/cooling.ts';
import { delivery, jobPayload } from '../fixtures/deliveries.ts';
import { POLICY } from '../fixtures/policy.ts';
import { NOW_MS, type ReceiveWorld, receiveOne } from '../fixtures/receive.ts';
import { jobFixture, taskFixture, WEB } from '../fixtures/tasks.ts';

const SECOND_MS = 1_000;
const JOB = 31_415_926_535;
const REPOSITORY = { ...WEB, id: 700_000_001 };
const ago = (seconds: number): number => NOW_MS - seconds * SECOND_MS;
const throttled: Refusal = { kind: 'refused', refusal: 'throttled', detail: 'slow down' };

/** A job's event of this many seconds ago, and the job as GitHub shows it by now. */
const event = (secondsAgo: number, job = {}) => delivery(jobPayload({ job }, ago(secondsAgo)));
const shown = (changes: Partial<JobFact> = {}) => jobFixture(JOB, { createdAtMs: ago(31), ...changes });
/** A live task of the repository, or of another. */
const task = (jobId: number, changes: Partial<TaskFact> = {}, repository = REPOSITORY) =>
  taskFixture(jobId, {
    ...{ runnerName: `oneshot-dev-${repository.id}-${jobId}-0`, repository },
    ...{ createdAtMs: ago(20), startedAtMs: ago(5), ...changes },
  });
const tasks = (count: number, changes: Partial<TaskFact> = {}, repository = REPOSITORY) =>
  Array.from({ length: count }, (_, index) => task(index + 1, changes, repository));
const stopped = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED' } as const;

/** What came of a delivery that looks first: launched under which name, or doubted and why. */
async function lookWith(secondsAgo: number, world: ReceiveWorld, labels = ['fargate']) {
  const seen = await receiveOne(event(secondsAgo, { labels }), world);
  const { answer, doubts } = seen;
  const name = answer.outcome?.kind === 'launched' ? answer.outcome.runnerName : undefined;
  // Whatever is not launched is doubted, by name and as news; never both.
  const doubt = raiseDoubt(REPOSITORY, NOW_MS, { jobIds: [JOB], isNews: true });
  if (answer.status === 202) expect(doubts).toEqual(name === undefined ? [doubt] : []);
  return { ...seen, name };
}

describe('receive of an event over 30 seconds old (rule 9)', () => {
  it('should ask GitHub whether the job still waits and ECS what runs, and launch', async () => {
    const { answer, ported, done } = await lookWith(31, { job: shown() });
    expect(answer).toMatchObject({ status: 202, reason: 'launched' });
    expect(done).toEqual(['load looking', 'read job', 'list tasks', 'load launching']);
    expect(ported).toEqual(['createJitConfig', 'seal', 'runTask']);
  });

  it('should launch under the name of the minute, as a reconcile would', async () => {
    const names = [59, 60, 150].map(
      async (seconds) => (await lookWith(seconds, { job: shown({ createdAtMs: ago(seconds) }) })).name,
    );
    expect(await Promise.all(names)).toEqual([0, 1, 2].map((n) => `oneshot-dev-700000001-${JOB}-${n}`));
  });

  it('should take one that does not say when it was made for old, and go by GitHub’s time', async () => {
    const raw = event(0, { created_at: undefined });
    const { answer, done } = await receiveOne(raw, { job: shown({ createdAtMs: ago(70) }) });
    expect(done[1]).toBe('read job');
    expect(answer.outcome?.runnerName).toBe(`oneshot-dev-700000001-${JOB}-1`);
  });

  it.each([
    ['in_progress', 'already-started'],
    ['completed', 'already-completed'],
    ['waiting', 'waiting-for-approval'],
    ['pending', 'waiting-for-concurrency-group'],
    ['new', 'status-not-queued'],
  ])(
    'should be done with a job that is %s by now, say so (%s), and ask ECS nothing',
    async (status, reason) => {
      const { answer, done, doubts, ported } = await lookWith(31, { job: shown({ status }) });
      expect(answer).toMatchObject({ status: 200, reason });
      expect({ done, doubts, ported }).toEqual({
        ...{ done: ['load looking', 'read job'], doubts: [], ported: [] },
      });
    },
  );

  it.each<[string, ReceiveWorld, string]>([
    ['GitHub shows no such job', { job: undefined }, 'event-too-old'],
    ['GitHub does not answer', { job: new Error('GitHub is down') }, 'event-too-old'],
    ['ECS does not answer', { job: shown(), tasks: new Error('ECS is down') }, 'event-too-old'],
    ['there are too many tasks to read', { job: shown(), tasks: 'too many' }, 'event-too-old'],
    ['its task is alive', { job: shown(), tasks: [task(JOB)] }, 'matched'],
    [
      'its last launch has just failed',
      { job: shown(), tasks: [task(JOB, { ...stopped, ending: 'never-connected' })] },
      'backing-off',
    ],
    [
      'its launch failed a while ago',
      {
        job: shown(),
        tasks: [task(JOB, { ...stopped, ending: 'never-connected', createdAtMs: ago(30) })],
      },
      'launched-before',
    ],
    [
      'another job has its runner',
      { job: shown(), tasks: [task(JOB, { markedJobId: 8 }), task(8)] },
      'launched-before',
    ],
    [
      'its own task has just run a job',
      { job: shown(), tasks: [task(JOB, { ...stopped, ending: 'ran-failed', stoppedAtMs: ago(1) })] },
      'backing-off',
    ],
  ])('should launch nothing and doubt where %s', async (_, world, reason) => {
    const { answer, ported, name } = await lookWith(31, world);
    expect(answer).toMatchObject({ status: 202, reason });
    expect({ ported, name }).toEqual({ ported: [], name: undefined });
  });

  it('should launch beside tasks that were started for other jobs', async () => {
    // That of another job is not counted for this one, however long it idles: which jobs wait was not read.
    const idle = { createdAtMs: ago(90), startedAtMs: ago(80) };
    const others = [task(7, idle), task(8, {}, { ...REPOSITORY, id: 9 })];
    expect((await lookWith(31, { job: shown(), tasks: others })).name).toBeDefined();
  });

  it('should ask a throttled RunTask again, as nothing was counted', async () => {
    const { ported } = await lookWith(31, { job: shown(), answers: { run: [throttled] } });
    expect(ported.filter((port) => port === 'runTask')).toHaveLength(2);
  });

  it('should look at nothing while GitHub asks to be left alone', async () => {
    const cooling = createCooling();
    const jit = { ...throttled, refusal: 'secondary-limit', retryAfterSeconds: 60 } as const;
    await receiveOne(event(0), { answers: { jit }, cooling });
    const { answer, done } = await lookWith(31, { job: shown(), cooling });
    expect(answer.reason).toBe('cooling');
    expect(done).toEqual(['load settling', 'doubt acme/web']);
  });
});

describe('receive where what runs at once is limited', () => {
  const limited = (concurrency: Partial<Policy['concurrency']>): Policy => ({
    ...POLICY,
    concurrency: { ...POLICY.concurrency, ...concurrency },
  });
  const launchesWith = async (concurrency: Partial<Policy['concurrency']>, running: readonly TaskFact[]) => {
    const { answer, name } = await lookWith(0, { policy: limited(concurrency), tasks: running });
    return name === undefined ? answer.reason : 'launched';
  };

  it('should ask ECS what runs, and GitHub nothing of a fresh event', async () => {
    const policy = limited({ runners: 20 });
    const fresh = await lookWith(0, { policy });
    expect(fresh.done).toEqual(['load looking', 'list tasks', 'load launching']);
    const old = await lookWith(31, { policy, job: shown() });
    expect(old.done).toEqual(['load looking', 'read job', 'list tasks', 'load launching']);
  });

  it.each<keyof Policy['concurrency']>(['runners', 'runnersPerRepository', 'vcpu', 'vcpuPerRepository'])(
    'should launch up to half of %s, and leave the rest to reconcile',
    async (name) => {
      // Each has one vCPU, like the job's own.
      expect(await launchesWith({ [name]: 40 }, tasks(19, { markedJobId: 9 }))).toBe('launched');
      expect(await launchesWith({ [name]: 40 }, tasks(20, { markedJobId: 9 }))).toBe('concurrency-limited');
      expect(await launchesWith({ [name]: 40 }, tasks(40, { markedJobId: 9 }))).toBe('at-concurrency-limit');
      expect(await launchesWith({ [name]: 40 }, tasks(40, stopped))).toBe('launched');
      const isOfAll = !name.endsWith('PerRepository');
      const elsewhere = tasks(20, {}, { ...REPOSITORY, id: 9 });
      expect(await launchesWith({ [name]: 40 }, elsewhere)).toBe(
        isOfAll ? 'concurrency-limited' : 'launched',
      );
    },
  );

  it.each<keyof Policy['concurrency']>(['runners', 'vcpuPerRepository'])(
    'should leave a limit of %s below 20 to reconcile alone',
    async (name) => {
      expect(await launchesWith({ [name]: 19 }, [])).toBe('concurrency-limited');
      expect(await launchesWith({ [name]: 20 }, [])).toBe('launched');
    },
  );

  it.each<[string, NonNullable<ReceiveWorld['tasks']>]>([
    ['cannot be read', new Error('ECS is down')],
    ['is more than can be read', 'too many'],
  ])('should doubt where what runs %s', async (_, seen) => {
    const { answer, ported } = await lookWith(0, { policy: limited({ runners: 20 }), tasks: seen });
    expect(answer.reason).toBe('concurrency-limited');
    expect(ported).toEqual([]);
  });

  it('should doubt at the first throttle, as many launch at this moment', async () => {
    const policy = limited({ runners: 20 });
    const { answer, ported } = await lookWith(0, { policy, answers: { run: [throttled] } });
    expect(answer.reason).toBe('refused');
    expect(ported).toEqual(['createJitConfig', 'seal', 'runTask', 'removeRunner']);
  });
});

describe('receive of a job that cannot be served', () => {
  const unservable = (world: ReceiveWorld) => lookWith(0, world, ['fargate/cpu=16']);
  const rejections = (count: number, changes: Partial<TaskFact> = {}, repository = REPOSITORY) =>
    tasks(count, { ...stopped, isRejection: true, ending: 'ran-rejected', ...changes }, repository);
  const policy = { ...POLICY, rejections: { maximumPerHour: 10 } };

  it('should start the task that says so, once ECS has shown what runs, and answer with the same', async () => {
    const { answer, calls, done } = await unservable({});
    const message = expect.stringMatching(/^The label fargate\/cpu=16 cannot be served: .* the limit is 4/);
    expect(answer).toMatchObject({ status: 202, reason: 'size-over-limit', message });
    expect(done).toEqual(['load looking', 'list tasks', 'load launching']);
    expect(calls[2]?.what).toMatchObject({ launch: { rejection: { message } } });
  });

  it('should start half of what the hour allows a repository, and leave the rest to reconcile', async () => {
    const isStarted = async (...running: TaskFact[]) =>
      (await unservable({ policy, tasks: running })).name !== undefined;
    expect(await isStarted(...rejections(4))).toBe(true);
    expect(await isStarted(...rejections(5))).toBe(false);
    expect(await isStarted(...rejections(10))).toBe(false);
    expect(await isStarted(...rejections(5, { createdAtMs: ago(3_601), stoppedAtMs: ago(3_600) }))).toBe(
      true,
    );
    expect(await isStarted(...rejections(5, {}, { ...REPOSITORY, id: 9 }))).toBe(true);
  });

  it.each<[string, ReceiveWorld]>([
    ['there is no room for it', { policy, tasks: rejections(5) }],
    ['what runs cannot be read', { tasks: new Error('ECS is down') }],
    ['RunTask is throttled, which is not asked again', { answers: { run: [throttled] } }],
  ])('should answer with what its job will be told where %s', async (_, world) => {
    const { answer, ported, name } = await unservable(world);
    expect(answer).toMatchObject({ status: 202, reason: 'size-over-limit' });
    expect(answer.message).toMatch(/^The label fargate\/cpu=16 cannot be served/);
    expect(name).toBeUndefined();
    expect(ported.filter((port) => port === 'runTask').length).toBeLessThan(2);
  });
});
