import { EXIT } from './errors.ts';

/** How many commands have Ctrl-C for themselves now. */
let taken = 0;

/** From here on Ctrl-C ends the process with its exit code, where no command has taken it. What is left is put right. */
export function exitOnInterrupt(): void {
  for (const [signal, code] of [
    ['SIGINT', EXIT.interrupted],
    ['SIGTERM', 143],
  ] as const)
    process.on(signal, () => {
      if (taken === 0) process.exit(code);
    });
}

/** Runs what handles Ctrl-C itself, as a program on this terminal does. */
export async function withoutInterrupt<T>(run: () => Promise<T>): Promise<T> {
  taken++;
  try {
    return await run();
  } finally {
    taken--;
  }
}

/**
 * Runs what a person ends by Ctrl-C, which is then a good end: `run` gets a signal that is aborted then, and ends soon.
 * A second Ctrl-C ends the process.
 */
export async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) process.exit(EXIT.interrupted);
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  taken++;
  try {
    return await run(stopping.signal);
  } finally {
    taken--;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
}
