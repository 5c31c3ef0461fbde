import { RequestError } from '@octokit/request-error';
import type { CallBudget } from '../../functions/core/plan/job-look.ts';
import { MINUTE, type World } from '../world.ts';

/** 900 points a minute, 5 a write (docs.github.com, Rate limits for the REST API). */
const JIT_PER_MINUTE = 180;
/** The least that an installation has (docs.github.com, as above). */
const CALLS_PER_HOUR = 5_000;
const HOUR = 60 * MINUTE;

/** What Octokit throws of an answer. */
export const requestError = (status: number, message: string, headers: Record<string, string> = {}) =>
  new RequestError(message, status, {
    request: { method: 'POST', url: 'https://github.test', headers: {} },
    response: { status, url: '', headers, data: {} } as never,
  });

interface Hour {
  startedMs: number;
  used: number;
}

/** GitHub's rate limits, each installation's its own. */
export class Limits {
  readonly #jitCalls = new Map<string, number[]>();
  readonly #hours = new Map<string, Hour>();
  readonly #world: World;
  /** The most calls that an installation made in an hour. */
  mostInAnHour = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A call of the installation, reads included: refused once the hour's budget is used up. */
  spend(owner: string): void {
    const world = this.#world;
    if (world.isDuring('github-primary-limit')) {
      const reset = String(Math.ceil(world.endOf('github-primary-limit') / 1000));
      throw this.#refuse({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
    }
    const hour = this.#hour(owner);
    if (hour.used >= this.#most) {
      world.violate('over the hour', `${owner} asks for more than ${this.#most} calls`);
      const reset = String(Math.ceil((hour.startedMs + HOUR) / 1000));
      throw this.#refuse({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
    }
    hour.used += 1;
    this.mostInAnHour = Math.max(this.mostInAnHour, hour.used);
  }

  /** As the headers of an answer have it. */
  budgetOf(owner: string): CallBudget {
    const world = this.#world;
    if (world.isDuring('github-primary-limit'))
      return { limit: this.#most, remaining: 0, resetsAtMs: world.endOf('github-primary-limit') };
    const { used, startedMs } = this.#hour(owner);
    return { limit: this.#most, remaining: this.#most - used, resetsAtMs: startedMs + HOUR };
  }

  /** JIT configs have an hour of their own, which nothing here uses up. */
  spendJitConfig(owner: string): void {
    if (this.#world.isDuring('github-primary-limit')) this.spend(owner);
    const { nowMs } = this.#world;
    const calls = this.#jitCalls.get(owner) ?? [];
    this.#jitCalls.set(owner, calls);
    const oldest = calls[calls.length - JIT_PER_MINUTE];
    if (oldest !== undefined && nowMs - oldest < MINUTE)
      throw this.#refuse({ 'retry-after': String(Math.ceil((oldest + MINUTE - nowMs) / 1000)) });
    if (this.#world.strikes('github-secondary-limit')) throw this.#refuse({ 'retry-after': '60' });
    calls.push(nowMs);
  }

  get #most(): number {
    return this.#world.workload.callsPerHour ?? CALLS_PER_HOUR;
  }

  #hour(owner: string): Hour {
    const { nowMs } = this.#world;
    const known = this.#hours.get(owner);
    if (known !== undefined && nowMs < known.startedMs + HOUR) return known;
    const fresh = { startedMs: nowMs, used: 0 };
    this.#hours.set(owner, fresh);
    return fresh;
  }

  #refuse(headers: Record<string, string>): Error {
    this.#world.counts.refused += 1;
    this.#world.counts.refusedByGitHub += 1;
    return requestError(403, 'You have exceeded a rate limit', headers);
  }
}
