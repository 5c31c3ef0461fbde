import { expect, it } from 'vitest';
import { startControl } from '../../local/world/control.ts';
import { RUNNER_PREFIX, STACK } from '../../local/world/start-world.ts';
import { register } from '../fixtures/registration.ts';
import { inWorld } from '../fixtures/world.ts';

/** Longer than what a registration must be offline for before the sweep removes it. */
const GRACE_MS = 16 * 60_000;

it('should remove its own orphans, and never those of the same stage in another region', () =>
  inWorld(async (world) => {
    const control = await startControl(world);
    const ofOtherRegion = `${STACK}-0a1b2c3d-1-2-0`;
    for (const name of [`${RUNNER_PREFIX}-1-2-0`, ofOtherRegion]) await register(world, control.url, name);
    await world.sweep();
    await world.clock.sleep(GRACE_MS);
    await world.sweep();
    control.close();
    expect(world.github.runners().map(({ name }) => name)).toEqual([ofOtherRegion]);
  }));
