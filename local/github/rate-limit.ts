/**
 * GitHub's limits in world time (docs.github.com: Rate limits for the REST API). One limiter serves all
 * callers; each is known by a key: `app`, or an installation.
 */
import type { WorldClock } from '../world/clock.ts';
import { ApiError } from './api-error.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Points a minute for one endpoint: a read costs 1, a write 5. Hence 180 JIT configs a minute. */
const POINTS_PER_MINUTE = 900;
const CONCURRENT = 100;
const TOKENS_PER_HOUR = 2_000;
/** Runner registrations in five minutes, per scope. */
const REGISTRATIONS = { most: 1_500, windowMs: 5 * MINUTE_MS };

/** JIT configs are counted in a bucket of their own (GH-41). */
const PRIMARY = { core: 5_000, actions_runner_registration: 10_000 } as const;
type Resource = keyof typeof PRIMARY;

export interface Charge {
  /** Who calls. */
  readonly caller: string;
  readonly operation: string;
  readonly method: string;
  /** The scope in which a runner is registered. */
  readonly scope: string;
  /** Of the caller's core hour, where it is not GitHub's least. */
  readonly callsPerHour?: number;
}

export interface Admission {
  /** What the caller has used so far, refunds included. */
  headers(): Readonly<Record<string, string>>;
  /** The call does not count against the hour after all: it was answered 304. */
  refund(): void;
  /** To be called when the call is over. */
  release(): void;
}

interface Spent {
  readonly atMs: number;
  readonly points: number;
}

/** What was spent in a rolling window. */
class Window {
  readonly #spent: Spent[] = [];
  readonly #most: number;
  readonly #windowMs: number;

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Spends, or says in how many milliseconds there will be room. */
  spend(points: number, nowMs: number): number {
    while (this.#spent[0] !== undefined && this.#spent[0].atMs <= nowMs - this.#windowMs) this.#spent.shift();
    let over = this.#spent.reduce((sum, { points }) => sum + points, points) - this.#most;
    if (over <= 0) {
      this.#spent.push({ atMs: nowMs, points });
      return 0;
    }
    for (const { atMs, points } of this.#spent) {
      over -= points;
      if (over <= 0) return atMs + this.#windowMs - nowMs;
    }
    return this.#windowMs;
  }
}

const resourceOf = (operation: string): Resource =>
  operation.includes('generate-runner-jitconfig') ? 'actions_runner_registration' : 'core';

/** The endpoint that points are counted for: JIT configs count together at both levels. */
const endpointOf = (operation: string): string =>
  operation.replace(/^(actions\/generate-runner-jitconfig)-.*/, '$1');

const resetAt = (epochMs: number): string => `${Math.ceil(epochMs / 1000)}`;

export const secondaryLimit = (retryAfterMs: number): ApiError =>
  new ApiError(
    403,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. For more on scraping GitHub and how it may affect your rights, please review our Terms of Service (https://docs.github.com/en/site-policy/github-terms/github-terms-of-service)',
    { headers: { 'retry-after': `${Math.max(1, Math.ceil(retryAfterMs / 1000))}` } },
  );

interface Hour {
  startedMs: number;
  used: number;
  most: number;
}

export class RateLimiter {
  readonly #clock: WorldClock;
  readonly #windows = new Map<string, Window>();
  readonly #hours = new Map<string, Hour>();
  readonly #running = new Map<string, number>();
  /** The most calls that any caller has had in flight. */
  mostAtOnce = 0;

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  /** Admits a call or throws GitHub's refusal. */
  admit(charge: Charge): Admission {
    const { caller, operation } = charge;
    const hour = this.#primary(charge);
    this.#secondary(charge);
    this.#enter(caller);
    return {
      headers: () => this.headers(caller, operation),
      refund: () => {
        hour.used -= 1;
      },
      release: () => this.#leave(caller),
    };
  }

  /** The x-ratelimit headers for what the caller has used so far. */
  headers(caller: string, operation: string): Record<string, string> {
    const resource = resourceOf(operation);
    const hour = this.#hour(caller, resource);
    return {
      'x-ratelimit-limit': `${hour.most}`,
      'x-ratelimit-remaining': `${Math.max(0, hour.most - hour.used)}`,
      'x-ratelimit-used': `${hour.used}`,
      'x-ratelimit-reset': resetAt(hour.startedMs + HOUR_MS),
      'x-ratelimit-resource': resource,
    };
  }

  /** A refusal of the primary limit, as GitHub words it when the hour is used up; the argument is the time until it ends. */
  primaryLimit(caller: string, operation: string, endsInMs?: number): ApiError {
    const spent = { 'x-ratelimit-remaining': '0' };
    const ends =
      endsInMs === undefined ? {} : { 'x-ratelimit-reset': resetAt(this.#clock.nowMs() + endsInMs) };
    const headers = { ...this.headers(caller, operation), ...spent, ...ends };
    return new ApiError(403, `API rate limit exceeded for ${caller}.`, { headers });
  }

  #hour(caller: string, resource: Resource): Hour {
    const key = `${caller}/${resource}`;
    const nowMs = this.#clock.nowMs();
    const known = this.#hours.get(key);
    if (known !== undefined && nowMs < known.startedMs + HOUR_MS) return known;
    const fresh = { startedMs: nowMs, used: 0, most: PRIMARY[resource] };
    this.#hours.set(key, fresh);
    return fresh;
  }

  #primary({ caller, operation, callsPerHour }: Charge): Hour {
    const resource = resourceOf(operation);
    const hour = this.#hour(caller, resource);
    if (resource === 'core') hour.most = callsPerHour ?? PRIMARY.core;
    if (hour.used >= hour.most) throw this.primaryLimit(caller, operation);
    hour.used += 1;
    return hour;
  }

  #secondary({ caller, operation, method, scope }: Charge): void {
    const points = method === 'GET' ? 1 : 5;
    this.#spend(`${caller}/${endpointOf(operation)}`, POINTS_PER_MINUTE, MINUTE_MS, points);
    if (operation === 'apps/create-installation-access-token') {
      this.#spend('tokens', TOKENS_PER_HOUR, HOUR_MS, 1);
    }
    if (operation.includes('generate-runner-jitconfig')) {
      this.#spend(`registrations/${scope}`, REGISTRATIONS.most, REGISTRATIONS.windowMs, 1);
    }
  }

  #spend(key: string, most: number, windowMs: number, points: number): void {
    const window = this.#windows.get(key) ?? new Window(most, windowMs);
    this.#windows.set(key, window);
    const waitMs = window.spend(points, this.#clock.nowMs());
    if (waitMs > 0) throw secondaryLimit(waitMs);
  }

  #enter(caller: string): void {
    const running = this.#running.get(caller) ?? 0;
    if (running >= CONCURRENT) throw secondaryLimit(MINUTE_MS);
    this.#running.set(caller, running + 1);
    this.mostAtOnce = Math.max(this.mostAtOnce, running + 1);
  }

  #leave(caller: string): void {
    this.#running.set(caller, (this.#running.get(caller) ?? 1) - 1);
  }
}
