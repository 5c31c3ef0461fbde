import { describe, expect, it } from 'vitest';
import type { World } from '../../../local/world/start-world.ts';
import {
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

/** Queues a job whose launch is refused, so that its repository is in doubt. */
async function queueIntoDoubt(world: World): Promise<number> {
  world.faults.next('ecs-no-capacity');
  const id = queue(world);
  await until('its repository is in doubt', () => !isDoubtless(world));
  return id;
}

const endsOf = (world: World) => reconciles(world).flatMap(({ reason }) => reason ?? []);

async function seeDoubtEnd(world: World): Promise<void> {
  await until('the doubt has ended', () => endsOf(world).includes('repository-gone'));
  await until('the queue is empty', () => isDoubtless(world));
}

/** For this many minutes nothing is read, doubted or buried. */
async function seeQuiet(world: World, minutes: number): Promise<void> {
  const before = reconciles(world).length;
  await world.clock.sleep(minutes * 60_000);
  expect(reconciles(world)).toHaveLength(before);
  expect(isDoubtless(world)).toBe(true);
  expect(deadLetters(world)).toBe(0);
}

describe.concurrent('a repository that is gone while it is in doubt', { timeout: 600_000 }, () => {
  it('should be in doubt no more when it was deleted', () =>
    inWorldOf({}, async (world) => {
      const id = await queueIntoDoubt(world);
      world.github.accounts.delete('acme/web');
      await seeDoubtEnd(world);
      await world.sweep();
      await seeQuiet(world, 3);
      expect(launchesFor(world, id)).toBe(0);
      // What its owner has done needs no alarm.
      expect(records(world).filter(({ DoubtsGivenUp }) => DoubtsGivenUp !== undefined)).toEqual([]);
    }));

  it('should have its waiting job launched when the App reaches it again', () =>
    inWorldOf({}, async (world) => {
      const id = await queueIntoDoubt(world);
      const { repository } = world.github.accounts.get('acme/web');
      world.github.accounts.takeOut('acme/web');
      await seeDoubtEnd(world);
      await world.sweep();
      await seeQuiet(world, 3);
      world.github.accounts.putIn('acme', repository);
      // Which repositories there are is asked each quarter of an hour.
      await world.clock.sleep(13 * 60_000);
      await world.sweep();
      await succeeded(world, [id]);
    }));

  it.each([
    {
      what: 'its installation was suspended for a while',
      take: ({ github }: World) => github.accounts.suspend('acme'),
      giveBack: ({ github }: World) => github.accounts.suspend('acme', false),
    },
    {
      what: 'the App was uninstalled, and installed again',
      take: ({ github }: World) => github.accounts.uninstall('acme'),
      giveBack: ({ github }: World) => void github.accounts.install('acme'),
    },
  ])('should have its waiting job launched where $what', ({ take, giveBack }) =>
    inWorldOf({}, async (world) => {
      const id = await queueIntoDoubt(world);
      take(world);
      await seeDoubtEnd(world);
      await world.sweep();
      await seeQuiet(world, 3);
      giveBack(world);
      await world.clock.sleep(13 * 60_000);
      await world.sweep();
      await succeeded(world, [id]);
    }),
  );

  it('should leave the other repositories of its owner as they were', () =>
    inWorldOf({}, async (world) => {
      await queueIntoDoubt(world);
      const other = await queueUnheard(world, { repository: 'acme/api' });
      world.github.accounts.delete('acme/web');
      await world.sweep();
      await succeeded(world, [other]);
      await seeDoubtEnd(world);
    }));
});
