/**
 * Preloaded into a function's process (`--import`), before its bundle: `Date` and timers go by the world's clock, so that
 * the packaged bundle lives in the world's time without knowing of it. The time comes with each invocation, and with the
 * end of each wait; in between it stands still, as what this process computes takes no time of the world.
 */
import { subscribe } from 'node:diagnostics_channel';
import { NOW_VARIABLE, SET_TIME, type TimeMessage } from './clock-messages.ts';
import { createWarpedTimers, type WarpedTimers } from './warped-timers.ts';

/** After a call's answer, until what it sets off has begun. Real time. */
const SETTLE_MS = 5;

const start = process.env[NOW_VARIABLE];
delete process.env[NOW_VARIABLE];
if (start !== undefined) warp(Number(start));

function warp(startMs: number): void {
  const { setTimeout: realTimeout, setImmediate: soon } = globalThis;
  const calls = new Set<unknown>();
  let turn = 0;
  let isWaiting = false;
  const consider = () => void realTimeout(() => soon(() => soon(tellWait)), SETTLE_MS).unref();
  const timers = createWarpedTimers(startMs, consider);
  // Where no call is under way, and what came of the last one has been done, a process waits for its next timer.
  const tellWait = () => {
    const waitsForMs = timers.nextMs();
    if (calls.size > 0 || isWaiting || waitsForMs === undefined) return;
    isWaiting = true;
    process.send?.({ waitsForMs, turn });
  };
  const called = (call: unknown) => {
    calls.add(call);
    if (isWaiting) process.send?.({ waitsForMs: null, turn });
    isWaiting = false;
  };
  const answered = (call: unknown) => {
    calls.delete(call);
    consider();
  };
  Reflect.set(globalThis, SET_TIME, (message: TimeMessage) => {
    turn = message.turn;
    isWaiting = false;
    timers.set(message.nowMs);
    consider();
  });
  warpDate(timers);
  watchCalls(called, answered);
}

function warpDate({ now }: WarpedTimers): void {
  const RealDate = Date;
  class WarpedDate extends RealDate {
    static override now = now;
    constructor(...values: [] | [number | string | Date]) {
      if (values.length === 0) super(now());
      else super(...(values as [number]));
    }
  }
  globalThis.Date = WarpedDate as DateConstructor;
}

/** By what Node.js tells of its two clients, `fetch` and `node:http`. */
function watchCalls(called: (call: unknown) => void, answered: (call: unknown) => void): void {
  const on = (name: string, act: (call: unknown) => void) => {
    subscribe(name, (message) => act(Object(message).request));
  };
  for (const name of ['undici:request:create', 'http.client.request.start']) on(name, called);
  for (const name of ['undici:request:trailers', 'undici:request:error']) on(name, answered);
  for (const name of ['http.client.response.finish', 'http.client.request.error']) on(name, answered);
}
