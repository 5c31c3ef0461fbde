import { describe, it } from 'vitest';
import { CANCELLATIONS } from './cases/cancellations.ts';
import { DOCKER } from './cases/docker.ts';
import { IDLENESS } from './cases/idleness.ts';
import { JOBS } from './cases/jobs.ts';
import { NETWORK } from './cases/network.ts';
import { SIGNALS } from './cases/signals.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';
import { record } from './record.ts';

const release = process.env['ONESHOT_TEST_RUNNER'];
const CASES = [...JOBS, ...CANCELLATIONS, ...DOCKER, ...IDLENESS, ...SIGNALS, ...NETWORK];

describe.concurrent('the official runner under the supervisor', () => {
  it.for(CASES.map((each) => [each.title, each] as const))('%s', async ([, each]) => {
    const seen = await play(each, release);
    record(each.title, seen);
    judge(seen, each);
  });
});
