import { removeConfigurationFiles } from './configuration.ts';
import type { Context, ServedContext } from './context.ts';
import { say } from './terminal.ts';

/** Exits with this very code. */
export function exitNow({ journal }: Context, code: number): never {
  journal({ exit: code });
  process.exit(code);
}

/** Exits with this code, or as the script says in its place. */
export function end(context: Context, code: number): never {
  const { script, journal } = context;
  if (script?.endsBySignal) {
    journal({ exit: script.endsBySignal });
    process.removeAllListeners(script.endsBySignal);
    process.kill(process.pid, script.endsBySignal);
  }
  return exitNow(context, script?.exitCode ?? code);
}

/** SIGINT: the session is deleted where there is one, the registration and its files stay. */
export async function leave(context: ServedContext): Promise<never> {
  if (context.hasSession) await context.service.deleteSession().catch(() => undefined);
  return end(context, context.isTerminated ? 143 : 0);
}

/** Waits for no answer that a SIGINT comes before: then the listener leaves. */
export function unlessInterrupted<T>(context: ServedContext, answer: Promise<T>): Promise<T> {
  const { signal } = context.polling;
  return new Promise((resolve, reject) => {
    // One whose SIGINT was lost waits on.
    const hear = () => void (context.isInterrupted && leave(context));
    const settled = () => signal.removeEventListener('abort', hear);
    answer.finally(settled).then(resolve, reject);
    signal.addEventListener('abort', hear);
    if (signal.aborted) hear();
  });
}

/** After a job's normal end, and when the registration is gone: the key and its files are deleted (Runner.cs). */
export function removeConfiguration(context: Context, code: number): never {
  removeConfigurationFiles(context.root);
  say('√ Removed .credentials');
  say('√ Removed .runner');
  if (context.script?.hasOpenEnd) process.stdout.write('the end');
  return end(context, code);
}
