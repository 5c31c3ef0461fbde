import { describe, expect, it } from 'vitest';
import type { FaultName } from '../../local/world/faults.ts';
import type { World } from '../../local/world/start-world.ts';
import { startTestWorld, until } from '../fixtures/world.ts';

const isLive = ({ lastStatus }: { lastStatus: string }) => lastStatus !== 'STOPPED';

async function inWorld(play: (world: World) => Promise<void>, speed = 30): Promise<void> {
  const world = await startTestWorld({ speed });
  try {
    await play(world);
  } finally {
    await world.close();
  }
}

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

describe.concurrent('the whole system', () => {
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

  it('should cost, warm, one GitHub call, one KMS call and one ECS call a job', () =>
    inWorld(async (world) => {
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
      // Decrypt is the first task's own.
      expect(
        Object.fromEntries(all.filter(([name, count]) => count !== 0 && name !== 'kms Decrypt')),
      ).toEqual({
        'github actions/generate-runner-jitconfig-for-org': 1,
        'kms Encrypt': 1,
        'ecs RunTask': 1,
      });
    }));

  it('should let the runner of a cancelled job end itself when idle, and remove its registration', () =>
    inWorld(async (world) => {
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id)?.statusCode === 202);
      world.github.cancelJob(id);
      await until('the task has stopped', () => world.aws.tasks().some((task) => !isLive(task)));
      expect(world.aws.tasks()[0]).toMatchObject({ exitCode: 20 });
      expect(world.github.runners()).toHaveLength(1);
      await world.sweep();
      expect(world.github.runners()).toEqual([]);
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
      expect(world.aws.tasks()).toMatchObject([{ desiredStatus: 'RUNNING' }]);
      await world.clock.sleep(1_801_000);
      await world.sweep();
      await until('the task has stopped', () => !world.aws.tasks().some(isLive));
      expect(world.aws.tasks()).toMatchObject([
        { stopCode: 'UserInitiated', stoppedReason: expect.stringContaining('over-boot-limit') },
      ]);
      await world.sweep();
      expect(world.github.runners()).toEqual([]);
    }, 600));

  it('should fall back from Spot to on-demand when Spot has no capacity', () =>
    inWorld(async (world) => {
      world.faults.next('ecs-no-capacity');
      const id = queue(world, ['fargate/spot']);
      await until('the job was delivered', () => deliveryOf(world, id)?.statusCode === 202);
      expect(world.aws.tasks().map(({ task }) => task.capacityProviderName)).toEqual(['FARGATE']);
      expect(world.ledger.counts()['ecs']).toMatchObject({ RunTask: 2 });
    }));

  it.each<[FaultName, number]>([
    ['ecs-throttle', 0],
    ['ecs-no-capacity', 0],
    ['github-secondary-limit', 0],
    ['github-primary-limit', 0],
    ['github-5xx', 0],
  ])('should answer 503 under %s, start nothing and leave no registration', (fault) =>
    inWorld(async (world) => {
      // The token is minted before: the fault is to strike the launch.
      const warm = queue(world);
      await until('the function is warm', () => deliveryOf(world, warm)?.statusCode === 202);
      const tasks = world.aws.tasks().length;
      const runners = world.github.runners().length;
      world.faults.next(fault);
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id) !== undefined);
      expect(deliveryOf(world, id)).toMatchObject({
        statusCode: 503,
        responseBody: expect.stringMatching(/"reason":"(refused|unknown)"/),
      });
      expect(world.aws.tasks()).toHaveLength(tasks);
      expect(world.github.runners()).toHaveLength(runners);
    }),
  );

  it('should answer 503 when the answer of RunTask is lost, and leave the registration to the task that did start', () =>
    inWorld(async (world) => {
      world.ledger.on('call', ({ operation }) => {
        // Once Encrypt has been answered, the next call is RunTask.
        if (operation === 'Encrypt') setImmediate(() => world.faults.next('aws-lost-answer'));
      });
      const id = queue(world);
      await until('the job was delivered', () => deliveryOf(world, id) !== undefined);
      expect(deliveryOf(world, id)).toMatchObject({
        statusCode: 503,
        responseBody: expect.stringContaining('"unknown"'),
      });
      await until('the job has ended', () => jobOf(world, id)?.status === 'completed');
      expect(jobOf(world, id)?.conclusion).toBe('success');
      expect(world.ledger.counts()['ecs']).toMatchObject({ RunTask: 1 });
    }));
});
