import type { JobFact } from '../core/task/facts.ts';
import { createLru } from '../kit/lru.ts';
import { perApp } from './per-app.ts';
import type { RunFact } from './runs.ts';

/** Runs that wait for a person or for another run, as this process has read them. They are not read again each time. */
export interface HeldRuns {
  isHeld(run: RunFact, nowMs: number): boolean;
  /** Notes that all jobs of a run were read. */
  note(run: RunFact, jobs: readonly JobFact[], nowMs: number): void;
}

/** What is remembered wrongly is read again after this. */
const HELD_MS = 15 * 60_000;
const MOST_RUNS = 10_000;

const HELD_RUNS: ReadonlySet<string> = new Set(['waiting', 'pending']);
/** A job that is queued may be launched; one that is in progress may make others queued when it ends. */
const HELD_JOBS: ReadonlySet<string> = new Set(['waiting', 'pending', 'completed']);

interface Held {
  readonly updatedAtMs: number | undefined;
  readonly readAtMs: number;
}

/** The runs that one App's process remembers. */
export const heldRunsOf = perApp((): HeldRuns => {
  const runs = createLru<number, Held>(MOST_RUNS);
  return {
    isHeld({ runId, status, updatedAtMs }, nowMs) {
      const held = HELD_RUNS.has(status) ? runs.get(runId) : undefined;
      if (held === undefined || updatedAtMs === undefined) return false;
      return held.updatedAtMs === updatedAtMs && nowMs - held.readAtMs < HELD_MS;
    },
    note({ runId, status, updatedAtMs }, jobs, nowMs) {
      const isHeld = HELD_RUNS.has(status) && jobs.every((job) => HELD_JOBS.has(job.status));
      if (isHeld) runs.set(runId, { updatedAtMs, readAtMs: nowMs });
      else runs.delete(runId);
    },
  };
});
