import { simulate, start } from '../simulation/simulate.ts';
import { MINUTE, NO_FAULTS, START_MS } from '../simulation/world.ts';

/**
 * What idle repositories, and many jobs, cost of an installation's hour of GitHub calls: the deployed functions in virtual
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

/** Calls beside the JIT configs, which GitHub counts in a bucket of their own (GH-41), from the first job to the last task. */
for (const jobs of [500, 1_000, 2_000]) {
  const workload = { neighbours: { idle: 1_000 } };
  const { counts, waitsMs } = await simulate({ seed: 1, jobs, faults: NO_FAULTS, workload });
  const reads = counts.jobReads + counts.otherReads;
  const medianMs = waitsMs.toSorted((a, b) => a - b)[Math.floor(waitsMs.length / 2)] ?? 0;
  console.log(
    `${jobs} jobs in 40 minutes beside 1,000 idle: ${reads} calls, ${counts.jitConfigs} JIT configs; half started within ${Math.round(medianMs / 1000)} s`,
  );
}
