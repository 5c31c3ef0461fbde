/** GitHub's limits on calls. */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const LIMITS = {
  /** Calls in an hour: the least that an installation has (GH-40), and JIT configs beside them (GH-41). */
  hour: { core: 5_000, actions_runner_registration: 10_000 },
  /** Points for one endpoint: a read costs 1, a write 5, hence 180 JIT configs a minute (GH-42). */
  points: { most: 900, windowMs: MINUTE_MS },
  /** GH-44. */
  tokens: { most: 2_000, windowMs: HOUR_MS },
  /** Runner registrations in one scope (GH-45). */
  registrations: { most: 1_500, windowMs: 5 * MINUTE_MS },
  /** GH-43. */
  atOnce: 100,
} as const;

export interface Call {
  readonly caller: string;
  readonly operation: string;
  readonly method: string;
  /** The scope in which a runner is registered. */
  readonly scope: string;
  /** Of the caller's core hour, where it is not GitHub's least. */
  readonly callsPerHour?: number;
}

/** Why a call does not happen, and in how long it may: the hour is used up, or a secondary limit is. */
interface Refusal {
  readonly limit: 'primary' | 'secondary';
  readonly waitMs: number;
}

interface Share {
  readonly key: string;
  readonly most: number;
  readonly windowMs: number;
  readonly points: number;
}

/** What a call must say to be counted in an hour. */
export type HourlyCall = Pick<Call, 'caller' | 'operation' | 'callsPerHour'>;

const isJitConfig = (operation: string): boolean => operation.includes('generate-runner-jitconfig');
const resourceOf = ({ operation }: HourlyCall) =>
  isJitConfig(operation) ? 'actions_runner_registration' : 'core';

/** What a call takes of each rolling window. JIT configs of owners and of repositories count together. */
function sharesOf({ caller, operation, method, scope }: Call): readonly Share[] {
  const endpoint = isJitConfig(operation) ? 'actions/generate-runner-jitconfig' : operation;
  const share = { key: `${caller}/${endpoint}`, points: method === 'GET' ? 1 : 5, ...LIMITS.points };
  if (isJitConfig(operation))
    return [share, { key: `registrations/${scope}`, points: 1, ...LIMITS.registrations }];
  const isToken = operation === 'apps/create-installation-access-token';
  return isToken ? [share, { key: 'tokens', points: 1, ...LIMITS.tokens }] : [share];
}

/** What was spent in a rolling window. */
class Window {
  readonly #spent: { readonly atMs: number; readonly points: number }[] = [];
  #used = 0;

  /** In how many milliseconds there is room for this share; 0: now. */
  waitMs({ points, most, windowMs }: Share, nowMs: number): number {
    for (let first = this.#spent[0]; first && first.atMs <= nowMs - windowMs; first = this.#spent[0]) {
      this.#used -= first.points;
      this.#spent.shift();
    }
    let over = this.#used + points - most;
    if (over <= 0) return 0;
    const freed = this.#spent.find((spent) => {
      over -= spent.points;
      return over <= 0;
    });
    return (freed?.atMs ?? nowMs) + windowMs - nowMs;
  }

  spend({ points }: Share, nowMs: number): void {
    this.#spent.push({ atMs: nowMs, points });
    this.#used += points;
  }
}

/** What all callers have spent; each caller, such as an installation, has limits of its own. */
export class Limits {
  readonly #windows = new Map<string, Window>();
  readonly #hours = new Map<string, { startedMs: number; used: number }>();
  readonly #running = new Map<string, number>();
  /** The most calls that any caller has had in flight. */
  mostAtOnce = 0;

  /** Why this call would be refused now. A refused call counts nowhere. */
  refusalOf(call: Call, nowMs: number): Refusal | undefined {
    const { limit, used, resetsAtMs } = this.hourOf(call, nowMs);
    if (used >= limit) return { limit: 'primary', waitMs: resetsAtMs - nowMs };
    const isCrowded = this.#runningOf(call) >= LIMITS.atOnce;
    const waits = sharesOf(call).map((share) => this.#windowOf(share).waitMs(share, nowMs));
    const waitMs = Math.max(...waits, isCrowded ? MINUTE_MS : 0);
    return waitMs > 0 ? { limit: 'secondary', waitMs } : undefined;
  }

  /** The call happens. */
  count(call: Call, nowMs: number): void {
    this.#hour(call, nowMs).used += 1;
    for (const share of sharesOf(call)) this.#windowOf(share).spend(share, nowMs);
  }

  /** The call does not count against the hour after all: it was answered 304. */
  refund(call: Call, nowMs: number): void {
    this.#hour(call, nowMs).used -= 1;
  }

  /** The call is in flight until `leave`. */
  enter(call: Call): void {
    const running = this.#runningOf(call) + 1;
    this.#running.set(call.caller, running);
    this.mostAtOnce = Math.max(this.mostAtOnce, running);
  }

  leave(call: Call): void {
    this.#running.set(call.caller, this.#runningOf(call) - 1);
  }

  /** The hour that this call counts against. */
  hourOf(call: HourlyCall, nowMs: number) {
    const resource = resourceOf(call);
    const limit = (resource === 'core' && call.callsPerHour) || LIMITS.hour[resource];
    const { startedMs, used } = this.#hour(call, nowMs);
    return { resource, limit, used, resetsAtMs: startedMs + HOUR_MS };
  }

  #hour(call: HourlyCall, nowMs: number) {
    const key = `${call.caller}/${resourceOf(call)}`;
    const known = this.#hours.get(key);
    if (known !== undefined && nowMs < known.startedMs + HOUR_MS) return known;
    const fresh = { startedMs: nowMs, used: 0 };
    this.#hours.set(key, fresh);
    return fresh;
  }

  #windowOf({ key }: Share): Window {
    const known = this.#windows.get(key) ?? new Window();
    this.#windows.set(key, known);
    return known;
  }

  #runningOf({ caller }: Call): number {
    return this.#running.get(caller) ?? 0;
  }
}
