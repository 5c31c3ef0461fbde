import { appendFileSync } from 'node:fs';
import type { Annotation, JobResult } from './service.ts';

/** What really happened, for tests to compare with what was told of it. Each line of a journal is one. */
type Fact =
  | { readonly listener: 'started' }
  | { readonly session: true }
  /** The registration was found to be gone. */
  | { readonly gone: true }
  /** A job message came. */
  | { readonly message: true }
  /** The job was acquired, which "Running job" says: no worker is there yet. */
  | { readonly acquired: true }
  /** The worker is about to be started; it is gone (`worker.sh`, where it is not killed). */
  | { readonly worker: 'starting' | 'gone' }
  /** The worker runs a job-started hook. */
  | { readonly hook: 'started' }
  /** No step is left to be run. */
  | { readonly steps: 'over' }
  /** A step killed the listener, and says so itself. */
  | { readonly killed: true }
  /** A signal came, obeyed or not. */
  | { readonly signal: 'SIGINT' | 'SIGTERM' }
  /** The worker is gone: what the listener says of the job, and what GitHub was told by the worker. */
  | {
      readonly result: JobResult;
      readonly conclusion: JobResult;
      readonly annotations: readonly Annotation[];
    }
  /** The result that the listener printed. */
  | { readonly told: JobResult }
  /** The listener's own end. One that is killed writes none. */
  | { readonly exit: number | NodeJS.Signals };

/** A fact, and when: milliseconds since 1970. */
export type Dated<F = Fact> = F & { readonly atMs: number };

export type Journal = (fact: Fact) => void;

/** Writes to this file, which is out of the job's and the supervisor's sight; without one, nowhere. */
export const createJournal =
  (file: string | undefined): Journal =>
  (fact) => {
    if (file) appendFileSync(file, `${JSON.stringify({ ...fact, atMs: Date.now() })}\n`);
  };
