import { describe, it } from 'vitest';
import { SLOW } from './cases/slow.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';
import { record } from './record.ts';

describe.concurrent('the official runner under the supervisor, for minutes', () => {
  it.for(SLOW.map((each) => [each.title, each] as const))('%s', async ([, each]) => {
    const seen = await play(each, process.env['ONESHOT_TEST_RUNNER']);
    record(each.title, seen);
    judge(seen, each);
  });
});
