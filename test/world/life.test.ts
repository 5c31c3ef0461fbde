import { describe, expect, it } from 'vitest';
import { JOB_OVER_TAG, MARK_TAG } from '../../functions/core/task/task-environment.ts';
import type { World } from '../../local/world/start-world.ts';
import type { WorldFault } from '../../model/faults.ts';
import { inWorldWith } from '../fixtures/situations.ts';
import { inWorld, until } from '../fixtures/world.ts';

const isLive = ({ lastStatus }: { lastStatus: string }) => lastStatus !== 'STOPPED';

const queue = (world: World, labels = ['fargate'], durationSeconds = 30): number => {
  const { owner, repositories } = world.installation;
  const [id] = world.github.queueRun({
    repository: `${owner.login}/${repositories[0]?.name}`,
    jobs: [{ name: 'build', labels, durationSeconds }],
  });
  if (id === undefined) throw new Error('no job was queued');
  return id;
};
const jobOf = (world: World, id: number) => world.github.jobs().find((job) => job.id === id);
const deliveryOf = (world: World, id: number) =>
  world.github.deliveries().find(({ jobId, action }) => jobId === id && action === 'queued');

/** The webhook's own (functions/webhook/handler.ts). */
const DEADLINE_MS = 8_000;

describe.concurrent('the whole system', { timeout: 600_000 }, () => {
  it('should run a job on a task of its own and leave nothing behind', () =>
    inWorld(async (world) => {
      const id = queue(world);
      await until('the job has ended', () => jobOf(world, id)?.status === 'completed');
      await until(
        'the task has stopped',
        () => world.aws.tasks().length === 1 && !world.aws.tasks().some(isLive),
      );
      expect(jobOf(world, id)).toMatchObject({
        conclusion: 'success',
        runnerName: world.aws.tasks()[0]?.startedBy,
      });
      expect(world.aws.tasks()[0]).toMatchObject({ exitCode: 0, stopCode: 'EssentialContainerExited' });
      expect(world.github.runners()).toEqual([]);
    }));

  it.each([
    ['its id', 'runnerGroupId: 1', 'Default'],
    ['its name', 'rules: [{ repositories: [acme/web], runnerGroup: payments }]', 'payments'],
  ])(
    'should cost, warm, one GitHub call, one KMS call and one ECS call a job, in a group by %s',
    (_, terms, runnerGroupName) =>
      inWorldWith(`{ allow: { repositories: [acme/*] }, ${terms} }`, {}, async (world) => {
        const first = queue(world);
        await until('the first job was delivered', () => deliveryOf(world, first)?.statusCode === 202);
        const before = world.ledger.counts();
        const second = queue(world);
        await until('the second job was delivered', () => deliveryOf(world, second)?.statusCode === 202);
        const after = world.ledger.counts();
        const difference = (api: string, operation: string) =>
          (after[api]?.[operation] ?? 0) - (before[api]?.[operation] ?? 0);
        const all = Object.entries(after).flatMap(([api, operations]) =>
          Object.keys(operations).map(
            (operation) => [`${api} ${operation}`, difference(api, operation)] as const,
          ),
        );
        // Lambda's own, of the doubt queue.
        const isOther = (name: string) => name === 'sqs ReceiveMessage';
        expect(Object.fromEntries(all.filter(([name, count]) => count !== 0 && !isOther(name)))).toEqual({
          'github actions/generate-runner-jitconfig-for-org': 1,
          'kms Encrypt': 1,
          'ecs RunTask': 1,
        });
        await until('the second job runs', () => jobOf(world, second)?.status !== 'queued');
        expect(jobOf(world, second)).toMatchObject({ runnerGroupName });
      }),
  );

  it('should mark the task when its job begins, and doubt nothing', () =>
    inWorld(async (world) => {
      const id = queue(world);
      await until('the task is marked', () => world.aws.tasks()[0]?.tags[MARK_TAG] === String(id));
      expect(world.ledger.counts()['sqs']).not.toHaveProperty('SendMessage');
    }));

  it('should leave a record of the job’s life in the logs, and none of a secret', () =>
    inWorld(async (world) => {
      const id = queue(world);
      await until('the task was settled', () => world.logs.some((line) => line.includes('"task stopped"')));
      const records = world.logs.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
      const ofJob = (action: string) =>
        records.find(({ job, ...rest }) => job === id && rest.action === action);
      expect(ofJob('queued')).toMatchObject({ reason: 'launched', outcome: { kind: 'launched' } });
      expect(ofJob('in_progress')).toMatchObject({ reason: 'marked', startedAtMs: expect.any(Number) });
      expect(ofJob('completed')).toMatchObject({ conclusion: 'success' });
      expect(records.find(({ message }) => message === 'task stopped')).toMatchObject({
        repository: ofJob('queued').repository,
        ending: 'ran-succeeded',
        ...{ stopCode: 'EssentialContainerExited', cause: 'supervisor' },
        stoppedReason: 'Essential container in task exited',
        phases: { run: expect.any(Number) },
      });
      expect(world.logs.join()).not.toContain(world.webhookSecret);
      expect(records.filter(({ level }) => level === 'WARN')).toEqual([]);
    }));

  it('should leave a record of why a task was killed, in ECS’s words and in ours, and count it', () =>
    inWorld(async (world) => {
      world.faults.next('task-out-of-memory');
      queue(world, ['fargate'], 400);
      await until('the stop was counted', () => world.logs.some((line) => line.includes('"TaskStops"')));
      const records = world.logs.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
      expect(records.find(({ message }) => message === 'task stopped')).toMatchObject({
        ...{ ending: 'unexplained', cause: 'out-of-memory', stopCode: 'EssentialContainerExited' },
        stoppedReason: expect.stringContaining('OutOfMemoryError: Container killed due to memory usage'),
      });
      expect(records).toContainEqual(expect.objectContaining({ TaskStops: 1, cause: 'out-of-memory' }));
    }));

  it('should let the runner of a cancelled job end itself when idle, and remove its registration', () =>
    inWorld(async (world) => {
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id)?.statusCode === 202);
      world.github.cancelJob(id);
      await until('the task has stopped', () => world.aws.tasks().some((task) => !isLive(task)));
      expect(world.aws.tasks()[0]).toMatchObject({ exitCode: 20 });
      await until('the registration is gone', () => world.github.runners().length === 0);
    }));

  it('should never stop a running job before the maximum age, though GitHub calls its runner idle', () =>
    inWorld(async (world) => {
      const id = queue(world, ['fargate'], 400);
      await until('the job runs', () => jobOf(world, id)?.status === 'in_progress');
      world.faults.setRate('lying-busy', 1);
      for (let sweeps = 0; sweeps < 3; sweeps++) await world.sweep();
      expect(world.aws.tasks()).toMatchObject([{ desiredStatus: 'RUNNING' }]);
      expect(jobOf(world, id)?.status).toBe('in_progress');
      expect(world.github.runners()).toHaveLength(1);
    }));

  it('should stop a task that never reaches RUNNING, and only after the boot limit', () =>
    inWorld(async (world) => {
      world.faults.next('task-stuck');
      queue(world);
      await until('the task exists', () => world.aws.tasks().length === 1);
      await world.sweep();
      expect(world.aws.tasks()[0]).toMatchObject({ desiredStatus: 'RUNNING' });
      await world.clock.sleep(1_801_000);
      await world.sweep();
      await until('the task has stopped', () => world.aws.tasks()[0]?.lastStatus === 'STOPPED');
      const [stuck] = world.aws.tasks();
      expect(stuck).toMatchObject({
        stopCode: 'UserInitiated',
        stoppedReason: expect.stringContaining('over-boot-limit'),
      });
      await until('its job is launched again', () => world.aws.tasks().length > 1);
      await until(
        'its registration is gone',
        () => !world.github.runners().some(({ name }) => name === stuck?.startedBy),
      );
    }));

  it('should stop a task whose listener stays when its job is over, ten minutes later and not before', () =>
    inWorld(async (world) => {
      world.faults.next('listener-stays');
      const id = queue(world);
      await until('the job has ended', () => jobOf(world, id)?.status === 'completed');
      const heardAtMs = () => Number(world.aws.tasks()[0]?.tags[JOB_OVER_TAG]);
      await until('the task is told', () => heardAtMs() > 0);
      const fromMs = heardAtMs();
      await world.sweep();
      await world.clock.sleep(601_000);
      await world.sweep();
      await until('the task has stopped', () => world.aws.tasks()[0]?.lastStatus === 'STOPPED');
      expect(world.aws.tasks()).toMatchObject([
        { stopCode: 'UserInitiated', stoppedReason: expect.stringContaining('outlived-its-job') },
      ]);
      const stoppingAtMs = world.aws.tasks()[0]?.task.stoppingAt?.getTime() ?? 0;
      expect(stoppingAtMs - fromMs).toBeGreaterThan(600_000);
      expect(jobOf(world, id)?.conclusion).toBe('success');
      expect(world.github.runners()).toEqual([]);
    }));

  it('should fall back from Spot to on-demand when Spot has no capacity', () =>
    inWorld(async (world) => {
      world.faults.next('ecs-no-capacity');
      // Whether ECS keeps the token of the refused call or not, the fallback has one of its own.
      world.faults.next('ecs-refused-token-kept');
      const id = queue(world, ['fargate/spot']);
      await until('the job was delivered', () => deliveryOf(world, id)?.statusCode === 202);
      expect(world.aws.tasks().map(({ task }) => task.capacityProviderName)).toEqual(['FARGATE']);
      expect(world.ledger.counts()['ecs']).toMatchObject({ RunTask: 2 });
      expect(world.github.runners().map(({ name }) => name)).toEqual([expect.stringMatching(/-0-od$/)]);
    }));

  it('should launch though RunTask is throttled once, with one config and one task', () =>
    inWorld(async (world) => {
      world.faults.next('ecs-throttle');
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id)?.statusCode === 202);
      expect(deliveryOf(world, id)?.responseBody).toContain('"reason":"launched"');
      expect(world.ledger.counts()['ecs']).toMatchObject({ RunTask: 2 });
      expect(world.aws.tasks()).toHaveLength(1);
      expect(world.github.runners()).toHaveLength(1);
    }));

  it.each<[WorldFault, number]>([
    ['ecs-throttle', 5],
    ['ecs-no-capacity', 1],
    ['github-secondary-limit', 1],
    ['github-primary-limit', 1],
    ['github-5xx', 2],
  ])('should raise a doubt under %s, start nothing and leave no registration', (fault, times) =>
    inWorld(async (world) => {
      // The token is minted before: the fault is to strike the launch.
      const warm = queue(world);
      await until('the function is warm', () => deliveryOf(world, warm)?.statusCode === 202);
      const tasks = world.aws.tasks().length;
      const runners = world.github.runners().length;
      world.faults.next(fault, times);
      const startedAtMs = world.clock.nowMs();
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id) !== undefined);
      expect(deliveryOf(world, id)).toMatchObject({
        statusCode: 202,
        responseBody: expect.stringMatching(/"reason":"(refused|unknown)"/),
      });
      expect(world.aws.queues.doubts.depth()).toMatchObject({ delayed: 1 });
      expect(world.aws.tasks()).toHaveLength(tasks);
      // What was not refused may have started: the sweep, and no webhook, knows when its registration is an orphan. It
      // also removes that of a launch whose time was spent on being asked to wait.
      const isInTime = world.clock.nowMs() - startedAtMs < DEADLINE_MS;
      if (isInTime && deliveryOf(world, id)?.responseBody.includes('"refused"'))
        expect(world.github.runners()).toHaveLength(runners);
    }),
  );

  it('should answer 503 when not even the doubt can be kept', () =>
    inWorld(async (world) => {
      world.faults.next('ecs-no-capacity');
      world.ledger.on('call', ({ operation }) => {
        if (operation === 'RunTask') setImmediate(() => world.faults.setRate('aws-5xx', 1));
      });
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id) !== undefined);
      expect(deliveryOf(world, id)).toMatchObject({ statusCode: 503 });
    }));

  it('should launch once though the answer of RunTask is lost: asked again, ECS tells of the task that did start', () =>
    inWorld(async (world) => {
      world.ledger.on('call', ({ operation }) => {
        // Once Encrypt has been answered, the next call is RunTask.
        if (operation === 'Encrypt') setImmediate(() => world.faults.next('aws-lost-answer'));
      });
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id) !== undefined);
      expect(deliveryOf(world, id)).toMatchObject({
        statusCode: 202,
        responseBody: expect.stringContaining('"launched"'),
      });
      await until('the job has ended', () => jobOf(world, id)?.status === 'completed');
      expect(jobOf(world, id)?.conclusion).toBe('success');
      expect(world.faults.struck.get('aws-lost-answer')).toBe(1);
      expect(world.aws.tasks()).toHaveLength(1);
    }));

  it('should launch once though the answer to a JIT config was never sent', () =>
    inWorld(async (world) => {
      const warm = queue(world);
      await until('the function is warm', () => deliveryOf(world, warm)?.statusCode === 202);
      world.faults.next('github-5xx');
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id) !== undefined);
      expect(deliveryOf(world, id)?.responseBody).toContain('"launched"');
    }));
});
