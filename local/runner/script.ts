import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { JobResult, PollEnd, SessionAnswer } from './service.ts';

/** What `standin.json` in a runner's root may say: each way in which the real listener has been seen to behave. */
export interface StandInScript {
  /** Jobs come from the service that its JIT config names, and not from this script. */
  readonly isServed?: boolean;
  // --- up to the job
  readonly connectSeconds?: number;
  readonly session?: SessionAnswer;
  /** Crashes before it writes a line. */
  readonly crashesAtStart?: boolean;
  /** Exits by itself after its session was made, with no job. */
  readonly idleExitCode?: number;
  /** What a poll of a listener with no job comes to, and after how many seconds. */
  readonly poll?: {
    readonly afterSeconds: number;
    readonly answer: PollEnd | 'session-invalid' | 'refused-for-now';
  };
  /**
   * `enableAuthMigrationByDefault`: each kind of refusal is tried once more, this many seconds after a connect error.
   */
  readonly triesAgainAfterSeconds?: number;
  /** Seconds from the session to the job; without it no job comes. */
  readonly jobAfterSeconds?: number;
  /** The message came, and the job went to another: the listener polls on as a ghost, or hangs forever. */
  readonly acquire?: 'lost' | 'hang';
  readonly acquireSeconds?: number;
  /** From "Running job" to the first renewal, which may be refused: no worker starts. */
  readonly renewalSeconds?: number;
  readonly renewal?: 'lost' | 'hang';
  readonly workerAfterSeconds?: number;

  // --- the job
  readonly jobName?: string;
  readonly jobSeconds?: number;
  readonly result?: JobResult;
  /** Shell commands of an ordinary step, and of one with `if: always()`. */
  readonly jobScript?: string;
  readonly alwaysScript?: string;
  readonly container?: 'job' | 'services' | 'action';
  readonly refusesContainerHooks?: boolean;
  readonly hidesJobAnnotations?: boolean;
  /** No hook and no step runs: an action could not be downloaded. */
  readonly failsAtSetUp?: boolean;
  /** How long the set-up takes. Cancelled meanwhile, no hook and no step runs. */
  readonly setUpSeconds?: number;
  /** Seconds after which somebody cancels the job at GitHub. */
  readonly cancelAfterSeconds?: number;
  /** What the worker then tells GitHub: the listener says `Canceled` whatever it is. */
  readonly concludesAfterCancel?: JobResult;
  /** `completejob` is refused or lost: the worker fails, and the listener says `Failed` of any job. */
  readonly losesCompletion?: boolean;
  /** The worker ignores every signal that can be ignored, and what the listener tells it. */
  readonly isWorkerDeaf?: boolean;
  /** Seconds after which the registration is removed while the job runs: the job is cancelled, and the exit code 0. */
  readonly goneAfterSeconds?: number;
  /** There is no worker to start: the exit code is that of a success, without a line. */
  readonly lacksWorker?: boolean;
  /** How long the worker stays when its job is over. */
  readonly workerStaysSeconds?: number;

  // --- the listener with the job in hand
  /** Ends itself at the start of the job, by this signal, and leaves the worker. */
  readonly diesAtJob?: NodeJS.Signals;
  /** Exits while the job runs and leaves the worker: 2 after ten refused polls, 0 when its registration is gone. */
  readonly quitsDuringJob?: { readonly afterSeconds: number; readonly exitCode: number };

  // --- signals
  /** Ignores SIGINT. */
  readonly isDeaf?: boolean;
  /** How many SIGINT are lost, as the first second's may be. */
  readonly lostInterrupts?: number;
  /** The job comes in the instant of the first SIGINT, which the listener then obeys (`dies`) or never saw. */
  readonly jobAtInterrupt?: 'dies' | 'runs';
  /** How long SIGTERM may take before the listener is gone, and its worker is not: 30 s. */
  readonly terminateSeconds?: number;

  // --- its end
  /** Exit code that the listener gives instead of its own. */
  readonly exitCode?: number;
  /** Prints no "completed" line. */
  readonly isSilentAtEnd?: boolean;
  /** The result that the line tells, where it is not the job's. */
  readonly toldResult?: JobResult;
  /** Seconds from the end of the job to the exit. */
  readonly exitAfterSeconds?: number;
  /** Ends by this signal instead of its exit: 134 is SIGABRT, a crash. */
  readonly endsBySignal?: NodeJS.Signals;
  /** Writes the end of its last line without a newline. */
  readonly hasOpenEnd?: boolean;
  /** A file, out of the job's sight, that is told what really happened. */
  readonly journal?: string;
}

/** Has a runner's listener play this. */
export const writeScript = (root: string, script: StandInScript): void =>
  writeFileSync(path.join(root, 'standin.json'), JSON.stringify(script));

/** The script in a runner's root, if there is one. */
export function readScript(root: string): StandInScript | undefined {
  const file = path.join(root, 'standin.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StandInScript) : undefined;
}
