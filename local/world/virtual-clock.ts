/**
 * The clock that does not charge what this machine computes. It stands still while anybody holds it. Where nobody does,
 * it jumps to what is due next if somebody outside waits, and else runs at its pace.
 */
import { availableParallelism, loadavg } from 'node:os';
import type { Hold, WorldClock } from './clock.ts';
import { Timers } from './timers.ts';

export interface VirtualClockOptions {
  /** World seconds in a real one, where nobody waits and nobody works. */
  readonly pace?: number;
  /** False for people who watch: it runs at its pace always. */
  readonly jumps?: boolean;
  readonly epochMs?: number;
  /** How long nobody who works may show a sign of life before time passes them by, in real milliseconds. */
  readonly patienceMs?: number;
}

/**
 * A process that hangs must not stop the world forever. Any work that begins, ends or waits is a sign of life of all. A
 * process that starts shows none for a second, and for longer by as much as others want its processor.
 */
const PATIENCE_MS = 10_000;
/** Between two signs of life of those who work: a warm function takes less for an event. Real milliseconds. */
const QUIET_MS = 100;
const share = (): number => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
/** What an event sets off is under way when the event loop has turned this often: then its hold is there. */
const TURNS = 5;
/** How often an `until` is asked while time stands still. Real time. */
const LOOK_EVERY_MS = 10;

interface HoldState {
  readonly slackMs: number;
  sinceMs: number;
  isPaused: boolean;
}

export const createVirtualClock = (options: VirtualClockOptions = {}): WorldClock =>
  new VirtualClock(options);

class VirtualClock implements WorldClock {
  readonly speed = 1;
  readonly standsStill = true;
  readonly epochMs: number;
  readonly #pace: number;
  readonly #jumps: boolean;
  readonly #patienceMs: number;
  readonly #timers = new Timers();
  readonly #holds = new Set<HoldState>();
  readonly #watchers = new Set<() => void>();
  #nowMs: number;
  #waiting = 0;
  #lags = 0;
  /** Since when time has run at its pace, by the real clock. */
  #runsSinceMs: number | undefined;
  #alarm: NodeJS.Timeout | undefined;
  #lastSignMs = performance.now();
  #isTurning = false;
  #isStopped = false;

  constructor({
    pace = 1,
    jumps = true,
    epochMs = Date.now(),
    patienceMs = PATIENCE_MS,
  }: VirtualClockOptions) {
    this.epochMs = epochMs;
    this.#nowMs = epochMs;
    this.#pace = pace;
    this.#jumps = jumps;
    this.#patienceMs = patienceMs;
  }

