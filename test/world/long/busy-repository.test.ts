import { describe, expect, it } from 'vitest';
import {
  counted,
  inWorldOf,
  queue,
  queueUnheard,
  reconciles,
  records,
  succeeded,
  watchCalls,
} from '../../fixtures/situations.ts';
import { until } from '../../fixtures/world.ts';

const MINUTE_MS = 60_000;

describe.concurrent('a repository with more active runs than one look can read', { timeout: 600_000 }, () => {
  it.each([
    { what: '250 queued runs for runners of somebody else', status: 'queued', runs: 250 },
    { what: '250 runs on runners of GitHub', status: 'in_progress', runs: 250 },
    { what: '210 runs that wait for an approval', status: 'waiting', runs: 210 },
  ] as const)('should have its job launched though its webhook was lost, beside $what', ({ status, runs }) =>
    inWorldOf({ sweepEverySeconds: 60 }, async (world) => {
      const calls = watchCalls(world);
      world.github.crowd({ repository: 'acme/web', runs, status });
      const startedAtMs = world.clock.nowMs();
      const lost = await queueUnheard(world);
      await succeeded(world, [lost]);

      world.faults.next('ecs-no-capacity');
      const refused = queue(world, { repository: 'acme/api' });
      await succeeded(world, [refused]);
      await world.clock.sleep(Math.max(0, startedAtMs + 30 * MINUTE_MS - world.clock.nowMs()));

      // Half an hour has 2,500 calls; what has not changed is read again for none.
      expect(counted(calls)).toBeLessThan(1_000);
      expect(calls.filter(({ api, status }) => api === 'github' && status === 403)).toEqual([]);
      expect(reconciles(world).filter(({ problem }) => problem !== undefined)).toEqual([]);
    }),
  );
});

describe.concurrent('a look that fails', { timeout: 600_000 }, () => {
  it('should report how long its repository has been in doubt, so that the alarm on waits can see it', () =>
    inWorldOf({}, async (world) => {
      world.faults.next('ecs-no-capacity');
      const id = queue(world);
      await until('the launch was refused', () => (world.faults.struck.get('ecs-no-capacity') ?? 0) > 0);
      await world.github.settled();
      world.faults.setRate('github-5xx', 1);
      const unread = () =>
        records(world).filter(({ Reconciles, outcome }) => Reconciles !== undefined && outcome === 'unread');
      await until('two looks have failed', () => unread().length >= 2);
      const waits = records(world)
        .flatMap(({ LongestWaitSeconds }) => LongestWaitSeconds ?? [])
        .flat();
      expect(waits.length).toBeGreaterThanOrEqual(2);
      // The queue's own delays: a short one before the first look, and more than a minute until the second.
      expect(waits[0]).toBeGreaterThan(0);
      expect(waits[1]).toBeGreaterThan(60);
      world.faults.setRate('github-5xx', 0);
      await succeeded(world, [id]);
    }));

  it('should have its repository told as stuck after half an hour, and its job launched when it is read again', () =>
    inWorldOf({ sweepEverySeconds: 60 }, async (world) => {
      world.faults.next('ecs-no-capacity');
      const id = queue(world);
      await until('the launch was refused', () => (world.faults.struck.get('ecs-no-capacity') ?? 0) > 0);
      await world.github.settled();
      world.faults.setRate('github-5xx', 1);
      const stuck = () => records(world).filter(({ StuckSeconds }) => StuckSeconds !== undefined);
      await until('the repository is stuck', () => stuck().length > 0);
      expect(stuck()[0]).toMatchObject({ service: 'reconcile', repository: 'acme/web', label: 'unknown' });
      expect(Number(stuck()[0]?.['StuckSeconds'])).toBeGreaterThan(30 * 60);
      world.faults.setRate('github-5xx', 0);
      await succeeded(world, [id]);
    }));
});
