/** GitHub's refusals of calls beyond its limits (model/github/limits.ts), as its answers word them. */
import { type Call, type HourlyCall, Limits } from '../../model/github/limits.ts';
import type { WorldClock } from '../world/clock.ts';
import { ApiError } from './api-error.ts';

export interface Admission {
  /** What the caller has used until now, refunds included. */
  headers(): Readonly<Record<string, string>>;
  /** The call does not count against the hour after all: it was answered 304. */
  refund(): void;
  /** To be called when the call is over. */
  release(): void;
}

const resetAt = (epochMs: number): string => `${Math.ceil(epochMs / 1000)}`;

export const secondaryLimit = (retryAfterMs: number): ApiError =>
  new ApiError(
    403,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. For more on scraping GitHub and how it may affect your rights, please review our Terms of Service (https://docs.github.com/en/site-policy/github-terms/github-terms-of-service)',
    { headers: { 'retry-after': `${Math.max(1, Math.ceil(retryAfterMs / 1000))}` } },
  );

/** One limiter serves all callers. */
export class RateLimiter {
  readonly #clock: WorldClock;
  readonly #limits = new Limits();

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  /** The most calls that any caller has had in flight. */
  get mostAtOnce(): number {
    return this.#limits.mostAtOnce;
  }

  /** Admits a call or throws GitHub's refusal. */
  admit(call: Call): Admission {
    const nowMs = this.#clock.nowMs();
    const refusal = this.#limits.refusalOf(call, nowMs);
    if (refusal?.limit === 'primary') throw this.primaryLimit(call);
    if (refusal?.limit === 'secondary') throw secondaryLimit(refusal.waitMs);
    this.#limits.count(call, nowMs);
    this.#limits.enter(call);
    return {
      headers: () => this.headers(call),
      refund: () => this.#limits.refund(call, nowMs),
      release: () => this.#limits.leave(call),
    };
  }

  /** The x-ratelimit headers for what the caller has used until now. */
  headers(call: HourlyCall): Record<string, string> {
    const { resource, limit, used, resetsAtMs } = this.#limits.hourOf(call, this.#clock.nowMs());
    return {
      'x-ratelimit-limit': `${limit}`,
      'x-ratelimit-remaining': `${Math.max(0, limit - used)}`,
      'x-ratelimit-used': `${used}`,
      'x-ratelimit-reset': resetAt(resetsAtMs),
      'x-ratelimit-resource': resource,
    };
  }

  /** A refusal of the primary limit, as GitHub words it when the hour is used up; `endsInMs`: the time until it ends. */
  primaryLimit(call: HourlyCall, endsInMs?: number): ApiError {
    const spent = { 'x-ratelimit-remaining': '0' };
    const ends =
      endsInMs === undefined ? {} : { 'x-ratelimit-reset': resetAt(this.#clock.nowMs() + endsInMs) };
    const headers = { ...this.headers(call), ...spent, ...ends };
    return new ApiError(403, `API rate limit exceeded for ${call.caller}.`, { headers });
  }
}
