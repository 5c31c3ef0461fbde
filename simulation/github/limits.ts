import { RequestError } from '@octokit/request-error';
import type { CallBudget } from '../../functions/core/plan/job-look.ts';
import { type Call, Limits as Model } from '../../model/github/limits.ts';
import type { World } from '../world.ts';

/** What Octokit throws of an answer. */
export const requestError = (status: number, message: string, headers: Record<string, string> = {}) =>
  new RequestError(message, status, {
    request: { method: 'POST', url: 'https://github.test', headers: {} },
    response: { status, url: '', headers, data: {} } as never,
  });

/** GitHub's rate limits, each installation's its own. */
export class Limits {
  readonly #model = new Model();
  readonly #world: World;
  /** The most calls that an installation made in an hour. */
  mostInAnHour = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A call of the installation, reads included: refused once the hour's budget is used up. */
  spend(owner: string, operation: string, method = 'GET'): void {
    const call = this.#call(owner, operation, method);
    this.#check(call);
    this.#model.count(call, this.#world.nowMs);
    this.mostInAnHour = Math.max(this.mostInAnHour, this.#model.hourOf(call, this.#world.nowMs).used);
  }

  /** As the headers of an answer have it. */
  budgetOf(owner: string): CallBudget {
    const world = this.#world;
    const { limit, used, resetsAtMs } = this.#model.hourOf(this.#call(owner, 'runs'), world.nowMs);
    return world.isDuring('github-primary-limit')
      ? { limit, remaining: 0, resetsAtMs: world.endOf('github-primary-limit') }
      : { limit, remaining: limit - used, resetsAtMs };
  }

  spendJitConfig(owner: string, scope: string): void {
    const call = { ...this.#call(owner, 'actions/generate-runner-jitconfig', 'POST'), scope };
    this.#check(call);
    if (this.#world.strikes('github-secondary-limit')) throw this.#refuse({ 'retry-after': '60' });
    this.#model.count(call, this.#world.nowMs);
  }

  #call(caller: string, operation: string, method = 'GET'): Call {
    const { callsPerHour } = this.#world.workload;
    return { caller, operation, method, scope: caller, ...(callsPerHour !== undefined && { callsPerHour }) };
  }

  #check(call: Call): void {
    const world = this.#world;
    if (world.isDuring('github-primary-limit')) throw this.#overTheHour(world.endOf('github-primary-limit'));
    const refusal = this.#model.refusalOf(call, world.nowMs);
    if (refusal?.limit === 'secondary')
      throw this.#refuse({ 'retry-after': String(Math.ceil(refusal.waitMs / 1000)) });
    if (refusal === undefined) return;
    world.violate('over the hour', `${call.caller} asks for more calls than its hour has`);
    throw this.#overTheHour(world.nowMs + refusal.waitMs);
  }

  #overTheHour(resetsAtMs: number): Error {
    const reset = String(Math.ceil(resetsAtMs / 1000));
    return this.#refuse({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
  }

  #refuse(headers: Record<string, string>): Error {
    this.#world.counts.refused += 1;
    this.#world.counts.refusedByGitHub += 1;
    return requestError(403, 'You have exceeded a rate limit', headers);
  }
}
