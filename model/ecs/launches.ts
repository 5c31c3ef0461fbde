import { pick } from '../dice.ts';
import type { FaultName } from '../faults.ts';
import { TokenBucket } from '../token-bucket.ts';
import { VISIBLE_AFTER_STOP_MS } from './times.ts';

/** Whether a fault strikes this once, or lasts just now. A fault that a skin does not have does neither. */
export interface Chances {
  strikes(fault: FaultName): boolean;
  isDuring(fault: FaultName): boolean;
}

export interface LaunchCall {
  readonly clientToken: string | undefined;
  /** All that the call asks for but its token, in one spelling. */
  readonly parameters: string;
  readonly count: number;
  readonly isSpot: boolean;
  /** On an instance that ECS manages: capacity is looked for after the answer. */
  readonly isOnInstance: boolean;
  readonly vcpu: number;
}

/** What a RunTask call comes to. `tasks` are those of the first call with its token: none if that was refused. */
export type LaunchVerdict<Task> =
  | { readonly kind: 'launch' }
  | { readonly kind: 'known'; readonly tasks: readonly Task[] }
  | { readonly kind: 'conflict'; readonly tasks: readonly Task[] }
  | { readonly kind: 'throttled'; readonly isFault: boolean }
  | { readonly kind: 'failed'; readonly reason: string };

interface Remembered<Task> {
  readonly parameters: string;
  readonly tasks: readonly Task[];
  readonly atMs: number;
}

/** ECS developer guide: "API failure reasons", RunTask on Fargate. */
export const NO_CAPACITY =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone';
const FAILURES = ['RESOURCE:ENI', 'MISSING'];
/** ECS API reference, RunTask: a capacity error "because the quota of tasks in the PROVISIONING per cluster has been reached". */
export const WAITING_FULL =
  'There was a capacity error because the quota of tasks in the PROVISIONING per cluster has been reached';
const LARGE_VCPU = 4;
const DAY_MS = 24 * 3_600_000;

/**
 * RunTask of one account: client tokens, rates and capacity. 20 calls a second; a bucket of 100 launches refilled at 20 a
 * second, one for on-demand and one for Spot (ECS and Fargate service quotas). Times are epoch milliseconds.
 */
export class Launches<Task> {
  readonly #calls = new TokenBucket(20, 20);
  readonly #launches = { onDemand: new TokenBucket(100, 20), spot: new TokenBucket(100, 20) };
  readonly #remembered = new Map<string, Remembered<Task>>();
  readonly #stoppedAtMs: (task: Task) => number | undefined;

  /** `stoppedAtMs` tells when a task stopped; `undefined` while it has not. */
  constructor(stoppedAtMs: (task: Task) => number | undefined) {
    this.#stoppedAtMs = stoppedAtMs;
  }

  /** A call's rate, then its token, then what a launch needs: a token that is known launches nothing. */
  judge(call: LaunchCall, nowMs: number, chances: Chances, random: () => number): LaunchVerdict<Task> {
    if (!this.#calls.take(nowMs)) return { kind: 'throttled', isFault: false };
    const known = this.#find(call, nowMs);
    if (known)
      return { kind: known.parameters === call.parameters ? 'known' : 'conflict', tasks: known.tasks };
    const bucket = call.isSpot ? this.#launches.spot : this.#launches.onDemand;
    if (!bucket.take(nowMs, call.count)) return { kind: 'throttled', isFault: false };
    if (chances.strikes('ecs-throttle')) return { kind: 'throttled', isFault: true };
    const reason = failureOf(call, chances, random);
    if (reason === undefined) return { kind: 'launch' };
    // Nobody has written down whether ECS keeps the token of a call that it refused (ADR 10).
    if (chances.strikes('ecs-refused-token-kept')) this.remember(call, [], nowMs);
    return { kind: 'failed', reason };
  }

  /** Keeps the token of a call with the tasks that it started. */
  remember({ clientToken, parameters }: LaunchCall, tasks: readonly Task[], atMs: number): void {
    if (clientToken !== undefined) this.#remembered.set(clientToken, { parameters, tasks, atMs });
  }

  /** ECS API reference, "Ensuring idempotency": a token lives 24 hours, and an hour after its tasks have stopped at most. */
  #find({ clientToken }: LaunchCall, nowMs: number): Remembered<Task> | undefined {
    const known = clientToken === undefined ? undefined : this.#remembered.get(clientToken);
    if (known === undefined || nowMs - known.atMs > DAY_MS) return undefined;
    const isOver = (task: Task) => !isShown(this.#stoppedAtMs(task), nowMs);
    return known.tasks.length > 0 && known.tasks.every(isOver) ? undefined : known;
  }
}

/** Whether lists and descriptions still have a task that stopped then. */
export const isShown = (stoppedAtMs: number | undefined, nowMs: number): boolean =>
  stoppedAtMs === undefined || nowMs - stoppedAtMs <= VISIBLE_AFTER_STOP_MS;

/** Why `failures[]` has the launch; `undefined` where it may start. */
function failureOf(call: LaunchCall, chances: Chances, random: () => number): string | undefined {
  if (call.isOnInstance && chances.strikes('docker-waiting-full')) return WAITING_FULL;
  if (!call.isOnInstance && isFull(call, chances)) return NO_CAPACITY;
  return chances.strikes('ecs-failure') ? pick(random, FAILURES) : undefined;
}

function isFull({ isSpot, vcpu }: LaunchCall, chances: Chances): boolean {
  const hasNoSpot = chances.isDuring('ecs-no-spot') || chances.strikes('ecs-spot-flickers');
  return (
    (isSpot && hasNoSpot) ||
    (vcpu >= LARGE_VCPU && chances.isDuring('ecs-no-large')) ||
    chances.isDuring('ecs-no-capacity-25-minutes') ||
    chances.isDuring('ecs-no-capacity-70-minutes') ||
    chances.strikes('ecs-no-capacity')
  );
}
