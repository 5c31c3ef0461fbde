/** What a listener asks of GitHub's Actions service. The embedded GitHub speaks it, and a script can stand in. */
export type SessionAnswer = 'made' | 'conflict' | 'refused' | 'deprecated' | 'unreachable';

export type Message =
  | { readonly kind: 'none' }
  | { readonly kind: 'job'; readonly jobId: string; readonly jobName: string }
  | { readonly kind: 'cancel'; readonly jobId: string }
  | { readonly kind: 'gone' };

export type JobResult = 'Succeeded' | 'Failed' | 'Canceled' | 'Skipped' | 'Abandoned';

export interface AcquiredJob {
  /** Real seconds. */
  readonly durationSeconds: number;
  readonly result: JobResult;
  /** Shell commands that the job's step runs. */
  readonly script?: string;
}

export interface ActionsService {
  createSession(): Promise<SessionAnswer>;
  /** Waits for a message as long as the service holds the poll. Rejects when it does not answer. */
  nextMessage(signal: AbortSignal): Promise<Message>;
  /** `lost`: the job was given to another runner or is gone. */
  acquireJob(jobId: string): Promise<AcquiredJob | 'lost'>;
  completeJob(jobId: string, result: JobResult): Promise<void>;
  deleteSession(): Promise<void>;
}
