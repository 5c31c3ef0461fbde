import { describe, expect, it } from 'vitest';
import { emptySweepMemory } from '../../functions/core/plan/sweep-memory.ts';
import {
  createSweepWorld,
  failed,
  MINUTE_MS,
  NOW_MS,
  overAge,
  repository,
  stopped,
  task,
} from '../fixtures/sweep-world.ts';
import { WEB } from '../fixtures/tasks.ts';

/** Everything is due, and there is one thing or more to do in each step. */
function createBusy(...[start]: Parameters<typeof createSweepWorld>) {
  const api = repository(2);
  return createSweepWorld(
    {
      ...{ tasks: [task(1), overAge(2), stopped(3)], repositories: [WEB, api], active: new Set([2]) },
      ...{ deliveries: [failed(1), failed(2)], versionEndsAtMs: NOW_MS, ...start },
    },
    emptySweepMemory(),
  );
}

/** One call of each step, in the order of the steps. */
const MARKS = ['doubt web', 'stop arn:2', 'poll web', 'listDeliveries', 'listScopes', 'readVersionEnd'];

describe('a sweep in which a call never answers', () => {
  it.each([
    ['a doubt', 'doubt web', 0],
    ['the stop of a task', 'stop arn:2', 1],
    ['the removal of a registration', 'remove 3', 1],
    ['the list of repositories', 'listRepositories', 2],
    ['a poll', 'poll web', 2],
    ['the list of deliveries', 'listDeliveries', 3],
    ['a redelivery', 'redeliver 1', 3],
    ['the list of scopes', 'listScopes', 4],
    ['a list of registrations', 'registrations of orgs/acme', 4],
    ['what GitHub says of the runner', 'readVersionEnd', 5],
  ])('should end its step and do all that come after it: %s', async (_, name, step) => {
    const { sweep, calls } = createBusy({ hanging: new Set([name]) });
    const report = await sweep();
    expect(calls).toEqual(expect.arrayContaining([name, ...MARKS.slice(step + 1)]));
    expect(report).toMatchObject({ isCutShort: false, errors: [] });
  });

  it('should leave time for the other steps: none may take half of the minute', async () => {
    const { sweep, stepsMs } = createBusy();
    await sweep();
    expect(Math.max(...stepsMs)).toBeLessThan(30_000);
    expect(stepsMs.length).toBeGreaterThanOrEqual(MARKS.length);
  });

  it('should remove registrations though the stop of a task is what does not answer', async () => {
    const { sweep, called } = createBusy({ hanging: new Set(['stop arn:2']) });
    await sweep();
    expect(called('remove')).toEqual(['remove 3']);
  });

  it('should do what needs no list of tasks where it is that list', async () => {
    const { sweep, calls } = createBusy({ hanging: new Set(['listTasks']) });
    expect(await sweep()).toMatchObject({ seen: { tasks: undefined }, stopped: [], removed: [] });
    expect(calls).toEqual(
      expect.arrayContaining(['poll web', 'redeliver 1', 'registrations of orgs/acme', 'readVersionEnd']),
    );
  });

  it('should report what a step has done beside it', async () => {
    const deliveries = Array.from({ length: 30 }, (_, index) => failed(index + 1));
    const { sweep } = createBusy({ deliveries, hanging: new Set(['redeliver 15']) });
    const { redelivered } = await sweep();
    expect(redelivered.length).toBeGreaterThanOrEqual(10);
    expect(redelivered).not.toContain('15');
  });

  it('should poll the repositories that are known where their list is what does not answer', async () => {
    const { sweep, called } = createSweepWorld({ hanging: new Set(['listRepositories']) });
    await sweep(NOW_MS + 15 * MINUTE_MS);
    expect(called('poll')).toEqual(['poll web']);
  });
});

describe('a sweep whose own time is over', () => {
  it('should end at once, without a further call, and say so', async () => {
    const { sweep, calls } = createBusy({ cutAt: 'listDeliveries' });
    expect(await sweep()).toMatchObject({ isCutShort: true, redelivered: [], errors: [] });
    expect(calls.at(-1)).toBe('listDeliveries');
  });

  it('should report and remember what it has done by then, and continue there', async () => {
    const deliveries = Array.from({ length: 40 }, (_, index) => failed(index + 1));
    const { sweep, world, memory, called, calls } = createBusy({ deliveries, cutAt: 'redeliver 11' });
    const report = await sweep();
    expect(report).toMatchObject({
      isCutShort: true,
      stopped: [{ taskArn: 'arn:2' }],
      removed: [{ runnerId: 3 }],
      doubted: [{ id: 1 }, { id: 2 }],
    });
    const begun = called('redeliver').map((name) => Number(name.slice(10)));
    expect(begun.length).toBeLessThan(21);
    expect([...memory.redeliveries.keys()]).toEqual(begun.map((index) => `guid-${index}`));
    expect([...memory.settledTaskArns]).toEqual(['arn:3']);
    expect([...memory.polls.keys()]).toEqual([1, 2]);
    world.cutAt = undefined;
    await sweep(NOW_MS + MINUTE_MS);
    const next = called('redeliver').map((name) => Number(name.slice(10)));
    expect([...begun, ...next]).toEqual(deliveries.map(({ id }) => Number(id)));
    expect(calls).not.toContain('remove 3');
    expect(called('poll')).toEqual([]);
    expect(calls).toContain('readVersionEnd');
  });
});
