import { describe, expect, it } from 'vitest';
import type { Policy } from '../../functions/core/job/policy.ts';
import { raiseDoubt } from '../../functions/core/plan/doubt.ts';
import type { TaskFact } from '../../functions/core/task/facts.ts';
import type { RawDelivery } from '../../functions/webhook/receive.ts';
import { delivery, jobPayload, type PayloadChanges } from '../fixtures/deliveries.ts';
import { POLICY } from '../fixtures/policy.ts';
import { NOW_MS, type ReceiveWorld, receiveOne } from '../fixtures/receive.ts';
import { taskFixture, WEB } from '../fixtures/tasks.ts';

const JOB = 31_415_926_535;
const nameOf = (jobId: number, repositoryId = 700_000_001) => `oneshot-dev-${repositoryId}-${jobId}-0`;
const OWN = nameOf(JOB);
/** The id that GitHub gave the runner of `taskFixture(1)`. */
const RUNNER = 1;
const EVIL = { owner: { login: 'evil', id: 6, type: 'Organization' } };

/** A delivery about a job that a runner has. */
const taken = (action: string, runner: string | null, changes: PayloadChanges = {}) =>
  delivery(
    jobPayload(
      {
        ...{ ...changes, action },
        job: { status: action, runner_name: runner, runner_id: RUNNER, ...changes.job },
      },
      NOW_MS,
    ),
  );
const inProgress = (runner: string | null, changes?: PayloadChanges) => taken('in_progress', runner, changes);
const taskOf = (runnerName: string, changes: Partial<TaskFact> = {}) =>
  taskFixture(1, { runnerName, ...changes });
const registered = (changes: object) => ({
  registration: {
    ...{ account: { owner: 'acme', ownerType: 'Organization', installationId: 77 } as const },
    ...{ scope: 'orgs/acme' as const, runnerId: RUNNER, ...changes },
  },
});
const MARK = `mark arn:1-0 ${JOB}`;

describe('receive of a job in progress (rule 19)', () => {
  it('should mark the task of its own runner, and doubt nothing', async () => {
    const { answer, done } = await receiveOne(inProgress(OWN), { task: taskOf(OWN) });
    expect(answer).toMatchObject({ status: 200, reason: 'marked', marked: { jobId: JOB } });
    expect(done).toEqual(['load settling', MARK]);
  });

  it('should mark a task that is registered at the repository itself, whatever the case of its name', async () => {
    const task = taskOf(OWN, registered({ scope: 'repos/Acme/Web' }));
    expect((await receiveOne(inProgress(OWN), { task })).answer.reason).toBe('marked');
  });

  it('should mark though the delivery or the task names no installation', async () => {
    const account = { owner: 'acme', ownerType: 'Organization', installationId: undefined } as const;
    const cases = [
      await receiveOne(inProgress(OWN, { installation: undefined }), { task: taskOf(OWN) }),
      await receiveOne(inProgress(OWN), { task: taskOf(OWN, registered({ account })) }),
    ];
    expect(cases.map(({ answer }) => answer.reason)).toEqual(['marked', 'marked']);
  });

  it('should mark and doubt nothing when like jobs of one repository swap runners', async () => {
    const { answer, done } = await receiveOne(inProgress(nameOf(2)), { task: taskOf(nameOf(2)) });
    expect(answer.reason).toBe('swapped');
    expect(done).toEqual(['load settling', MARK]);
  });

  it.each<[string, RawDelivery, TaskFact | undefined, string[]]>([
    [
      'other labels',
      inProgress(nameOf(2)),
      taskOf(nameOf(2), { labels: ['fargate', 'arm64'] }),
      ['doubt acme/web', MARK],
    ],
    [
      'a taker that is not ours',
      inProgress(nameOf(2), { job: { labels: ['self-hosted'] } }),
      taskOf(nameOf(2), { labels: ['self-hosted'] }),
      ['doubt acme/web', MARK],
    ],
    ['another repository', inProgress(nameOf(2, 9)), taskOf(nameOf(2, 9)), ['doubt acme/web', MARK]],
    ['a task that ECS no longer shows', inProgress(nameOf(2)), undefined, ['doubt acme/web']],
  ])(
    'should doubt the repository that lost a runner to %s, and name its job',
    async (_, raw, task, expected) => {
      const { done, doubts } = await receiveOne(raw, { task });
      expect(done).toEqual(['load settling', ...expected]);
      expect(doubts).toMatchObject([{ jobIds: [2] }]);
    },
  );

  it('should doubt the repository that the task tells, not the one that the delivery is of', async () => {
    const { doubts } = await receiveOne(inProgress(nameOf(2, 9)), { task: taskOf(nameOf(2, 9)) });
    expect(doubts).toEqual([raiseDoubt(WEB, NOW_MS, { jobIds: [2], isNews: true })]);
  });

  it('should doubt nothing on the word of a name alone: another repository, or one that is not allowed', async () => {
    const shop = { name: 'shop2', owner: { login: 'widgets', type: 'Organization' } };
    for (const raw of [inProgress(nameOf(2, 9)), inProgress(nameOf(2), { repository: shop })]) {
      const { answer, doubts } = await receiveOne(raw);
      expect(answer.reason).toBe('swapped');
      expect(doubts).toEqual([]);
    }
  });

  it('should doubt though the task can no longer be marked', async () => {
    const done: string[] = [];
    const failing = receiveOne(inProgress(nameOf(2, 9)), {
      task: taskOf(nameOf(2, 9)),
      isMarkRefused: true,
      done,
    });
    await expect(failing).rejects.toThrow('the task has stopped');
    expect(done).toEqual(['load settling', 'doubt acme/web']);
  });

  it.each([null, 'GitHub Actions 12', 'oneshot-prod-1-2-0'])(
    'should load nothing for runner %s',
    async (runner) => {
      const { answer, done } = await receiveOne(inProgress(runner));
      expect(answer).toMatchObject({ status: 200, reason: 'runner-unknown' });
      expect(done).toEqual([]);
    },
  );
});

