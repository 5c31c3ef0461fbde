import { start } from '../simulation/simulate.ts';
import { MINUTE, NO_FAULTS, START_MS } from '../simulation/world.ts';

/**
 * What idle repositories cost of an installation's hour of GitHub calls: the deployed sweep and reconcile in virtual
 * time, on a GitHub whose ETags hold for one token, and so for an hour. `docs/performance.md` has the table.
 */
const HOUR = 60 * MINUTE;
const HOURS = 6;

/** Calls that GitHub counted in each hour, and how long a repository waited for its next poll at most. */
async function measure(idle: number) {
  const options = { seed: 1, jobs: 0, faults: NO_FAULTS, workload: { neighbours: { idle } } };
  const { services } = start(options);
  const { world, polls } = services;
  const hours: number[] = [];
  let longestMs = 0;
  for (let hour = 1; hour <= HOURS; hour++) {
    const before = world.counts.otherReads + world.counts.jobReads;
    for (let minute = 1; minute <= 60; minute++) {
      await world.clock.runUntil(START_MS + (hour - 1) * HOUR + minute * MINUTE);
      const oldestMs = Math.min(world.nowMs, ...polls.values());
      if (polls.size >= idle) longestMs = Math.max(longestMs, world.nowMs - oldestMs);
    }
    hours.push(world.counts.otherReads + world.counts.jobReads - before);
  }
  return { hours, longestMinutes: Math.round(longestMs / MINUTE) };
}

for (const idle of [10, 100, 1_000, 5_000]) {
  const { hours, longestMinutes } = await measure(idle);
  console.log(
    `${idle} idle: ${hours.join(', ')} calls in hours 1 to ${HOURS}; polled every ${longestMinutes} minutes`,
  );
}
