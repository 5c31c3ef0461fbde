/** Lambda developer guide, "Asynchronous invocation": a minute before the first retry, two before the second. */
const RETRY_AFTER_MS = [60_000, 120_000];

/** When an asynchronous invocation that failed for the nth time is made again; `undefined`: it is given up. */
export const retryAfterMs = (failures: number, maximumRetries: number): number | undefined =>
  failures > maximumRetries ? undefined : RETRY_AFTER_MS[failures - 1];
