import { describe, expect, it } from 'vitest';
import type { World } from '../../../local/world/start-world.ts';
import {
  build,
  deadLetters,
  inWorldOf,
  isDoubtless,
  launchesFor,
  queue,
  queueUnheard,
  reconciles,
  records,
  succeeded,
} from '../../fixtures/situations.ts';
import { until } from '../../fixtures/world.ts';

const launchedBySight = (world: World, id: number) =>
  reconciles(world).length > 0 && launchesFor(world, id) === 1;

const isOver = ({ github }: World, id: number) =>
  github.jobs().some((job) => job.id === id && job.conclusion === 'success');

describe.concurrent('a delivery without its job', { timeout: 600_000 }, () => {
  it('should be accepted where its repository is sound, and the job be found by reconcile', () =>
    inWorldOf({}, async (world) => {
      const id = await queueUnheard(world);
      const { statusCode, responseBody } = await world.github.deliverWithoutJob(id);
      expect(statusCode).toBe(202);
      expect(responseBody).toContain('"job-malformed"');
      await succeeded(world, [id]);
      expect(launchedBySight(world, id)).toBe(true);
      expect(deadLetters(world)).toBe(0);
    }));
});

describe.concurrent('a job that waits for its concurrency group', { timeout: 600_000 }, () => {
  it('should get no runner while its event says `pending`, and the answer say what it waits for', () =>
    inWorldOf({}, async (world) => {
      const first = queue(world);
      await until('it was delivered', () => world.github.deliveries().some(({ jobId }) => jobId === first));
      const delivery = world.github.deliveries().find(({ jobId }) => jobId === first);
      const payload = JSON.parse(delivery?.payload ?? '');
      const workflow_job = { ...payload.workflow_job, id: 4_711, status: 'pending' };
      const body = JSON.stringify({ ...payload, workflow_job });
      const answer = await world.github.deliver({ body, event: 'workflow_job' });
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({
        message: expect.stringContaining('concurrency group'),
        reason: 'waiting-for-concurrency-group',
      });
      await succeeded(world, [first]);
      expect(launchesFor(world, 4_711)).toBe(0);
    }));
});

describe.concurrent('a list of jobs', { timeout: 600_000 }, () => {
  it.each([
    { what: 'has null where a job’s labels should be', fault: 'github-malformed-record', malformed: 1 },
    { what: 'is of a run that was deleted since it was listed', fault: 'github-run-vanishes', malformed: 0 },
  ] as const)('that $what should keep no other job from its runner', ({ fault, malformed }) =>
    inWorldOf({}, async (world) => {
      const ids = [await queueUnheard(world), await queueUnheard(world), await queueUnheard(world)];
      world.faults.next(fault);
      await world.sweep();
      await until('two have ended', () => ids.filter((id) => isOver(world, id)).length === 2);
      expect(reconciles(world)[0]).toMatchObject({
        launchCount: 2,
        look: { malformedRecords: malformed },
      });
      expect(reconciles(world).flatMap(({ problem }) => problem ?? [])).toEqual([]);

      // The next look reads the third job's record whole: it is launched like the others.
      await world.clock.sleep(4 * 60_000);
      await world.sweep();
      await succeeded(world, ids);
      expect(deadLetters(world)).toBe(0);
      await until('no doubt is left', () => isDoubtless(world));
    }),
  );
});

describe.concurrent('a task that stops before its container runs', { timeout: 600_000 }, () => {
  it('should leave a record of why: ECS’s code, its words, and our name for the cause', () =>
    inWorldOf({}, async (world) => {
      world.faults.next('task-fails-to-start');
      queue(world, { jobs: [build()] });
      const stopped = () => records(world).filter(({ message }) => message === 'task stopped');
      await until('a task has stopped', () => stopped().length > 0);
      const [task] = world.aws.tasks();
      expect(stopped()[0]).toMatchObject({
        stopCode: 'TaskFailedToStart',
        stoppedReason: task?.task.stoppedReason,
        cause: expect.stringMatching(/^(?!unexplained|other|unknown)[a-z-]+$/),
      });
      expect(task?.task.stoppedReason).toMatch(/\w/);
    }));
});
