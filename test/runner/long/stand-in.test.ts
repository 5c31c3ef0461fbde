import { describe, expect, it, vi } from 'vitest';
import { CASES } from '../cases/index.ts';
import { judge } from '../judge.ts';
import { play } from '../play.ts';

vi.setConfig({ maxConcurrency: 8, testTimeout: 600_000 });

/** What the stand-in does not do as the official runner, or only in minutes. */
const BEYOND: readonly string[] = [
  // Its listener tells GitHub of the job, not its worker.
  'a job that kills its listener',
  'a listener that is killed',
  // It has no timeouts of steps.
  'a step that is longer than its timeout-minutes',
  // 50 s of pauses, and a minute from one renewal to the next.
  'an acquirejob that GitHub cannot answer',
  'a job that GitHub takes back at its second renewal',
];

describe.concurrent('the stand-in under the supervisor, as the official runner', () => {
  it.for(CASES.filter(({ title }) => !BEYOND.includes(title)).map((each) => [each.title, each] as const))(
    '%s',
    async ([, each]) => {
      judge(await play(each, undefined), each);
    },
  );

  it('should have a case for each that it is beyond', () => {
    const titles = CASES.map(({ title }) => title);
    expect(BEYOND.filter((title) => !titles.includes(title))).toEqual([]);
  });
});
