import type { ActionsService, JobResult, SessionAnswer } from './service.ts';

/** What `standin.json` in a runner's root may say: each way in which the real listener has been seen to behave. */
export interface StandInScript {
  readonly connectSeconds?: number;
  readonly session?: SessionAnswer;
  /** Seconds from the session to the job; without it no job comes. */
  readonly jobAfterSeconds?: number;
  readonly jobName?: string;
  readonly jobSeconds?: number;
  readonly result?: JobResult;
  /** Shell commands of the job's step. */
  readonly jobScript?: string;
  /** The message came, and the job went to another: the listener polls on as a ghost, or hangs for ever. */
  readonly acquire?: 'lost' | 'hang';
  /** Seconds after which GitHub removes the registration of a listener with no job. */
  readonly goneAfterSeconds?: number;
  /** Exit code that the listener gives in place of its own. */
  readonly exitCode?: number;
  /** Prints no "completed" line. */
  readonly isSilentAtEnd?: boolean;
  /** The result that the line tells, where it is not the job's. */
  readonly toldResult?: JobResult;
  /** Ignores SIGINT. */
  readonly isDeaf?: boolean;
  /** How many SIGINT are lost, as the first second's may be. */
  readonly lostInterrupts?: number;
  /** The job comes in the instant of the first SIGINT, which the listener then obeys (`dies`) or never saw. */
  readonly jobAtInterrupt?: 'dies' | 'runs';
  /** Never exits after its job. */
  readonly hangsAtEnd?: boolean;
  /** Ends by this signal in place of its exit: 134 is SIGABRT, a crash. */
  readonly endsBySignal?: NodeJS.Signals;
  /** Exits 2 after its session was made, with no job. */
  readonly crashesAtIdle?: boolean;
  /** Crashes before it writes a line. */
  readonly crashesAtStart?: boolean;
  /** Writes the end of its last line without a newline. */
  readonly hasOpenEnd?: boolean;
  /** Ends itself at the start of the job, and leaves the worker. */
  readonly diesAtJob?: boolean;
}

const pause = (seconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
const untilAborted = <T>(signal: AbortSignal, value: T): Promise<T> =>
  new Promise((resolve) => {
    const timer = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      resolve(value);
    });
  });
const FOR_EVER_SECONDS = 86_400;

export function createScriptedService(script: StandInScript): ActionsService {
  let isDelivered = false;
  const job = { kind: 'job', jobId: '1', jobName: script.jobName ?? 'build' } as const;
  return {
    async createSession() {
      await pause(script.connectSeconds ?? 0);
      return script.session ?? 'made';
    },
    async nextMessage(signal) {
      if (script.jobAfterSeconds !== undefined && !isDelivered) {
        await pause(script.jobAfterSeconds, signal);
        isDelivered = true;
        return job;
      }
      if (script.jobAtInterrupt && !isDelivered) {
        isDelivered = true;
        return untilAborted(signal, job);
      }
      await pause(script.goneAfterSeconds ?? FOR_EVER_SECONDS, signal);
      return { kind: 'gone' };
    },
    async acquireJob() {
      if (script.acquire === 'hang') await pause(FOR_EVER_SECONDS);
      if (script.acquire === 'lost') return 'lost';
      const { jobSeconds: durationSeconds = 1, result = 'Succeeded', jobScript } = script;
      return { durationSeconds, result, ...(jobScript !== undefined && { script: jobScript }) };
    },
    completeJob: async () => undefined,
    deleteSession: async () => undefined,
  };
}
