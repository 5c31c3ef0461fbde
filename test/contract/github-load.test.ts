import { describe, expect, it } from 'vitest';
import { guidOf } from '../../local/github/service/guid.ts';
import { createClock } from '../../local/world/clock.ts';
import { connected, type Harness, job, startHarness } from './github-harness.ts';

const COUNT = 40;

/** What the listener of a real runner does, from its session to its end. */
async function work(harness: Harness, name: string): Promise<string> {
  const { listener } = await connected(harness, name, ['fargate']);
  const jobId = await listener.take();
  await listener.renew();
  await listener.complete('succeeded');
  await listener.leave();
  return jobId;
}

describe('a matrix of jobs', () => {
  it('is run by as many runners, each job once, with three webhooks for each', async () => {
    const harness = await startHarness({ clock: createClock(60), patienceMs: 5_000, pollMs: 5_000 });
    const jobs = Array.from({ length: COUNT }, (_, index) => job(`job ${index}`, 'fargate'));
    const ids = harness.github.queueRun({ repository: 'acme/shop', jobs });
    const names = ids.map((id) => `oneshot-31-${id}-0`);
    const taken = await Promise.all(names.map((name) => work(harness, name)));
    await harness.github.settled();
    const ended = harness.github.jobs();
    await harness.close();
    expect(taken.toSorted()).toEqual(ids.map((id) => guidOf('job', id)).toSorted());
    expect(ended.every((each) => each.conclusion === 'success' && each.assignments === 1)).toBe(true);
    expect(harness.github.runners()).toEqual([]);
    expect(harness.receiver.received).toHaveLength(3 * COUNT);
    // Runners are bound to labels, not to jobs.
    expect(ended.some((each) => each.runnerName !== `oneshot-31-${each.id}-0`)).toBe(true);
  });
});
