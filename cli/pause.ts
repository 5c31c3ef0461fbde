import { setTimeout as pauseFor } from 'node:timers/promises';

export type Pause = (milliseconds: number) => Promise<void>;

/** A pause that ends early with the signal. */
export const pauseUntil =
  (signal: AbortSignal): Pause =>
  (milliseconds) =>
    pauseFor(milliseconds, undefined, { signal }).catch(() => undefined);
