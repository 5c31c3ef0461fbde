/** One instance of a function: a process that loads a bundle and handles one event at a time, as Lambda does. */
import { createRequire } from 'node:module';
import type { Invocation, InvocationResult } from './protocol.ts';

const [bundle = ''] = process.argv.slice(2);
const { handler } = createRequire(import.meta.url)(bundle) as {
  handler: (event: unknown, context: unknown) => Promise<unknown>;
};

process.on('message', async ({ id, event, traceHeader, context: { timeoutMs, ...visible } }: Invocation) => {
  // Lambda's runtime sets it for each invocation; the SDK sends it on with each call (recursion detection).
  process.env['_X_AMZN_TRACE_ID'] = traceHeader;
  // In real time, as the timeout is; this process's `Date` tells the world's.
  const endsAtMs = performance.now() + timeoutMs;
  const context = {
    ...visible,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(endsAtMs - performance.now())),
  };
  const answer = (result: InvocationResult) => process.send?.(result);
  try {
    answer({ id, value: await handler(event, context) });
  } catch (error) {
    answer({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
});
process.on('disconnect', () => process.exit());
