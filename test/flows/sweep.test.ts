import { describe, expect, it } from 'vitest';
import { readStop } from '../../functions/aws/ecs/stop-cause.ts';
import { emptySweepMemory } from '../../functions/core/plan/sweep-memory.ts';
import { createSweepWorld, MINUTE_MS, NOW_MS, overAge, stopped, task } from '../fixtures/sweep-world.ts';

describe('sweep', () => {
  it('should look at GitHub’s deliveries and at nothing else of it for healthy tasks, however many', async () => {
    const { sweep, calls } = createSweepWorld({
      tasks: Array.from({ length: 500 }, (_, index) => task(index)),
    });
    const report = await sweep();
    expect(calls).toEqual(['listTasks', 'listDeliveries']);
    expect(report).toMatchObject({
      ...{ seen: { tasks: 500, live: { tasks: 500, vcpus: 500 } }, stopped: [], removed: [], errors: [] },
      isCutShort: false,
    });
    expect(report.left).toHaveLength(500);
  });

  it('should do first what a job would miss most', async () => {
    const tasks = [task(1), overAge(2)];
    const { sweep, calls, world } = createSweepWorld({ tasks }, emptySweepMemory());
    world.active.add(1);
    await sweep();
    expect(calls).toEqual([
      ...['listTasks', 'doubt web', 'stop arn:2', 'listRepositories', 'poll web', 'doubt web'],
      // The last reads tasks again, after the registrations: a launch between the two has its registration first.
      ...['listDeliveries', 'listScopes', 'registrations of orgs/acme', 'listTasks', 'stop arn:2'],
      'readVersionEnd',
    ]);
  });

  it('should stop what is over age and remove what is left over, each though its neighbour fails', async () => {
    const tasks = [overAge(1), overAge(2), stopped(3), stopped(4), task(5)];
    const { sweep, calls, world } = createSweepWorld({ tasks });
    world.failing = new Set(['stop arn:1', 'remove 3']);
    const report = await sweep();
    expect(calls).toEqual([
      ...['listTasks', 'stop arn:1', 'stop arn:2', 'remove 3', 'remove 4'],
      'listDeliveries',
    ]);
    expect(report.stopped.map(({ taskArn }) => taskArn)).toEqual(['arn:2']);
    expect(report.removed.map(({ runnerId }) => runnerId)).toEqual([4]);
    expect(report.errors.map(({ message }) => message)).toEqual(['stop arn:1 is down', 'remove 3 is down']);
  });

  it('should stop a task with words by which its stop is known later', async () => {
    const { sweep, stopReasons } = createSweepWorld({ tasks: [overAge(1)] });
    await sweep();
    expect(stopReasons.map((reason) => readStop('UserInitiated', reason, undefined))).toMatchObject([
      { cause: 'stopped-by-sweep', reason: expect.stringContaining('over-maximum-age') },
    ]);
  });

  it('should remove a stopped task’s registration once, and try again what failed', async () => {
    const { sweep, calls, world } = createSweepWorld({ tasks: [stopped(3), stopped(4)] });
    world.failing = new Set(['remove 3']);
    await sweep();
    world.failing.clear();
    await sweep();
    expect(calls).toEqual(['listTasks', 'remove 3', 'listDeliveries']);
  });

  it('should ask twice a day how long GitHub takes the runner, and warn until it is replaced', async () => {
    const day = 24 * 60 * MINUTE_MS;
    const { memory, called, sweep, world } = createSweepWorld({ versionEndsAtMs: NOW_MS + 15 * day });
    memory.version = { endsAtMs: undefined, readAtMs: NOW_MS - day / 2 };
    const asked = async (nowMs: number) => {
      const { versionEndsSoon } = await sweep(nowMs);
      return [versionEndsSoon, called('readVersionEnd').length];
    };
    expect(await asked(NOW_MS)).toEqual([false, 1]);
    expect(await asked(NOW_MS + day / 2 - 1)).toEqual([false, 0]);
    expect(await asked(NOW_MS + day)).toEqual([true, 1]);
    world.versionEndsAtMs = undefined;
    expect(await asked(NOW_MS + 2 * day)).toEqual([false, 1]);
  });

  it('should keep what it knows of the runner when GitHub does not answer', async () => {
    const { memory, sweep } = createSweepWorld({ failing: new Set(['readVersionEnd']) });
    memory.version = { endsAtMs: NOW_MS, readAtMs: 0 };
    expect(await sweep()).toMatchObject({ versionEndsSoon: true, errors: [{}] });
  });
});
