import { describe, expect, it } from 'vitest';
import { raiseDoubt } from '../../functions/core/plan/doubt.ts';
import type { CallBudget } from '../../functions/core/plan/job-look.ts';
import { emptySweepMemory } from '../../functions/core/plan/sweep-memory.ts';
import { createSweepWorld, failed, MINUTE_MS, NOW_MS, repository, task } from '../fixtures/sweep-world.ts';
import { WEB } from '../fixtures/tasks.ts';

const many = (count: number) => Array.from({ length: count }, (_, index) => repository(index + 1));
const scarce: CallBudget = { limit: 5_000, remaining: 1_000, resetsAtMs: NOW_MS + 30 * MINUTE_MS };

/** A process that has just begun, and remembers nothing. */
const createCold = (...[start]: Parameters<typeof createSweepWorld>) =>
  createSweepWorld(start, { ...emptySweepMemory(), lastLookAtMs: NOW_MS });

describe('the sweep’s doubts', () => {
  it('should be of repositories with tasks, every three minutes', async () => {
    const { sweep, called } = createSweepWorld({ tasks: [task(1)] });
    const doubted: string[][] = [];
    for (let minute = 0; minute <= 6; minute++) {
      await sweep(NOW_MS + minute * MINUTE_MS);
      doubted.push(called('doubt'));
    }
    expect(doubted).toEqual([[], [], [], ['doubt web'], [], [], ['doubt web']]);
  });

  it('should be new ones, which say nothing but the repository', async () => {
    const { sweep, doubts } = createCold({ tasks: [task(1)] });
    expect((await sweep()).doubted).toEqual([WEB]);
    expect(doubts).toEqual([raiseDoubt(WEB, NOW_MS)]);
  });

  it('should be fewer for the owner whose calls are scarce, and for no other', async () => {
    const tasks = [task(1, { repository: repository(1) }), task(2, { repository: repository(2, 'widgets') })];
    const { sweep, called, memory } = createSweepWorld({ tasks, budgets: { acme: scarce } });
    memory.busyDoubts.set('widgets', NOW_MS);
    await sweep(NOW_MS + 3 * MINUTE_MS);
    expect(called('doubt')).toEqual(['doubt r2']);
  });

  it('should be raised though a neighbour’s is not, ten at once', async () => {
    const tasks = many(25).map((one) => task(one.id, { repository: one }));
    const { sweep, atOnce } = createCold({ tasks, failing: new Set(['doubt r7']) });
    const { doubted, errors } = await sweep();
    expect(doubted).toHaveLength(24);
    expect(errors).toMatchObject([{ message: 'doubt r7 is down' }]);
    expect(atOnce.most).toBe(10);
  });
});

describe('the sweep’s polls', () => {
  it('should be of each allowed repository every 15 minutes, and doubt those with active runs', async () => {
    const world = { repositories: [repository(1), repository(2)], active: new Set([2]) };
    const { sweep, called } = createCold(world);
    expect((await sweep()).doubted).toMatchObject([{ id: 2 }]);
    expect([called('poll'), called('doubt')]).toEqual([['poll r1', 'poll r2'], ['doubt r2']]);
    await sweep(NOW_MS + 15 * MINUTE_MS - 1);
    expect(called('poll')).toEqual([]);
    await sweep(NOW_MS + 15 * MINUTE_MS);
    expect(called('poll')).toEqual(['poll r1', 'poll r2']);
  });

  it('should come round sixty at a time and ten at once, each failing by itself', async () => {
    const failing = new Set(['poll r3']);
    const { sweep, called, atOnce } = createCold({
      repositories: many(100),
      active: new Set([3, 4]),
      failing,
    });
    const { doubted, errors } = await sweep();
    expect(called('poll')).toHaveLength(60);
    expect([doubted.map(({ id }) => id), errors.length]).toEqual([[4], 1]);
    expect(atOnce.most).toBe(10);
    // One that failed waits for its turn as all do.
    await sweep(NOW_MS + MINUTE_MS);
    expect(called('poll')).toHaveLength(40);
    expect(called('poll')).not.toContain('poll r3');
  });

  it('should spend no more than their share of an hour, and nothing where GitHub does not count them', async () => {
    const { sweep, called, world, memory } = createCold({ repositories: many(60) });
    memory.pollCalls.set('acme', { calls: 10, atMs: NOW_MS });
    await sweep();
    expect(called('poll')).toHaveLength(10);
    expect(memory.pollCalls.get('acme')?.calls).toBe(0);
    world.isCounted = false;
    // A minute's share of 1,250 is 20 calls, and all of them come back.
    await sweep(NOW_MS + MINUTE_MS);
    expect(called('poll')).toHaveLength(20);
    expect(memory.pollCalls.get('acme')?.calls).toBeCloseTo(1_250 / 60);
  });

  it('should look for old runs at each 24th of a repository', async () => {
    const { sweep, called, memory } = createSweepWorld();
    memory.polls.set(WEB.id, { atMs: 0, count: 23 });
    await sweep();
    expect(called('poll')).toEqual(['poll web queued']);
  });

  it('should be of the repositories that are known where they cannot be listed, and list them again at once', async () => {
    const { sweep, called, world } = createSweepWorld({ failing: new Set(['listRepositories']) });
    await sweep(NOW_MS + 15 * MINUTE_MS);
    expect(called('poll')).toEqual(['poll web']);
    world.failing.clear();
    await sweep(NOW_MS + 16 * MINUTE_MS);
    expect(called('listRepositories')).toHaveLength(1);
  });

  it('should know the repositories still of an installation that could not be read, and the new ones of others', async () => {
    const { sweep, world, memory } = createSweepWorld();
    world.repositories = [repository(2)];
    world.unread.set('listRepositories', new Error('an installation is suspended'));
    const { errors } = await sweep(NOW_MS + 15 * MINUTE_MS);
    expect(memory.repositories.map(({ id }) => id)).toEqual([1, 2]);
    expect(errors).toMatchObject([{ message: 'an installation is suspended' }]);
  });

  it('should forget a repository that is no longer listed', async () => {
    const { sweep, called, world, memory } = createSweepWorld();
    world.repositories = [repository(2)];
    await sweep(NOW_MS + 15 * MINUTE_MS);
    expect(called('poll')).toEqual(['poll r2']);
    expect([...memory.polls.keys()]).toEqual([2]);
  });
});

