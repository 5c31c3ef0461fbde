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
  | JobOffer
  | { readonly kind: 'cancel'; readonly jobId: string }
  /** `RunnerSessionInvalid`: a new session is made, without a mark. */
  | { readonly kind: 'session-invalid' }
  | { readonly kind: PollEnd };

/** A job that can be acquired. */
export interface JobOffer {
  readonly kind: 'job';
  readonly requestId: string;
  readonly runServiceUrl: string;
  readonly billingOwnerId: string;
  readonly isToBeAcknowledged: boolean;
}

export type JobResult = 'Succeeded' | 'Failed' | 'Canceled' | 'Skipped' | 'Abandoned';

/** A step of shell commands. */
export interface RunnableStep {
  /** Of the job's message. */
  readonly id: string;
  readonly number: number;
  readonly name: string;
  /** One of those that need no evaluation: `success()`, `always()`. */
  readonly condition: string;
  /** Of a Docker action `container run_container_step`. */
  readonly command: readonly string[];
  /** Empty: the worker's. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly continuesOnError: boolean;
}

/** What the worker is told of its job. */
export interface AcquiredJob {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly RunnableStep[];
  /** Why it cannot be run here: then its set-up fails with this. */
  readonly problem?: string;
  /** Its result, where no step fails. */
  readonly result: JobResult;
  /** The job has `container:`, or `services:` alone. */
  readonly containers?: 'job' | 'services';
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

export interface StepOutcome {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly type: 'run' | 'runner';
  readonly result: JobResult;
  readonly annotations: readonly Annotation[];
}

/** What a worker tells of its job. */
export interface Completion {
  readonly conclusion: JobResult;
  readonly steps: readonly StepOutcome[];
  /** Of the job itself. */
  readonly annotations: readonly Annotation[];
}

export interface ActionsService {
  createSession(): Promise<SessionAnswer>;
  /** Waits for a message as long as the service holds the poll. Rejects when it refuses for now, or does not answer. */
  nextMessage(signal: AbortSignal): Promise<Message>;
  /** `lost`: the job was given to another runner or is gone. `unknown`: so the acknowledgement was told. */
  acquireJob(offer: JobOffer): Promise<AcquiredJob | 'lost' | 'unknown'>;
  /** What must be answered before a worker starts, and then every minute. `lost`: GitHub has taken the job back. */
  renewJob(): Promise<'renewed' | 'lost'>;
  /** The worker's last call. Rejects where it is refused or lost. */
  completeJob(completion: Completion): Promise<void>;
  deleteSession(): Promise<void>;
}
