import { describe, expect, it } from 'vitest';
import {
  build,
  deadLetters,
  inWorldOf,
  jobOf,
  launchesFor,
  queueUnheard,
  succeeded,
} from '../../fixtures/situations.ts';

const JOBS = 148;

describe('an outage of the webhook in which 148 deliveries fail', {
  timeout: 600_000,
}, () => {
  it('should be made good delivery by delivery, each sent again once, while GitHub is slow and doubts continue', () =>
    // Ten are sent again at a time, and each webhook waits for GitHub, too.
    inWorldOf({ webhookInstances: 24 }, async (world) => {
      const { github, faults } = world;
      github.failDeliveries(true);
      const jobs = Array.from({ length: JOBS }, (_, index) => build(`part ${index}`, 5));
      const [wanted = 0, ...others] = github.queueRun({ repository: 'acme/web', jobs });
      // Their owner has lost patience: what is sent again must be seen to be of no use any more.
      for (const id of others) github.cancelJob(id);
      await github.settled();
      github.failDeliveries(false);
      await world.clock.sleep(61_000);
      github.log.listLagMs = 5 * 60_000;
      faults.setRate('github-latency', 1);
      const unheard = await queueUnheard(world, { repository: 'acme/api' });

      const passes: unknown[] = [];
      for (let pass = 0; pass < 3; pass++) {
        passes.push(await world.sweep());
        await github.settled();
      }
      // One that was killed would have rejected; one that ran out of time would say so.
      for (const pass of passes) expect(pass).toMatchObject({ isCutShort: false, errors: [] });
      await succeeded(world, [wanted, unheard]);

      const again = github.deliveries().filter(({ redelivery }) => redelivery);
      expect(again).toHaveLength(JOBS);
      expect(new Set(again.map(({ guid }) => guid)).size).toBe(JOBS);
      // 200 for what needs no runner any more. GitHub's own time-out (504) comes with the machine's load: what is given up
      // so is repaired, as the jobs below show.
      const answered = again.filter(({ statusCode }) => statusCode !== 504);
      expect(answered.length).toBeGreaterThan(0);
      expect(answered.filter(({ statusCode }) => statusCode >= 300)).toEqual([]);
      for (const id of others) expect(jobOf(world, id)?.conclusion).toBe('cancelled');
      expect(launchesFor(world, wanted)).toBe(1);
      expect(world.aws.tasks()).toHaveLength(2);
      expect(deadLetters(world)).toBe(0);
    }));
});
