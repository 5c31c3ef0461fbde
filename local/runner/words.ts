/** What actions/runner 2.336 says, and what it exits with. */
import type { JobResult } from './service.ts';

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
  conflict: { says: 'A session for this runner already exists.', code: 5 },
  refused: {
    says: 'Failed to create a session. The runner registration has been deleted from the server, please re-configure.',
    code: 1,
  },
  deprecated: {
    says: `An error occurred: Runner version v${VERSION} is deprecated and cannot receive messages.`,
    code: process.env['ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE'] ? 7 : 1,
  },
};
export const SHUTDOWN_MESSAGE =
  'The runner has received a shutdown signal. This can happen when the runner service is stopped, or a manually started runner is canceled.';