  nowMs(): number {
    if (this.#runsSinceMs === undefined) return this.#nowMs;
    const ranMs = Math.floor((performance.now() - this.#runsSinceMs) * this.#pace);
    // What is due happens first, however late this process comes to it.
    return Math.min(
      this.#nowMs + ranMs,
      Math.max(this.#nowMs, this.#timers.nextMs ?? Number.POSITIVE_INFINITY),
    );
  }

  nowIso(): string {
    return new Date(this.nowMs()).toISOString();
  }

  after(worldMs: number, action: () => void): () => void {
    const cancel = this.#timers.add(this.nowMs() + Math.max(0, Math.ceil(worldMs)), action);
    this.#consider();
    return cancel;
  }

  async sleep(worldMs: number): Promise<void> {
    const rest = this.hurry();
    await new Promise<void>((resolve) => void this.after(worldMs, resolve));
    rest();
  }

  async lag(worldMs: number): Promise<void> {
    this.#lags += 1;
    await new Promise<void>((resolve) => void this.after(worldMs, resolve));
    this.#lags -= 1;
  }

  hold(slackMs = 0): Hold {
    const state: HoldState = { slackMs, sinceMs: this.nowMs(), isPaused: false };
    const begin = () => {
      this.#stand();
      state.sinceMs = this.#nowMs;
      state.isPaused = false;
      this.#holds.add(state);
      this.#sign();
    };
    begin();
    return {
      pause: () => {
        if (state.isPaused) return;
        state.isPaused = true;
        this.#sign();
      },
      resume: () => {
        if (state.isPaused) begin();
      },
      release: () => {
        if (this.#holds.delete(state)) this.#sign();
      },
    };
  }

  hurry(): () => void {
    this.#waiting += 1;
    this.#consider();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#waiting -= 1;
      this.#consider();
    };
  }

  async until(isSo: () => boolean, withinMs?: number): Promise<boolean> {
    const rest = this.hurry();
    const over = Promise.withResolvers<boolean>();
    const endsAtMs = withinMs === undefined ? Number.POSITIVE_INFINITY : this.nowMs() + withinMs;
    const look = () => {
      try {
        if (isSo()) over.resolve(true);
        else if (this.nowMs() >= endsAtMs) over.resolve(false);
        else return;
      } catch (error) {
        over.reject(error);
      }
      this.#watchers.delete(look);
      rest();
    };
    const cancel = withinMs === undefined ? undefined : this.after(withinMs, look);
    const timer = setInterval(look, LOOK_EVERY_MS);
    this.#watchers.add(look);
    look();
    try {
      return await over.promise;
    } finally {
      clearInterval(timer);
      cancel?.();
    }
  }

  stop(): void {
    this.#stand();
    this.#isStopped = true;
    this.#timers.clear();
  }

  #sign(): void {
    this.#lastSignMs = performance.now();
    this.#consider();
  }

  /** Takes the next step once what the last one set off is under way. */
  #consider(): void {
    if (this.#isTurning || this.#isStopped) return;
    this.#isTurning = true;
    const turn = (left: number): void =>
      void setImmediate(() => {
        if (left > 0) return turn(left - 1);
        this.#isTurning = false;
        if (!this.#isStopped) this.#step();
      });
    turn(TURNS);
  }

  #step(): void {
    this.#stand();
    const nextMs = this.#timers.nextMs ?? Number.POSITIVE_INFINITY;
    const limitMs = this.#limitMs();
    const isWaitedFor = this.#jumps && this.#waiting > 0;
    if (this.#lags > 0) this.#passLag(nextMs, limitMs);
    else if (limitMs < nextMs || (limitMs < Number.POSITIVE_INFINITY && !isWaitedFor)) this.#watchOver();
    else if (isWaitedFor) this.#lookAndJumpTo(nextMs);
    else this.#run();
  }

  /**
   * Nobody can tell who waits for an answer that is late from who works: once no sign of life has come for a moment, all
   * of them wait. Else a late answer to one would take their time from the others.
   */
  #passLag(nextMs: number, limitMs: number): void {
    const leftMs = this.#lastSignMs + QUIET_MS * share() - performance.now();
    if (leftMs <= 0 || limitMs === Number.POSITIVE_INFINITY) this.#jumpTo(nextMs);
    else this.#alarm = setTimeout(() => this.#consider(), leftMs + 1);
  }

  /** Somebody may have waited for just this. */
  #lookAndJumpTo(nextMs: number): void {
    for (const look of [...this.#watchers]) look();
    if (this.#waiting > 0) this.#jumpTo(nextMs);
  }

  /** Until when time may pass, for those who work. */
  #limitMs(): number {
    const atWork = [...this.#holds].filter(({ isPaused }) => !isPaused);
    return Math.min(...atWork.map(({ sinceMs, slackMs }) => sinceMs + slackMs));
  }

  #jumpTo(nextMs: number): void {
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#nowMs = Math.max(this.#nowMs, nextMs);
    this.#fire();
  }

  #fire(): void {
    for (let action = this.#timers.take(this.#nowMs); action; action = this.#timers.take(this.#nowMs))
      action();
    this.#lastSignMs = performance.now();
    this.#consider();
  }

  /** Runs at its pace until something is due. */
  #run(): void {
    const nextMs = this.#timers.nextMs;
    this.#runsSinceMs = performance.now();
    if (nextMs === undefined) return;
    const ring = () => {
      this.#stand();
      this.#fire();
    };
    this.#alarm = setTimeout(ring, Math.max(0, nextMs - this.#nowMs) / this.#pace);
  }

  /** Those who have shown no sign of life for long are waited for no more. */
  #watchOver(): void {
    const patienceMs = this.#patienceMs * share();
    const leftMs = this.#lastSignMs + patienceMs - performance.now();
    const ring = () => {
      if (performance.now() - this.#lastSignMs >= patienceMs)
        for (const hold of this.#holds) if (!hold.isPaused) this.#holds.delete(hold);
      this.#consider();
    };
    this.#alarm = setTimeout(ring, Math.max(1, leftMs + 1));
    this.#alarm.unref();
  }

  #stand(): void {
    clearTimeout(this.#alarm);
    this.#nowMs = this.nowMs();
    this.#runsSinceMs = undefined;
  }
}