describe('receive of a job in progress that claims one of our runners', () => {
  it.each([OWN, nameOf(2), nameOf(2, 9)])(
    'should load nothing where its owner is not allowed, by the name %s',
    async (runner) => {
      const { answer, done } = await receiveOne(inProgress(runner, { repository: EVIL }), {
        task: taskOf(runner),
      });
      expect(answer).toMatchObject({ status: 200, reason: 'owner-not-allowed' });
      expect(answer).not.toHaveProperty('marked');
      expect(done).toEqual([]);
    },
  );

  const shop = { name: 'shop', owner: { login: 'widgets', id: 8, type: 'Organization' } };
  it.each<[string, PayloadChanges, Partial<TaskFact>]>([
    ['has another id', { job: { runner_id: 2 } }, {}],
    ['has no id', { job: { runner_id: null } }, {}],
    ['is of another owner', { repository: shop }, {}],
    ['is of another repository of its owner', {}, registered({ scope: 'repos/acme/api' })],
    ['is of an owner whose name only begins like it', {}, registered({ scope: 'orgs/acme-labs' })],
    ['is of another installation', { installation: { id: 78 } }, {}],
    ['stands for a task that tells nothing', {}, { registration: undefined }],
  ])('should neither mark nor doubt where the runner %s', async (_, changes, task) => {
    for (const runner of [OWN, nameOf(2), nameOf(2, 9)]) {
      const { answer, done } = await receiveOne(inProgress(runner, changes), { task: taskOf(runner, task) });
      expect(answer).toMatchObject({ status: 200, reason: 'mark-does-not-fit' });
      expect(answer).not.toHaveProperty('marked');
      expect(done).toEqual(['load settling']);
    }
  });
});

