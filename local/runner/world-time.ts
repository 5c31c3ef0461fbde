/** The stand-in's time, where it lives in an embedded world: that world's, which stands still while a task works. */
import { connect } from 'node:net';

/** By which header a listener says which one it is, to the world and not to GitHub. */
export const LISTENER_HEADER = 'x-world-task';

const { WORLD_CLOCK_PORT: port, WORLD_CLOCK_TASK: task = '' } = process.env;

/** What goes with each call to the broker. */
export const worldHeaders = (): Record<string, string> =>
  port === undefined ? {} : { [LISTENER_HEADER]: task };

/** Says that this listener is there, until it is gone. Resolves when its time has come. */
export function sayListening(): Promise<void> {
  if (port === undefined) return Promise.resolve();
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(`listen ${task}\n`));
  socket.on('error', () => undefined);
  return new Promise((resolve) =>
    socket.once('data', () => {
      socket.unref();
      resolve();
    }),
  );
}

/** Resolves when this much of its time has passed; rejects where it is aborted before. */
export function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = port === undefined ? realTimer(seconds, resolve) : worldTimer(seconds, resolve);
    signal?.addEventListener('abort', () => {
      cancel();
      reject(signal.reason);
    });
  });
}

function realTimer(seconds: number, over: () => void): () => void {
  const timer = setTimeout(over, seconds * 1000);
  return () => clearTimeout(timer);
}

function worldTimer(seconds: number, over: () => void): () => void {
  if (seconds === 0) return realTimer(0, over);
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(`pause ${task} ${seconds}\n`));
  // A world that is gone answers nothing, and takes this process with it.
  socket.on('error', () => undefined);
  socket.once('data', () => {
    socket.destroy();
    over();
  });
  return () => socket.destroy();
}

/** Does this at every interval of its time, until the signal aborts. */
export function eachInterval(seconds: number, signal: AbortSignal, act: () => Promise<void>): void {
  if (port === undefined) {
    const timer = setInterval(() => void act(), seconds * 1000);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    return;
  }
  const socket = connect(Number(port), '127.0.0.1');
  const ask = () => socket.write(`wake ${task} ${seconds}\n`);
  socket.on('error', () => undefined).on('data', () => void act().then(ask));
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  ask();
}
