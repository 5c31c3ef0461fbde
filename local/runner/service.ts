/** What a listener asks of GitHub's Actions service. The embedded GitHub speaks it, and a script can stand in. */
export type SessionAnswer = 'made' | 'conflict' | 'refused' | 'denied' | 'unreachable';

/** What a poll can come to for good (BrokerHttpClient.cs, BrokerMessageListener.cs, Runner.cs). */
export type PollEnd =
  /** `RunnerNotFound`: the registration is gone. */
  | 'gone'
  /** `RunnerVersionTooOld`. */
  | 'deprecated'
  /** 401 twice. */
  | 'unauthorized'
  /** `HostedRunnerDeprovisioned`, or the message `RunnerShutdown`: an end without a word. */
  | 'shutdown';

export type Message =
  | { readonly kind: 'none' }
  | { readonly kind: 'job'; readonly jobId: string; readonly jobName: string }
  | { readonly kind: 'cancel'; readonly jobId: string }
  /** `RunnerSessionInvalid`: a new session is made, without a mark. */
  | { readonly kind: 'session-invalid' }
  | { readonly kind: PollEnd };

export type JobResult = 'Succeeded' | 'Failed' | 'Canceled' | 'Skipped' | 'Abandoned';

/** What the worker is told of its job. */
export interface AcquiredJob {
  /** Real seconds. */
  readonly durationSeconds: number;
  /** Its result, where no step fails. */
  readonly result: JobResult;
  /** Shell commands of an ordinary step. */
  readonly script?: string;
  /** Shell commands of a step with `if: always()`. */
  readonly alwaysScript?: string;
  /** The job has `container:` or `services:`, or a step that is a Docker action. */
  readonly container?: 'job' | 'action';
  /** The server's flag `actions_send_job_level_annotations` is off: no word of a shutdown. */
  readonly hidesJobAnnotations?: boolean;
  /** The server's flag `DistributedTask.AllowRunnerContainerHooks` is off. */
  readonly refusesContainerHooks?: boolean;
}

/** An error as the person sees it on the page of the run. */
export interface Annotation {
  readonly title?: string;
  readonly message: string;
}

export interface ActionsService {
  createSession(): Promise<SessionAnswer>;
  /** Waits for a message as long as the service holds the poll. Rejects when it refuses for now, or does not answer. */
  nextMessage(signal: AbortSignal): Promise<Message>;
  /** `lost`: the job was given to another runner or is gone. */
  acquireJob(jobId: string): Promise<AcquiredJob | 'lost'>;
  /** What must be answered before a worker starts. `lost`: GitHub has taken the job back. */
  renewJob(jobId: string): Promise<'renewed' | 'lost'>;
  /** The worker's last call. Rejects where it is refused or lost. */
  completeJob(jobId: string, result: JobResult, annotations: readonly Annotation[]): Promise<void>;
  deleteSession(): Promise<void>;
}
