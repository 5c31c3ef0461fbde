import { describe, it } from 'vitest';
import { CASES } from './cases/index.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';
import { record } from './record.ts';

describe.concurrent('the official runner under the supervisor', () => {
  it.for(CASES.map((each) => [each.title, each] as const))('%s', async ([, each]) => {
    const seen = await play(each, process.env['ONESHOT_TEST_RUNNER']);
    record(each.title, seen);
    judge(seen, each);
  });
});
