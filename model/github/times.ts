/** How long GitHub waits, and keeps things. */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** An assigned job that is not picked up is queued again (docs.github.com, Self-hosted runners reference). */
export const PICK_UP_MS = 60 * SECOND_MS;
/** The lease of a job whose runner is silent: then the job fails (actions/runner#4703). */
export const LEASE_MS = 10 * MINUTE_MS;
/** A cancelled job that does not end is ended by GitHub (docs.github.com, Canceling a workflow run). */
export const CANCELLATION_MS = 5 * MINUTE_MS;
/** A listener without a poll for this long counts as offline. */
export const SILENCE_MS = 60 * SECOND_MS;
/** How long a job waits for a runner (docs.github.com, Actions limits). */
export const QUEUED_MS = DAY_MS;
/** An ephemeral runner that does not connect for this long is removed (docs.github.com, Removing self-hosted runners). */
export const NEVER_CONNECTED_MS = DAY_MS;
