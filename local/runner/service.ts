/** What a listener asks of GitHub's Actions service. The embedded GitHub speaks it, and a script can stand in. */
export type SessionAnswer = 'made' | 'conflict' | 'refused' | 'deprecated' | 'unreachable';

export type Message =
  | { readonly kind: 'none' }
  | { readonly kind: 'job'; readonly jobId: string; readonly jobName: string }
  | { readonly kind: 'cancel'; readonly jobId: string }
  | { readonly kind: 'gone' };

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
}

/** An error as the person sees it on the page of the run. */
export interface Annotation {
  readonly title?: string;
  readonly message: string;
}

export interface ActionsService {
  createSession(): Promise<SessionAnswer>;
  /** Waits for a message as long as the service holds the poll. Rejects when it does not answer. */
  nextMessage(signal: AbortSignal): Promise<Message>;
  /** `lost`: the job was given to another runner or is gone. */
  acquireJob(jobId: string): Promise<AcquiredJob | 'lost'>;
  completeJob(jobId: string, result: JobResult, annotations: readonly Annotation[]): Promise<void>;
  deleteSession(): Promise<void>;
}
