import { describe, it, vi } from 'vitest';
import { CASES } from './cases/index.ts';
import { judge } from './judge.ts';
import { play } from './play.ts';

vi.setConfig({ maxConcurrency: 8, testTimeout: 60_000 });

describe.concurrent('the stand-in under the supervisor, as the official runner', () => {
  it.for(CASES.map((each) => [each.title, each] as const))('%s', async ([, each]) => {
    judge(await play(each, undefined), each);
  });
});
