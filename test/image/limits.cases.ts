import { describe, expect, it } from 'vitest';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import { startTask, type TaskOptions } from '../../local/task/task.ts';

const MAXIMUM_AGE = 21_600;
const SIGTERM_AT = 1000;
const job = { jobAfterSeconds: 0, jobSeconds: 600, isDeaf: true };

interface Limit {
  readonly options: TaskOptions;
  readonly reaches: string;
  readonly says?: string;
  /** When SIGTERM comes. */
  readonly signalAt?: number;
  /** When the listener is interrupted, and when all is killed: not a tenth of a second before. */
  readonly stopsAt?: number;
  readonly killsAt: number;
  readonly ending: TaskEnding;
}

/** The true numbers, on a clock that stands still until the test sets it. Nothing in these tasks ends by itself. */
const LIMITS: Readonly<Record<string, Limit>> = {
  'no session within 300 s': {
    options: { listener: { connectSeconds: 600, isDeaf: true } },
    reaches: 'connecting',
    stopsAt: 300,
    killsAt: 305,
    ending: 'never-connected',
  },
  'no job within 120 s': {
    options: { listener: { isDeaf: true } },
    reaches: 'idle',
    stopsAt: 120,
    killsAt: 125,
    ending: 'idle',
  },
  'a message and no worker within 60 s': {
    options: { listener: { ...job, acquire: 'hang' } },
    reaches: 'assigned',
    stopsAt: 60,
    killsAt: 65,
    ending: 'assignment-lost',
  },
  'a ghost that polls on for 60 s': {
    options: { listener: { ...job, acquire: 'lost' } },
    reaches: 'assigned',
    stopsAt: 60,
    killsAt: 65,
    ending: 'assignment-lost',
  },
  'an acquired job without a worker within its lease of 600 s': {
    options: { listener: { ...job, renewal: 'hang' } },
    reaches: 'assigned',
    says: 'Running job',
    stopsAt: 600,
    killsAt: 605,
    ending: 'assignment-lost',
  },
  'a job at the maximum age': {
    options: { listener: job },
    reaches: 'busy',
    stopsAt: MAXIMUM_AGE,
    killsAt: MAXIMUM_AGE + 30,
    ending: 'over-maximum-age',
  },
  'a job at SIGTERM': {
    options: { listener: job },
    reaches: 'busy',
    signalAt: SIGTERM_AT,
    stopsAt: SIGTERM_AT + 75,
    killsAt: SIGTERM_AT + 115,
    ending: 'interrupted-during-job',
  },
  'a job whose listener and worker obey nothing, at SIGTERM': {
    options: { listener: { ...job, isWorkerDeaf: true } },
    reaches: 'busy',
    signalAt: SIGTERM_AT,
    stopsAt: SIGTERM_AT + 75,
    killsAt: SIGTERM_AT + 115,
    ending: 'interrupted-during-job',
  },
  'a message and SIGTERM': {
    options: {
      listener: { ...job, acquire: 'hang' },
      environment: { ONESHOT_ASSIGNMENT_TIMEOUT_SECONDS: '3000' },
    },
    reaches: 'assigned',
    signalAt: SIGTERM_AT,
    stopsAt: SIGTERM_AT + 75,
    killsAt: SIGTERM_AT + 80,
    ending: 'interrupted-before-job',
  },
  'SIGTERM shortly before the maximum age': {
    options: { listener: job },
    reaches: 'busy',
    signalAt: MAXIMUM_AGE - 30,
    stopsAt: MAXIMUM_AGE,
    killsAt: MAXIMUM_AGE + 30,
    ending: 'over-maximum-age',
  },
  'SIGTERM whose patience ends shortly before the maximum age': {
    options: { listener: job },
    reaches: 'busy',
    signalAt: MAXIMUM_AGE - 76,
    stopsAt: MAXIMUM_AGE - 1,
    killsAt: MAXIMUM_AGE + 39,
    ending: 'interrupted-during-job',
  },
  'a worker that stays when its job is over': {
    options: { listener: { ...job, jobSeconds: 0, workerStaysSeconds: 600, isWorkerDeaf: true } },
    reaches: 'busy',
    killsAt: 600,
    ending: 'ran-result-unknown',
  },
  'a listener that stays when its worker is gone': {
    // An image with a hook of its own: the worker's end is all that shows.
    options: {
      listener: { ...job, jobSeconds: 1, exitAfterSeconds: 600 },
      environment: { ACTIONS_RUNNER_HOOK_JOB_COMPLETED: '' },
    },
    reaches: 'busy',
    says: 'completed with result',
    killsAt: 600,
    ending: 'ran-result-unknown',
  },
  'a worker whose listener has died': {
    options: { listener: { ...job, diesAtJob: 'SIGKILL', isWorkerDeaf: true } },
    reaches: 'busy',
    killsAt: 600,
    ending: 'ran-result-unknown',
  },
  'a worker whose listener has died, at the maximum age': {
    options: {
      listener: { ...job, diesAtJob: 'SIGKILL', isWorkerDeaf: true },
      environment: { ONESHOT_LEASE_SECONDS: '30000' },
    },
    reaches: 'busy',
    stopsAt: MAXIMUM_AGE,
    killsAt: MAXIMUM_AGE + 30,
    ending: 'over-maximum-age',
  },
};

/** Some looks of the supervisor: five a second. */
const someLooks = () => new Promise((resolve) => setTimeout(resolve, 1000));

describe.concurrent('a limit', () => {
  it.for(Object.entries(LIMITS))('should hold to the second: %s', async ([, limit], { onTestFinished }) => {
    const { signalAt, stopsAt = limit.killsAt, killsAt } = limit;
    const environment = { ONESHOT_STOP_TIMEOUT_SECONDS: '120', ...limit.options.environment };
    const task = await startTask({ ...limit.options, environment, hasClock: true });
    onTestFinished(task.cleanUp);
    const said = () => `${JSON.stringify(task.journal())}\n${task.output()}`;
    const stops = () => task.states().filter(({ state }) => state === 'stopping');
    await task.reaches(limit.reaches);
    while (!task.output().includes(limit.says ?? '')) await someLooks();
    await someLooks();
    if (signalAt !== undefined) {
      task.setClock(signalAt);
      task.signal('SIGTERM');
      await someLooks();
    }
    task.setClock(stopsAt - 0.1);
    await someLooks();
    expect(stops(), said()).toEqual([]);
    if (stopsAt !== killsAt) {
      task.setClock(stopsAt);
      await task.reaches('stopping');
      task.setClock(killsAt - 0.1);
      await someLooks();
      expect(task.states().at(-1), said()).toMatchObject({ state: 'stopping', reason: limit.ending });
    }
    task.setClock(killsAt);
    expect(await task.ended, said()).toMatchObject({ ending: limit.ending, leftover: [], files: [] });
  });

  it('should hold where nothing can be unsealed: 30 s', async ({ onTestFinished }) => {
    const task = await startTask({ hasClock: true, kms: Array(50).fill({ status: 500 }) });
    onTestFinished(task.cleanUp);
    await task.reaches('starting');
    task.setClock(19.9);
    await someLooks();
    expect(task.states()).toMatchObject([{ state: 'starting' }]);
    task.setClock(20);
    expect((await task.ended).ending).toBe('config-not-unsealed');
  });
});
