import { describe, expect, it } from 'vitest';
import { startTask } from '../../local/task/task.ts';
import { answersOf, CANARY, lastingAnswers } from './random/answers.ts';

const SEEDS = Array.from({ length: 8 }, (_, seed) => seed);
/** curl's own limit, for each of the two calls that a last try makes. */
const LAST_TRY_SECONDS = 16;
const UNSEAL_SECONDS = 2;
/** For a machine with much else to do: a supervisor that does not give up takes ten times as long. */
const SPARE_SECONDS = 30;

describe.concurrent('unsealing from answers at random', () => {
  it.for(SEEDS)(
    'should get through to the good ones, unless refused: seed %i',
    async (seed, { onTestFinished }) => {
      const { endings, ...answers } = answersOf(seed);
      const task = await startTask({
        ...answers,
        listener: { jobAfterSeconds: 0, jobSeconds: 0 },
        environment: { ONESHOT_UNSEAL_TIMEOUT_SECONDS: '60' },
      });
      onTestFinished(task.cleanUp);
      const { ending, ...ended } = await task.ended;
      expect(endings, task.output()).toContain(ending);
      expect(ended).toMatchObject({ leftover: [], files: [] });
      expect(task.output()).not.toContain(CANARY);
    },
  );

  it.for(SEEDS)('should give up in time where none is good: seed %i', async (seed, { onTestFinished }) => {
    const task = await startTask({
      ...lastingAnswers(seed),
      environment: { ONESHOT_UNSEAL_TIMEOUT_SECONDS: String(UNSEAL_SECONDS) },
    });
    onTestFinished(task.cleanUp);
    expect(await task.ended, task.output()).toMatchObject({ code: 24, leftover: [], files: [] });
    expect(task.states().at(-1)?.seconds).toBeLessThan(UNSEAL_SECONDS + LAST_TRY_SECONDS + SPARE_SECONDS);
    expect(task.output()).not.toContain(CANARY);
  });
});
