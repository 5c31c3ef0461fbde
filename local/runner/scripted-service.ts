import type { AcquiredJob, ActionsService, JobResult, SessionAnswer } from './service.ts';

/** What `standin.json` in a runner's root may say: each way in which the real listener has been seen to behave. */
export interface StandInScript {
  // --- up to the job
  readonly connectSeconds?: number;
  readonly session?: SessionAnswer;
  /** Crashes before it writes a line. */
  readonly crashesAtStart?: boolean;
  /** Exits by itself after its session was made, with no job. */
  readonly idleExitCode?: number;
  /** Seconds after which GitHub removes the registration of a listener with no job. */
  readonly goneAfterSeconds?: number;
  /** Seconds from the session to the job; without it no job comes. */
  readonly jobAfterSeconds?: number;
  /** The message came, and the job went to another: the listener polls on as a ghost, or hangs for ever. */
  readonly acquire?: 'lost' | 'hang';
  readonly acquireSeconds?: number;
  readonly workerAfterSeconds?: number;

  // --- the job
  readonly jobName?: string;
  readonly jobSeconds?: number;
  readonly result?: JobResult;
  /** Shell commands of an ordinary step, and of one with `if: always()`. */
  readonly jobScript?: string;
  readonly alwaysScript?: string;
  readonly container?: 'job' | 'action';
  /** No hook and no step runs: an action could not be downloaded. */
  readonly failsAtSetUp?: boolean;
  /** Seconds after which somebody cancels the job at GitHub. */
  readonly cancelAfterSeconds?: number;
  /** The worker ignores every signal that can be ignored, and what the listener tells it. */
  readonly isWorkerDeaf?: boolean;
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
  /** Exit code that the listener gives in place of its own. */
  readonly exitCode?: number;
  /** Prints no "completed" line. */
  readonly isSilentAtEnd?: boolean;
  /** The result that the line tells, where it is not the job's. */
  readonly toldResult?: JobResult;
  /** Seconds from the end of the job to the exit. */
  readonly exitAfterSeconds?: number;
  /** Ends by this signal in place of its exit: 134 is SIGABRT, a crash. */
  readonly endsBySignal?: NodeJS.Signals;
  /** Writes the end of its last line without a newline. */
  readonly hasOpenEnd?: boolean;
  /** A file, out of the job's sight, that is told what really happened. */
  readonly journal?: string;
}

const FOR_EVER_SECONDS = 86_400;

export const pause = (seconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
const untilAborted = <T>(signal: AbortSignal, value: T): Promise<T> =>
  pause(FOR_EVER_SECONDS, signal).then(
    () => value,
    () => value,
  );

export function createScriptedService(script: StandInScript): ActionsService {
  const message = { kind: 'job', jobId: '1', jobName: script.jobName ?? 'build' } as const;
  let isDelivered = false;
  return {
    async createSession() {
      await pause(script.connectSeconds ?? 0);
      return script.session ?? 'made';
    },
    async nextMessage(signal) {
      if (isDelivered && script.cancelAfterSeconds !== undefined) {
        await pause(script.cancelAfterSeconds, signal);
        return { kind: 'cancel', jobId: '1' };
      }
      if (script.jobAfterSeconds !== undefined && !isDelivered) {
        await pause(script.jobAfterSeconds, signal);
        isDelivered = true;
        return message;
      }
      if (script.jobAtInterrupt && !isDelivered) {
        isDelivered = true;
        return untilAborted(signal, message);
      }
      await pause(script.goneAfterSeconds ?? FOR_EVER_SECONDS, signal);
      return { kind: 'gone' };
    },
    async acquireJob() {
      await pause(script.acquire === 'hang' ? FOR_EVER_SECONDS : (script.acquireSeconds ?? 0));
      return script.acquire === 'lost' ? 'lost' : jobOf(script);
    },
    completeJob: async () => undefined,
    deleteSession: async () => undefined,
  };
}

function jobOf({ jobSeconds = 1, result = 'Succeeded', ...script }: StandInScript): AcquiredJob {
  return {
    durationSeconds: jobSeconds,
    result,
    ...(script.jobScript !== undefined && { script: script.jobScript }),
    ...(script.alwaysScript !== undefined && { alwaysScript: script.alwaysScript }),
    ...(script.container !== undefined && { container: script.container }),
  };
}