describe('receive of a job that has ended', () => {
  const completed = (runner: string | null, changes: PayloadChanges = {}) =>
    taken('completed', runner, {
      ...changes,
      job: { conclusion: 'success', steps: [{ name: 'Set up job', number: 1 }], ...changes.job },
    });
  const OVER = `job over arn:1-0 ${NOW_MS}`;

  it('should tell reconcile that a job of its run may begin', async () => {
    const { answer, doubts } = await receiveOne(completed(nameOf(2)));
    expect(answer).toMatchObject({ status: 200, reason: 'job-ended' });
    const repository = { ...WEB, id: 700_000_001 };
    const endedJob = { runId: 27_182_818, atMs: NOW_MS };
    expect(doubts).toEqual([raiseDoubt(repository, NOW_MS, { endedJob })]);
  });

  it.each<[string, RawDelivery]>([
    ['ran elsewhere', completed('GitHub Actions 12')],
    ['never ran', completed(null)],
    ['is of an owner who is not allowed', completed(OWN, { repository: EVIL })],
  ])('should load nothing for a job that %s', async (_, raw) => {
    const { answer, done } = await receiveOne(raw);
    expect(answer).toMatchObject({ status: 200, reason: 'action-not-queued' });
    expect(done).toEqual([]);
  });

  it('should tell the task that its job is over, after the doubt', async () => {
    const { answer, done } = await receiveOne(completed(OWN), { task: taskOf(OWN) });
    expect(answer).toMatchObject({
      status: 200,
      reason: 'job-ended',
      message: expect.stringMatching(/not stopped yet/),
    });
    expect(done).toEqual(['load settling', 'doubt acme/web', OVER]);
  });

  it.each<[string, PayloadChanges, Partial<TaskFact>]>([
    ['that is not ours by its label', { job: { labels: ['self-hosted'] } }, {}],
    ['of a repository that is not listed', { repository: { name: 'x' } }, {}],
    ['that took the runner of another', { job: { id: 5 } }, {}],
    ['that was cancelled', { job: { conclusion: 'cancelled' } }, {}],
    ['that could not be served', {}, { isRejection: true }],
  ])('should tell the task of a job %s', async (_, changes, task) => {
    const { done } = await receiveOne(completed(OWN, changes), { task: taskOf(OWN, task) });
    expect(done).toContain(OVER);
  });

  it.each<[string, PayloadChanges, TaskFact | undefined]>([
    ['the runner has another id: its name was used again', { job: { runner_id: 2 } }, taskOf(OWN)],
    ['the runner has no id', { job: { runner_id: null } }, taskOf(OWN)],
    [
      'the runner is of another allowed owner',
      { repository: { name: 'shop', owner: { login: 'widgets', type: 'User' } } },
      taskOf(OWN),
    ],
    ['the runner is of another repository', {}, taskOf(OWN, registered({ scope: 'repos/acme/api' }))],
    ['it is of another installation', { installation: { id: 78 } }, taskOf(OWN)],
    ['the job never had a step', { job: { steps: [] } }, taskOf(OWN)],
    ['no steps are told', { job: { steps: null } }, taskOf(OWN)],
    ['ECS no longer shows the task', {}, undefined],
  ])('should tell no task where %s', async (_, changes, task) => {
    const { answer, done } = await receiveOne(completed(OWN, changes), { task });
    expect(answer.status).toBe(200);
    expect(done.filter((call) => call.startsWith('job over'))).toEqual([]);
  });

  describe('that may have been lost to Spot (rule 26)', () => {
    const policy: Policy = { ...POLICY, spot: { ...POLICY.spot, rerun: 'once' } };
    const failed = { conclusion: 'failure', labels: ['fargate/spot'], steps: [{ name: 'Test', number: 1 }] };
    const lostOf = async (job: object, world: ReceiveWorld = {}) => {
      const { doubts } = await receiveOne(completed(OWN, { job: { ...failed, ...job } }), {
        policy,
        ...world,
      });
      return doubts.flatMap(({ lostJob }) => lostJob ?? []);
    };

    it('should have reconcile ask whether it was', async () => {
      expect(await lostOf({})).toEqual([{ jobId: JOB, runnerName: OWN, spotRunners: [] }]);
    });

    it.each([
      ['it succeeded', { conclusion: 'success' }],
      ['it was cancelled', { conclusion: 'cancelled' }],
      ['a step of it failed', { steps: [{ name: 'Test', number: 1, conclusion: 'failure' }] }],
      ['it does not run on Spot', { labels: ['fargate'] }],
      ['it is of a later attempt', { run_attempt: 2 }],
    ])('should not where %s', async (_, job) => {
      expect(await lostOf(job)).toEqual([]);
    });

    it('should not where its task is desired to run, or runs are not started again', async () => {
      expect(await lostOf({}, { task: taskOf(OWN) })).toEqual([]);
      expect(await lostOf({}, { policy: POLICY })).toEqual([]);
    });
  });

  it('should fail where the task could not be told, so that the delivery comes again', async () => {
    const failing = receiveOne(completed(OWN), { task: taskOf(OWN), isMarkRefused: true });
    await expect(failing).rejects.toThrow('ECS is down');
  });
});
