import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeenTask } from '../../cli/observe/facts.ts';
import { foldSnapshot } from '../../cli/observe/fold.ts';
import { spreadPhases } from '../../cli/observe/phases.ts';
import type { LogRecord } from '../../cli/observe/records.ts';
import { PHASES, type PhaseSeconds } from '../../cli/observe/snapshot.ts';
import { PREFIX } from '../fixtures/tasks.ts';
import { anyRecord, delivery, launch, NO_FACTS, runnerOf, seenTask, state } from './records.ts';

const FOLDING = {
  stack: 'oneshot-dev',
  region: 'us-east-1',
  prefix: PREFIX,
  githubUrl: 'https://github.com',
  sinceMs: 0,
  nowMs: 100_000,
};
const TASK_OF_7 = {
  ...seenTask(7, { createdAtMs: 3_500, startedAtMs: 24_000 }),
  phases: { network: 8, pull: 9, start: 2, run: 30 },
};
const fold = (records: readonly LogRecord[], tasks: readonly SeenTask[] = [TASK_OF_7]) =>
  foldSnapshot({ ...NO_FACTS, records, tasks }, FOLDING);
const secondsOf = (records: readonly LogRecord[], jobId = 7): PhaseSeconds | undefined =>
  fold(records).jobs.find((job) => job.jobId === jobId)?.phaseSeconds;

const QUEUED = delivery(3_600, 7, 'queued', { queuedAtMs: 1_000, receivedAtMs: 3_000 });
const STATES = [state(27_000, 'idle', 7), state(27_500, 'assigned', 7), state(28_000, 'busy', 7)];
const STARTED = delivery(28_500, 7, 'in_progress', { runner: runnerOf(7), startedAtMs: 27_000 });

describe('where the time of a job goes', () => {
  it('should be told phase by phase, from queued to started', () => {
    expect(secondsOf([QUEUED, launch(3_600, 7), ...STATES, STARTED])).toEqual({
      ...{ delivery: 2, launch: 0.5, network: 8, pull: 9, start: 2, connect: 3, assign: 1, total: 26 },
    });
  });

  it('should be no launch where reconcile launched: the wait for that is a phase of its own', () => {
    const seconds = secondsOf([QUEUED, launch(90_000, 7, { by: 'reconcile' }), STARTED]);
    expect(seconds).toMatchObject({ delivery: 2, repair: 0.5 });
    expect(seconds).not.toHaveProperty('launch');
  });

  it('should count from the queue where reconcile heard of a job that no webhook told', () => {
    const started = delivery(28_500, 7, 'in_progress', { runner: runnerOf(7), queuedAtMs: 1_000 });
    expect(secondsOf([launch(90_000, 7, { by: 'reconcile' }), started])).toMatchObject({ repair: 2.5 });
  });

  it('should be of its own launch and of the task that ran it, where another job’s runner took it', () => {
    const task = { ...seenTask(8, { createdAtMs: 5_000, startedAtMs: 90_000 }), phases: { pull: 60 } };
    const queued = delivery(3_600, 8, 'queued', { queuedAtMs: 1_000, receivedAtMs: 3_000 });
    const swapped = delivery(28_500, 8, 'in_progress', { runner: runnerOf(7), startedAtMs: 27_000 });
    const records = [queued, launch(3_600, 8), launch(3_600, 7), ...STATES, swapped];
    const job = fold(records, [TASK_OF_7, task]).jobs.find(({ jobId }) => jobId === 8);
    expect(job?.phaseSeconds).toEqual({
      ...{ delivery: 2, launch: 2, network: 8, pull: 9, start: 2, connect: 3, assign: 1, total: 26 },
    });
  });

  it('should take the first of each state: what comes later a job may have written', () => {
    const forged = [state(90_000, 'idle', 7), state(99_000, 'busy', 7)];
    expect(secondsOf([QUEUED, ...forged, ...STATES, STARTED])).toMatchObject({ connect: 3, assign: 1 });
  });

  it('should take no state of it from the stream of another task, where another job may have written it', () => {
    const elsewhere = STATES.map((record) => ({ ...record, taskId: 'other' }) as LogRecord);
    expect(secondsOf([QUEUED, ...elsewhere, STARTED])).not.toHaveProperty('connect');
  });

  it('should be no less than nothing where clocks differ, and without a state that was passed over', () => {
    expect(secondsOf([QUEUED, state(23_000, 'busy', 7), STARTED])).toMatchObject({ connect: 0, assign: 0 });
  });

  it('should be nobody’s whom we do not serve', () => {
    const foreign = delivery(3_600, 9, 'queued', {
      ...{ status: 200, reason: 'label-not-ours', queuedAtMs: 1_000, receivedAtMs: 3_000 },
    });
    expect(fold([foreign]).phases).toEqual([]);
  });

  it('should be finite and not negative, whatever was recorded', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 30 }), (records) => {
        for (const { phaseSeconds } of fold(records).jobs)
          for (const seconds of Object.values(phaseSeconds)) expect(seconds >= 0 && seconds < 1e6).toBe(true);
      }),
    );
  });
});

describe('the spread of phases', () => {
  it('should be the middle and the twentieth worst of the jobs that have the phase, in the order of a life', () => {
    const jobs = Array.from({ length: 100 }, (_, n) => ({
      phaseSeconds: { total: n + 1, ...(n < 2 && { pull: 10 * (n + 1) }) },
    }));
    expect(spreadPhases(jobs)).toEqual([
      { phase: 'pull', p50: 10, p95: 20, count: 2 },
      { phase: 'total', p50: 50, p95: 95, count: 100 },
    ]);
    expect(PHASES.at(-1)).toBe('total');
  });
});
