import { RequestError } from '@octokit/request-error';
import { MINUTE, type World } from '../world.ts';

/** 900 points a minute, 5 a write (docs.github.com, Rate limits for the REST API). */
const JIT_PER_MINUTE = 180;

/** What Octokit throws of an answer. */
export const requestError = (status: number, message: string, headers: Record<string, string> = {}) =>
  new RequestError(message, status, {
    request: { method: 'POST', url: 'https://github.test', headers: {} },
    response: { status, url: '', headers, data: {} } as never,
  });

/** GitHub's rate limits for an installation. */
export class Limits {
  readonly #jitCalls: number[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Any call of the installation, reads included: refused once the hour's budget is used up. */
  spend(): void {
    if (!this.#world.isDuring('primaryLimit')) return;
    const reset = String(Math.ceil(this.#world.endOf('primaryLimit') / 1000));
    throw this.#refuse({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
  }

  spendJitConfig(): void {
    this.spend();
    const { nowMs } = this.#world;
    const oldest = this.#jitCalls[this.#jitCalls.length - JIT_PER_MINUTE];
    if (oldest !== undefined && nowMs - oldest < MINUTE)
      throw this.#refuse({ 'retry-after': String(Math.ceil((oldest + MINUTE - nowMs) / 1000)) });
    if (this.#world.strikes('secondaryLimit')) throw this.#refuse({ 'retry-after': '60' });
    this.#jitCalls.push(nowMs);
  }

  #refuse(headers: Record<string, string>): Error {
    this.#world.counts.refused += 1;
    return requestError(403, 'You have exceeded a rate limit', headers);
  }
}