describe('the sweep’s redeliveries', () => {
  const flood = (count: number) => Array.from({ length: count }, (_, index) => failed(index + 1));

  it('should be of failed deliveries, each on its own', async () => {
    const { sweep, called, world } = createSweepWorld({ deliveries: [failed(1), failed(2)] });
    world.failing = new Set(['redeliver 1']);
    expect((await sweep()).redelivered).toEqual(['2']);
    expect(called('redeliver')).toEqual(['redeliver 1', 'redeliver 2']);
  });

  it('should be fifty of a pass at most, ten at once, and continue with the others', async () => {
    const { sweep, called, atOnce } = createSweepWorld({ deliveries: flood(120) });
    const sent: string[] = [];
    for (let minute = 0; minute < 3; minute++) {
      await sweep(NOW_MS + minute * MINUTE_MS);
      sent.push(...called('redeliver'));
    }
    expect(sent).toEqual(flood(120).map(({ id }) => `redeliver ${id}`));
    expect(atOnce.most).toBe(10);
  });

  it('should not be made twice within five minutes, though an answer was lost', async () => {
    const { sweep, called, world } = createSweepWorld({ deliveries: [failed(1)] });
    world.failing = new Set(['redeliver 1']);
    const made: number[] = [];
    for (const minute of [0, 1, 4.9, 5]) {
      await sweep(NOW_MS + minute * MINUTE_MS);
      made.push(called('redeliver').length);
    }
    expect(made).toEqual([1, 0, 0, 1]);
  });

  it('should be of served repositories only', async () => {
    const { sweep } = createSweepWorld({ deliveries: [failed(1), failed(2, 666)] });
    expect((await sweep()).redelivered).toEqual(['1']);
  });

  it('should be of none where the App is installed on nothing that is served', async () => {
    const { sweep } = createCold({ deliveries: [failed(1)], repositories: [] });
    expect((await sweep()).redelivered).toEqual([]);
  });

  it.each<[string, Parameters<typeof createSweepWorld>[0]]>([
    ['could not be listed', { failing: new Set(['listRepositories']) }],
    [
      'are of installations that could not be read',
      {
        ...{ repositories: [], unread: new Map([['listRepositories', new Error('403')]]) },
      },
    ],
  ])('should be of all repositories while those that are served %s', async (_, start) => {
    const { sweep } = createCold({ deliveries: [failed(1)], ...start });
    expect((await sweep()).redelivered).toEqual(['1']);
  });

  it('should be forgotten when they are too old to be sent again', async () => {
    const { sweep, memory } = createSweepWorld({ deliveries: [failed(1)] });
    await sweep();
    expect(memory.redeliveries.size).toBe(1);
    await sweep(NOW_MS + 121 * MINUTE_MS);
    expect(memory.redeliveries.size).toBe(0);
  });
});
