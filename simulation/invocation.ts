import { Abort } from './abort.ts';
import { SECOND, type World } from './world.ts';

export type Service = 'github' | 'ecs' | 'kms' | 'sqs' | 'ssm';
/** A call that its caller no longer waits for; one for all, as nobody reads where it comes from. */
const ABORTED = new Error('aborted');

export type Ending = 'answered' | 'failed' | 'killed';

/** One invocation of a function: it may be killed at any call, and is at its timeout. */
export class Invocation {
  readonly name: string;
  readonly deadlineMs: number;
  readonly #deadline = new Abort();
  isOver = false;
  /** It has started a task, or kept a doubt: what a delivery may be acknowledged for (rule 10). */
  hasActed = false;
  readonly #world: World;
  readonly #onEnd: (ending: Ending) => void;

  constructor(
    world: World,
    name: string,
    times: { deadlineMs: number; timeoutMs: number },
    onEnd: (ending: Ending) => void,
  ) {
    this.name = name;
    this.#world = world;
    this.#onEnd = onEnd;
    this.deadlineMs = world.nowMs + times.deadlineMs;
    world.clock.after(times.deadlineMs, () => {
      if (this.isOver) return;
      this.#deadline.abort();
      world.clock.wake();
    });
    world.clock.after(times.timeoutMs, () => this.kill());
    world.clock.wake();
  }

  get signal(): AbortSignal {
    return this.#deadline.signal;
  }

  kill(): void {
    if (this.isOver) return;
    this.#world.tell(() => `${this.name} is killed`);
    this.end('killed');
  }

  end(ending: Ending): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#onEnd(ending);
  }

  endWithin(milliseconds: number, signal: AbortSignal): AbortSignal {
    const controller = Abort.after(signal);
    this.#world.clock.after(milliseconds, () => {
      controller.abort();
      if (!this.isOver) this.#world.clock.wake();
    });
    return controller.signal;
  }

  /** Ends early when the signal is aborted. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve());
      this.#world.clock.after(milliseconds, () => {
        if (this.isOver) return;
        this.#world.clock.wake();
        resolve();
      });
    });
  }
}

export interface Call<Result> {
  readonly service: Service;
  readonly effect: () => Result;
  /** What the client throws of a call that failed; `status` is absent where no answer came. */
  readonly fault: (status: number | undefined) => Error;
  /** The call ends with the invocation's deadline. */
  readonly isAbortable?: boolean;
  /** One of many pages: it may be refused, or take its time, where a single call would not. */
  readonly isList?: boolean;
  /** How much longer it takes. */
  readonly extraMs?: number;
  /** Ends the wait for its answer. */
  readonly signal?: AbortSignal;
}

/** A call on the wire: it takes effect at one time and answers later, or not; either may be the last that there is. */
export function call<Result>(world: World, invocation: Invocation, made: Call<Result>): Promise<Result> {
  world.counts.calls += 1;
  const { clock } = world;
  const latencyMs =
    world.between(20, 400) +
    (made.extraMs ?? 0) +
    (made.isList && world.strikes('slow-list') ? world.between(5, 30) * SECOND : 0);
  const at = made.service === 'github' ? 'github' : 'aws';
  const slowMs = world.strikes(`${at}-latency`) ? world.between(5, 15) * SECOND : 0;
  const crash = world.strikes('function-crash') ? world.pick(['before', 'after'] as const) : undefined;
  const isLost = world.strikes(`${at}-lost-answer`);
  const isServerError = world.strikes(`${at}-5xx`) || (made.isList === true && world.strikes('list-5xx'));
  const isDone = !isServerError || world.random() < 0.5;
  const effectAtMs = clock.nowMs + (latencyMs + slowMs) * world.random();
  const lastMs = made.isAbortable ? Math.max(clock.nowMs, invocation.deadlineMs) : Infinity;
  const answerAtMs = Math.min(lastMs, clock.nowMs + latencyMs + slowMs + (isLost ? 10 * SECOND : 0));
  const isCutOff = answerAtMs === lastMs;

  return new Promise((resolve, reject) => {
    const abort = () => reject(ABORTED);
    made.signal?.addEventListener('abort', abort);
    const answer = (settle: () => void) =>
      clock.at(answerAtMs, () => {
        if (invocation.isOver) return;
        made.signal?.removeEventListener('abort', abort);
        clock.wake();
        settle();
      });
    if (isCutOff) answer(() => reject(made.fault(undefined)));
    clock.at(effectAtMs, () => {
      if (crash === 'before') return invocation.kill();
      const isDown = world.isDown(made.service);
      let result: { value: Result } | undefined;
      let error: unknown;
      try {
        if (!isDown && isDone) result = { value: made.effect() };
      } catch (thrown) {
        error = thrown;
      }
      if (crash === 'after') return invocation.kill();
      if (isCutOff) return;
      const status = isDown || isServerError ? 503 : undefined;
      if (isDown || isServerError || isLost) answer(() => reject(made.fault(status)));
      else if (result !== undefined) answer(() => resolve(result.value));
      else answer(() => reject(error));
    });
  });
}
