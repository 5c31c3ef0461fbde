/** What actions/runner 2.336 says, and what it exits with. */
import type { JobResult, PollEnd } from './service.ts';

export const VERSION = '2.336.0';
export const EXIT_OF_RESULT: Readonly<Record<JobResult, number>> = {
  Succeeded: 100,
  Failed: 102,
  Canceled: 103,
  Skipped: 104,
  Abandoned: 105,
};
/** What a session's refusal makes the listener say, and its exit code. */
export const REFUSALS = {
  conflict: { says: 'Failed to create session. Error: Conflict', code: 5 },
  refused: {
    says: 'Failed to create a session. The runner registration has been deleted from the server, please re-configure.',
    code: 1,
  },
  denied: { says: 'Failed to create session. Error: Forbidden', code: 1 },
};
/** How a poll that is refused for good makes the listener end; `gone` cleans up too, and `shutdown` says nothing. */
export const POLL_ENDS: Readonly<Record<PollEnd, { readonly says?: string; readonly code: number }>> = {
  gone: {
    says: 'The runner no longer exists on the server. Cleaning up local configuration.',
    code: 0,
  },
  deprecated: {
    says: `An error occurred: Runner version v${VERSION} is deprecated and cannot receive messages.`,
    code: process.env['ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE'] ? 7 : 1,
  },
  unauthorized: { says: 'An error occurred: Get next message failed with non-retryable error.', code: 1 },
  shutdown: { code: 0 },
};
/** How often a session that exists is asked for, with this many seconds between. */
export const MOST_CONFLICTS = 8;
export const SESSION_PAUSE_SECONDS = 30;
/** How many polls refused for now, with no message between them, end the listener, and with which code. */
export const MOST_REFUSED_POLLS = 10;
export const REFUSED_POLLS_CODE = 2;
/** First renewal refused, or cancelled before it: no worker, and no line (JobDispatcher.cs). */
export const EXIT_WITHOUT_WORKER = { lost: 105, cancelled: 103 };
export const SHUTDOWN_MESSAGE =
  'The runner has received a shutdown signal. This can happen when the runner service is stopped, or a manually started runner is canceled.';
