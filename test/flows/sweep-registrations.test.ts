import { describe, expect, it } from 'vitest';
import type { Registration } from '../../functions/core/plan/plan-sweep.ts';
import type { RegistrationScope } from '../../functions/core/ports.ts';
import {
  createSweepWorld,
  GRACE_MS,
  MINUTE_MS,
  NOW_MS,
  orphan,
  overAge,
  task,
} from '../fixtures/sweep-world.ts';

const account = { owner: 'acme', ownerType: 'Organization', installationId: 77 } as const;
const scopes = (count: number): RegistrationScope[] =>
  Array.from({ length: count }, (_, index) => ({ account, scope: `repos/acme/r${index}` }));

/** A sweep that looks for orphans at its first pass. */
function createLooking(...[start]: Parameters<typeof createSweepWorld>) {
  const looking = createSweepWorld(start);
  looking.memory.lastLookAtMs = 0;
  return looking;
}

describe('the sweep of registrations', () => {
  it('should stop nothing and remove nothing when ECS cannot be read', async () => {
    const { sweep, world, calls, memory } = createLooking({
      tasks: [overAge(1)],
      registrations: [orphan(9)],
    });
    memory.looks = [{ runnerId: 9, firstSeenAtMs: 0 }];
    world.failing = new Set(['listTasks']);
    await sweep();
    expect(calls.filter((name) => name.startsWith('stop') || name.startsWith('remove'))).toEqual([]);
    expect(memory.looks).toEqual([{ runnerId: 9, firstSeenAtMs: 0 }]);
  });

  it('should still stop what is over age when GitHub cannot be read, and look again at the next pass', async () => {
    const { sweep, world, calls } = createLooking({ tasks: [overAge(1)] });
    world.failing = new Set(['listScopes']);
    expect((await sweep()).stopped).toHaveLength(1);
    await sweep();
    expect(calls).toContain('listScopes');
  });

  it('should remove an orphan at the second look, and not one that came back between them', async () => {
    const { sweep, world, called } = createLooking({ registrations: [orphan(8), orphan(9)] });
    await sweep(NOW_MS);
    expect(called('remove')).toEqual([]);
    world.registrations = [{ ...orphan(8), online: true }, orphan(9)];
    const report = await sweep(NOW_MS + GRACE_MS);
    expect(called('remove')).toEqual(['remove 9']);
    expect(report).toMatchObject({ left: [{ reason: 'runner-online' }], seen: { registrations: 2 } });
  });

  it('should look for orphans no more than once a grace', async () => {
    const { sweep, called } = createLooking();
    const looked: number[] = [];
    for (const minute of [0, 1, 2, 14, 15]) {
      await sweep(NOW_MS + minute * MINUTE_MS);
      looked.push(called('registrations').length);
    }
    expect(looked).toEqual([1, 0, 0, 0, 1]);
  });

  it.each<[string, (broken: ReturnType<typeof createLooking>) => void]>([
    ['a scope failed', ({ world }) => world.failing.add('registrations of orgs/acme')],
    ['an installation could not be listed', ({ world }) => world.unread.set('listScopes', new Error('403'))],
    [
      'a scope’s calls are nearly spent',
      ({ world }) => {
        world.budgets['acme'] = { limit: 5_000, remaining: 499, resetsAtMs: NOW_MS + 90 * MINUTE_MS };
      },
    ],
  ])('should keep the first look at what a later sweep did not read, where %s', async (_, breakIt) => {
    const looking = createLooking({ registrations: [orphan(1)] });
    const { sweep, world, memory, calls } = looking;
    await sweep(NOW_MS);
    world.registrations = [];
    breakIt(looking);
    await sweep(NOW_MS + GRACE_MS);
    expect(memory.looks).toEqual([{ runnerId: 1, firstSeenAtMs: NOW_MS }]);
    Object.assign(world, { registrations: [orphan(1)], budgets: {}, unread: new Map(), failing: new Set() });
    await sweep(NOW_MS + 2 * GRACE_MS);
    expect(calls).toContain('remove 1');
  });

  it('should forget what was not read for a day, which GitHub has removed by then', async () => {
    const { sweep, world, memory } = createLooking({ registrations: [orphan(1)] });
    await sweep(NOW_MS);
    world.failing.add('registrations of orgs/acme');
    await sweep(NOW_MS + 24 * 60 * MINUTE_MS);
    expect(memory.looks).toEqual([]);
  });

  it('should forget what a whole look no longer shows', async () => {
    const { sweep, world, memory } = createLooking({ registrations: [orphan(1)] });
    await sweep(NOW_MS);
    world.registrations = [];
    await sweep(NOW_MS + GRACE_MS);
    expect(memory.looks).toEqual([]);
  });

  it('should judge what it read though a neighbour failed', async () => {
    const places = scopes(3);
    const registrations: Registration[] = [orphan(7, 'repos/acme/r0'), orphan(9, 'repos/acme/r2')];
    const { sweep, world, called } = createLooking({ scopes: places, registrations });
    world.failing.add('registrations of repos/acme/r1');
    await sweep(NOW_MS);
    const report = await sweep(NOW_MS + GRACE_MS);
    expect(called('remove')).toEqual(['remove 7', 'remove 9']);
    expect(report.errors).toHaveLength(1);
  });

  it('should read sixty scopes of a look at most, with tasks first and then in turn, ten at once', async () => {
    const registration = { account, scope: 'repos/acme/r149', runnerId: 1 } as const;
    const { sweep, called, atOnce } = createLooking({
      scopes: scopes(150),
      tasks: [task(1, { registration })],
    });
    const read: string[][] = [];
    for (let look = 0; look < 3; look++) {
      await sweep(NOW_MS + look * GRACE_MS);
      read.push(called('registrations'));
    }
    expect(read.map((one) => one.length)).toEqual([60, 60, 60]);
    expect(read.map((one) => one[0])).toEqual(Array(3).fill('registrations of repos/acme/r149'));
    expect(new Set(read.flat()).size).toBe(150);
    expect(atOnce.most).toBe(10);
  });

  it('should judge what it read though one scope never answers', async () => {
    const registrations = [orphan(7, 'repos/acme/r0')];
    const { sweep, world, called } = createLooking({ scopes: scopes(2), registrations });
    world.hanging.add('registrations of repos/acme/r1');
    await sweep(NOW_MS);
    await sweep(NOW_MS + GRACE_MS);
    expect(called('remove')).toEqual(['remove 7']);
  });
});
