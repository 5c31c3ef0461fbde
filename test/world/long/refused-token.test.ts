import { describe, expect, it } from 'vitest';
import type { World } from '../../../local/world/start-world.ts';
import {
  inWorldOf,
  isDoubtless,
  launchesFor,
  queue,
  reconciles,
  succeeded,
} from '../../fixtures/situations.ts';
import { until } from '../../fixtures/world.ts';

const answers = ({ github }: World, id: number) =>
  github
    .deliveries()
    .flatMap(({ jobId, action, responseBody }) =>
      jobId === id && action === 'queued' ? [responseBody] : [],
    );

/** An event of half a minute ago is old: a webhook that launches must be that quick. */
const FRESH = {};
/** What is still told of the job before would keep a process of the webhook's busy, and a cold one is slow. */
const toldAll = ({ github }: World) => github.settled();

/** Queues a job whose launch is refused, and installs the App again: its doubt has an id that is no more. */
async function reinstallInDoubt(world: World): Promise<number> {
  world.faults.next('ecs-no-capacity');
  const id = queue(world);
  await until('its repository is in doubt', () => !isDoubtless(world));
  world.github.accounts.uninstall('acme');
  world.github.accounts.install('acme');
  return id;
}

describe.concurrent('a token that GitHub has revoked within its hour', { timeout: 600_000 }, () => {
  it('should cost the next launch one call: a new token is minted, and the webhook launches', () =>
    inWorldOf(FRESH, async (world) => {
      const first = queue(world);
      await succeeded(world, [first]);
      await toldAll(world);
      world.github.revokeTokens('acme');
      const second = queue(world);
      await succeeded(world, [second]);
      expect(answers(world, second)).toEqual([expect.stringContaining('"launched"')]);
      expect(launchesFor(world, second)).toBe(1);
      expect(reconciles(world).flatMap(({ problem }) => problem ?? [])).toEqual([]);
    }));
});

describe.concurrent('an App that was installed again', { timeout: 600_000 }, () => {
  it('should launch the next job under its new id', () =>
    inWorldOf(FRESH, async (world) => {
      const first = queue(world);
      await succeeded(world, [first]);
      await toldAll(world);
      world.github.accounts.uninstall('acme');
      world.github.accounts.install('acme');
      const second = queue(world);
      await succeeded(world, [second]);
      expect(answers(world, second)).toEqual([expect.stringContaining('"launched"')]);
    }));

  it('should launch the jobs that were in doubt, however often its id has changed', () =>
    inWorldOf({}, async (world) => {
      const first = await reinstallInDoubt(world);
      await succeeded(world, [first]);
      // Now the process knows an id that it has looked up itself, and that is refused in its turn.
      const second = await reinstallInDoubt(world);
      await succeeded(world, [second]);
      expect(reconciles(world).flatMap(({ reason }) => reason ?? [])).not.toContain('repository-gone');
    }));
});
