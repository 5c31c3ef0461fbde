/**
 * Whether a task works or waits, by what its processes say: the supervisor, which looks and then waits for a change or
 * for its time; the listener, whose poll hangs with nothing to do; and pauses, such as a job's. The world's time stands
 * still while the task works.
 */
import { type Pulse, START_MS } from '../aws/ecs/process.ts';
import type { PollState } from '../github/types.ts';
import type { Hold, WorldClock } from '../world/clock.ts';

/** The supervisor has seen what there is when it has looked twice since the last change: some it believes at the second. */
const LOOKS = 2;
/** Until its next look, in real time: where it may have seen all, and where something works of which it is not told. */
const SOON_MS = 20;
const LATER_MS = 100;

/** A supervisor that has looked, and waits. */
interface Look {
  readonly tell: () => void;
  cancel: () => void;
}

export class TaskPulse implements Pulse {
  readonly #clock: WorldClock;
  #work: Hold | undefined;
  #readyAtMs = 0;
  #isListening = false;
  #isPolling = false;
  #pauses = 0;
  /** The listener has been told something, though a pause lasts. */
  #isStirred = false;
  /** Processes that were woken beside all that, and have not said since that they wait. */
  #awake = 0;
  #owedLooks = LOOKS;
  #look: Look | undefined;
  #hasLooked = false;

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  begin(work: Hold): void {
    this.#work = work;
    this.#readyAtMs = this.#clock.nowMs() + START_MS;
  }

  /** The listener has started: `over` is called when its time has come. */
  starts(over: () => void): void {
    this.listens(true);
    this.pause(this.#readyAtMs - this.#clock.nowMs(), over);
  }

  signalled(): void {
    this.#wake();
  }

  end(): void {
    this.#look?.cancel();
    this.#look = undefined;
    this.#work?.release();
    this.#work = undefined;
  }

  /** The listener is there, or gone. */
  listens(isListening: boolean): void {
    this.#isListening = isListening;
    this.#isPolling = false;
    this.#isStirred = false;
    this.#wake();
  }

  /** The listener's poll hangs, with a job in hand or without one, or was answered. */
  polls(state: PollState): void {
    this.#isPolling = state === 'idle';
    this.#isStirred = state === 'answered';
    this.#weigh();
  }

  /** A process waits for the world's time. Returns a function that ends it, where it has not come to its end. */
  pause(worldMs: number, over: () => void): () => void {
    this.#pauses += 1;
    this.#isStirred = false;
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      cancel();
      this.#pauses -= 1;
      this.#weigh();
    };
    const cancel = this.#clock.after(worldMs, () => {
      end();
      over();
    });
    this.#weigh();
    return end;
  }

  /** A process that continues its work is to be woken: then it works, until the function that this returns is called. */
  wakes(worldMs: number, over: () => void): () => void {
    let isAwake = false;
    const cancel = this.#clock.after(worldMs, () => {
      isAwake = true;
      this.#awake += 1;
      this.#weigh();
      over();
    });
    return () => {
      cancel();
      if (isAwake) this.#awake -= 1;
      isAwake = false;
      this.#weigh();
    };
  }

  /** The supervisor has looked, and waits for a change, or for this long. */
  looked(worldMs: number, tell: () => void): void {
    this.#hasLooked = true;
    if (this.#owedLooks > 0) this.#owedLooks -= 1;
    this.#look = { tell, cancel: () => undefined };
    this.#weigh(worldMs);
  }

  #isCalm(): boolean {
    return (this.#pauses > 0 && !this.#isStirred) || (this.#isListening && this.#isPolling);
  }

  /** Works or waits. */
  #weigh(worldMs?: number): void {
    const isCalm = this.#isCalm();
    if (!isCalm) this.#owedLooks = LOOKS;
    const isToLook = this.#hasLooked || this.#isListening;
    const isSettled = !isToLook || (this.#look !== undefined && this.#owedLooks === 0);
    if (this.#look !== undefined) this.#setTimer(this.#look, isCalm, worldMs);
    if (isCalm && isSettled && this.#awake === 0) this.#work?.pause();
    else this.#work?.resume();
  }

  #setTimer(look: Look, isCalm: boolean, worldMs: number | undefined): void {
    const isContent = isCalm && this.#owedLooks === 0;
    if (isContent && worldMs === undefined) return;
    look.cancel();
    if (isContent) look.cancel = this.#clock.after(worldMs ?? 0, () => this.#wake());
    else {
      const isWatching = this.#isListening && !isCalm;
      const timer = setTimeout(() => this.#wake(), isWatching ? LATER_MS : SOON_MS);
      look.cancel = () => clearTimeout(timer);
    }
  }

  /** The supervisor looks, now. */
  #wake(): void {
    const look = this.#look;
    this.#look = undefined;
    look?.cancel();
    this.#weigh();
    look?.tell();
  }
}
