/** One instance of a function: a process that loads a bundle and handles one event at a time, as Lambda does. */
import { createRequire } from 'node:module';
import { forgetCompileCache } from '../runner/compile-cache.ts';
import { SET_TIME, type TimeMessage } from './clock-messages.ts';
import type { Invocation, InvocationResult } from './protocol.ts';

forgetCompileCache();
const [bundle = ''] = process.argv.slice(2);
const { handler } = createRequire(import.meta.url)(bundle) as {
  handler: (event: unknown, context: unknown) => Promise<unknown>;
};

/** Of `warped-clock.ts`, where the world's clock is not the real one. */
const setTime: ((message: TimeMessage) => void) | undefined = Reflect.get(globalThis, SET_TIME);

process.on('message', (message: TimeMessage | Invocation) => {
  if ('nowMs' in message) setTime?.(message);
  if ('event' in message) void handle(message);
});

async function handle({
  id,
  event,
  traceHeader,
  context: { timeoutMs, ...visible },
}: Invocation): Promise<void> {
  // Lambda's runtime sets it for each invocation; the SDK sends it on with each call (recursion detection).
  process.env['_X_AMZN_TRACE_ID'] = traceHeader;
  const endsAtMs = Date.now() + timeoutMs;
  const context = {
    ...visible,
    getRemainingTimeInMillis: () => Math.max(0, endsAtMs - Date.now()),
  };
  const answer = (result: InvocationResult) => process.send?.(result);
  try {
    answer({ id, value: await handler(event, context) });
  } catch (error) {
    answer({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
}
process.on('disconnect', () => process.exit());
