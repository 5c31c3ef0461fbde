import { expect, it } from 'vitest';
import { inWorldWith, launchesFor, queue, queueUnheard, succeeded } from '../../fixtures/situations.ts';

const TWO = 'allow: { repositories: [acme/*, globex/*] }';

it(
  'should serve two organisations by one App and one deployment, lost deliveries too',
  () =>
    inWorldWith(TWO, { owners: ['globex'] }, async (world) => {
      const heard = ['acme/web', 'globex/api'].map((repository) => queue(world, { repository }));
      await succeeded(world, heard);
      const unheard = await queueUnheard(world, { repository: 'globex/web' });
      await world.sweep();
      await succeeded(world, [unheard]);
      expect([...heard, unheard].map((id) => launchesFor(world, id))).toEqual([1, 1, 1]);
    }),
  90_000,
);
