import type { Context } from './context.ts';
import { exitNow } from './exits.ts';
import { say } from './terminal.ts';

/** Of .NET: the process is over this long after SIGTERM, whatever its handlers do. */
const TERMINATE_SECONDS = 30;

/** SIGINT shuts the runner down, as SIGTERM does, which has a limit. */
export function obeySignals(context: Context): void {
  const { script, journal } = context;
  let lostInterrupts = script?.lostInterrupts ?? 0;
  process.on('SIGINT', () => {
    journal({ signal: 'SIGINT' });
    // The launcher says that SIGINT was ignored when this began: .NET honours that, Node.js would not.
    if (script?.isDeaf || process.env['STANDIN_IGNORES_INT'] || lostInterrupts-- > 0) return;
    // One that lost itself with the job's message was never seen.
    if (script?.jobAtInterrupt !== 'runs') say('Exiting...');
    shutDown(context);
  });
  process.on('SIGTERM', () => {
    journal({ signal: 'SIGTERM' });
    if (script?.isDeaf) return;
    if (context.isInterrupted) exitNow(context, 143);
    // .NET ends with this code though the listener ends by itself in time (LISTENER-45).
    context.isTerminated = true;
    shutDown(context);
    setTimeout(() => exitNow(context, 143), (script?.terminateSeconds ?? TERMINATE_SECONDS) * 1000);
  });
}

function shutDown(context: Context): void {
  context.isInterrupted = context.script?.jobAtInterrupt !== 'runs';
  context.worker?.shutDown();
  context.polling.abort();
}
