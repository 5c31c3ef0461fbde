/** How long GitHub waits, and keeps things. */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** An assigned job that is not picked up is queued again (GH-32). */
export const PICK_UP_MS = 60 * SECOND_MS;
/** The lease of a job whose runner is silent: then the job fails (GH-39). */
export const LEASE_MS = 10 * MINUTE_MS;
/** A cancelled job that does not end is ended by GitHub (GH-38). */
export const CANCELLATION_MS = 5 * MINUTE_MS;
/** A listener without a poll for this long counts as offline. */
export const SILENCE_MS = 60 * SECOND_MS;
/** How long a job waits for a runner (GH-31). */
export const QUEUED_MS = DAY_MS;
/** An ephemeral runner that does not connect for this long is removed (GH-22). */
export const NEVER_CONNECTED_MS = DAY_MS;
