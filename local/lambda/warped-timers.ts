/** A process's timers by the world's clock, which is told to it. */
import { createRequire } from 'node:module';

export interface WarpedTimers {
  now(): number;
  /** When the next timer is due, where one keeps the process alive. */
  nextMs(): number | undefined;
  /** The time has come to be this: what is due fires, in its order. It never goes back. */
  set(nowMs: number): void;
}

interface Due {
  readonly dueMs: number;
  readonly delayMs: number;
  readonly isRepeated: boolean;
  readonly act: () => void;
}

type Act = (...values: unknown[]) => void;

const NEVER_MS = 2 ** 31 - 1;

/** Replaces the global ones, of `node:timers/promises` and of `AbortSignal.timeout`. */
export function createWarpedTimers(startMs: number, added: () => void): WarpedTimers {
  const { setTimeout: realTimeout, clearTimeout: realClear } = globalThis;
  let nowMs = startMs;
  // By real timers that never end, for all that a program may do to one: `unref`, `refresh`, its number.
  const pending = new Map<NodeJS.Timeout, Due>();
  // Of `AbortSignal.timeout`: they keep no process alive, and yet end what another timer waits for.
  const deadlines = new WeakSet<NodeJS.Timeout>();
  const add =
    (isRepeated: boolean) =>
    (act: Act, milliseconds?: number, ...values: unknown[]) => {
      const handle = realTimeout(() => undefined, NEVER_MS);
      const delayMs = Math.max(1, Number(milliseconds) || 0);
      const begin = () => {
        pending.set(handle, { dueMs: nowMs + delayMs, delayMs, isRepeated, act: () => act(...values) });
        added();
        return handle;
      };
      handle.refresh = begin;
      return begin();
    };
  const clear = (handle?: NodeJS.Timeout | string | number): void => {
    const own = [...pending.keys()].find((each) => each === handle || Number(each) === Number(handle));
    if (own !== undefined) pending.delete(own);
    realClear(own ?? handle);
  };
  const fire = (handle: NodeJS.Timeout, due: Due): void => {
    if (pending.get(handle) !== due) return;
    if (due.isRepeated) pending.set(handle, { ...due, dueMs: nowMs + due.delayMs });
    else pending.delete(handle);
    due.act();
    if (!pending.has(handle)) realClear(handle);
  };
  replace(add, clear, deadlines);
  return {
    now: () => nowMs,
    nextMs() {
      if (![...pending.keys()].some((handle) => handle.hasRef())) return undefined;
      const waitedFor = [...pending].filter(([handle]) => handle.hasRef() || deadlines.has(handle));
      return Math.min(...waitedFor.map(([, { dueMs }]) => dueMs));
    },
    set(toMs) {
      nowMs = Math.max(nowMs, toMs);
      const due = [...pending].filter(([, { dueMs }]) => dueMs <= nowMs);
      for (const [handle, timer] of due.sort(([, a], [, b]) => a.dueMs - b.dueMs)) fire(handle, timer);
    },
  };
}

type Add = (isRepeated: boolean) => (act: Act, milliseconds?: number, ...values: unknown[]) => NodeJS.Timeout;

function replace(
  add: Add,
  clear: (handle?: NodeJS.Timeout) => void,
  deadlines: WeakSet<NodeJS.Timeout>,
): void {
  const timeout = add(false);
  const shared = { setTimeout: timeout, setInterval: add(true), clearTimeout: clear, clearInterval: clear };
  Object.assign(globalThis, shared);
  // The object that a bundle's `require` gives, which can be changed; what `import` gives cannot.
  createRequire(import.meta.url)('node:timers/promises').setTimeout = promised(timeout);
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    const late = () => controller.abort(new DOMException('The operation timed out', 'TimeoutError'));
    deadlines.add(timeout(late, milliseconds).unref());
    return controller.signal;
  };
}

const promised =
  (timeout: ReturnType<Add>) =>
  <T>(
    milliseconds = 1,
    value?: T,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      const abort = () => {
        clearTimeout(handle);
        reject(signal?.reason);
      };
      const handle = timeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      }, milliseconds);
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
