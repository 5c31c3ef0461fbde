import { describe, expect, it } from 'vitest';
import {
  build,
  deadLetters,
  inWorldOf,
  isDoubtless,
  type LogRecord,
  launchesFor,
  queue,
  queueUnheard,
  reconciles,
  succeeded,
} from '../../fixtures/situations.ts';
import { until } from '../../fixtures/world.ts';

/** More than the rounds after which Lambda stops a function that sends to its own queue, unless it is told not to. */
const ROUNDS = 18;

interface Waiting {
  readonly jobId: number;
  readonly reason: string;
  readonly dueAtMs: number;
}

const waitingIn = (record: LogRecord): Waiting[] => (record['waiting'] as Waiting[] | undefined) ?? [];

describe.concurrent('a job that waits for capacity', { timeout: 600_000 }, () => {
  it('should still be launched after more rounds than Lambda lets a loop have by default', () =>
    inWorldOf({}, async (world) => {
      world.faults.setRate('ecs-no-capacity', 1);
      const id = queue(world);
      await until(`${ROUNDS} rounds`, () => reconciles(world).length > ROUNDS);
      expect(launchesFor(world, id)).toBe(0);
      world.faults.setRate('ecs-no-capacity', 0);
      await succeeded(world, [id]);
      expect(deadLetters(world)).toBe(0);
      expect(launchesFor(world, id)).toBe(1);
    }));
});

describe.concurrent('jobs that GitHub gives to nobody yet', { timeout: 600_000 }, () => {
  it('should all complete under max-parallel, with few runners that wait in vain', () =>
    inWorldOf({ sweepEverySeconds: 60 }, async (world) => {
      const jobs = Array.from({ length: 6 }, (_, index) => build(`part ${index}`, 300));
      const ids = world.github.queueRun({ repository: 'acme/web', jobs, maxParallel: 2 });
      await succeeded(world, ids);
      expect(world.aws.tasks().length).toBeLessThanOrEqual(3 * ids.length);
    }));

  it('should be launched rarely where the runner group leaves their repository out, and the log say so', () =>
    inWorldOf({ sweepEverySeconds: 180 }, async (world) => {
      const runnerGroups = [{ id: 1, name: 'Default', repositories: ['api'] }];
      world.github.accounts.change('acme', { runnerGroups });
      const id = queue(world);
      const told = () =>
        reconciles(world)
          .flatMap(waitingIn)
          .filter(({ jobId, reason }) => jobId === id && reason === 'group-excludes-repository');
      await until('the log names the group', () => told().length > 0);
      const launched = launchesFor(world, id);
      expect(launched).toBeLessThanOrEqual(7);
      await world.clock.sleep(30 * 60_000);
      expect(launchesFor(world, id)).toBeLessThanOrEqual(launched + 2);
    }));

  it('should be launched not at all where GitHub has forgotten them for a month', () =>
    inWorldOf({}, async (world) => {
      const forgotten = queue(world, { forgottenDays: 34 });
      const lost = await queueUnheard(world);
      await world.sweep();
      await succeeded(world, [lost]);
      await until('no doubt is left', () => isDoubtless(world));
      await world.clock.sleep(16 * 60_000);
      await world.sweep();
      const leftAlone = () => reconciles(world).flatMap((record) => (record['leftAlone'] as Waiting[]) ?? []);
      await until('it was seen again', () => leftAlone().length >= 2);
      expect(new Set(leftAlone().map(({ jobId, reason }) => `${jobId} ${reason}`))).toEqual(
        new Set([`${forgotten} over-a-day`]),
      );
      await until('no doubt is left', () => isDoubtless(world));
      expect(launchesFor(world, forgotten)).toBe(0);
    }));
});
