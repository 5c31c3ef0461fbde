/** The variable that tells a function's process the world's time at its start. Removed before the bundle runs. */
export const NOW_VARIABLE = 'WORLD_CLOCK_NOW_MS';

/** From the world to a function's process: the time, with an invocation or when a wait is over. */
export interface TimeMessage {
  readonly nowMs: number;
  /** Counts these messages: what a process says belongs to the last one that it has read. */
  readonly turn: number;
}

/** From a function's process: it does nothing until `waitsForMs`; or, with null, works again. */
export interface WaitMessage {
  readonly waitsForMs: number | null;
  readonly turn: number;
}

export const isWaitMessage = (message: unknown): message is WaitMessage =>
  Object.hasOwn(Object(message), 'waitsForMs');

/** Where the preload leaves what the instance tells the time. */
export const SET_TIME = Symbol.for('oneshot.set-time');
