/** What GitHub tells the App, and what it does not. */
import { departures, leavesAfterMs } from '../../model/github/deliveries.ts';
import { type Faults, isFault } from '../world/faults.ts';
import type { Accounts } from './accounts.ts';
import type { ActionsWorld, JobAction } from './actions-world.ts';
import type { Deliveries } from './deliveries.ts';
import type { GitHubDescription } from './openapi.ts';
import type { JobRecord } from './records.ts';
import type { Stranger, StrangerRequest } from './stranger.ts';
import type { AppRegistration, Delivery } from './types.ts';
import { jobEvent, pingEvent, withoutJob } from './webhooks.ts';

export interface TellerParts {
  readonly accounts: Accounts;
  readonly actions: ActionsWorld;
  readonly log: Deliveries;
  readonly stranger: Stranger;
  readonly faults: Faults;
  readonly description: GitHubDescription;
  readonly random: () => number;
  readonly apiUrl: () => string;
}

export class Teller {
  readonly #parts: TellerParts;

  constructor(parts: TellerParts) {
    this.#parts = parts;
  }

  /** The payload shows the job as it is now, however late it arrives. */
  tell(action: JobAction, job: JobRecord): void {
    if (!this.#isHeard(job)) return;
    const { log, faults, random } = this.#parts;
    const strikes = (fault: string) => isFault(fault) && faults.strikes(fault);
    for (const delayMs of departures(action, strikes, random))
      log.sendAfter(this.#event(action, job), delayMs);
    if (faults.strikes('stranger-webhook')) this.#nameOneOfOurs();
  }

  #event(action: JobAction, job: JobRecord) {
    return jobEvent(this.#parts.description, this.#parts.apiUrl(), action, job);
  }

  /** Nobody is told of what is gone, or of what the App does not reach. */
  #isHeard({ runId, repositoryId }: JobRecord): boolean {
    const { accounts, actions } = this.#parts;
    const { installation } = accounts.byId(repositoryId) ?? {};
    return installation !== undefined && !installation.isSuspended && actions.jobs.run(runId) !== undefined;
  }

  /** A stranger's runner claims the name of one of our live runners, if there is one. */
  #nameOneOfOurs(): void {
    const { actions, stranger, random, log } = this.#parts;
    const live = actions.runners.all();
    const named = live[Math.floor(random() * live.length)];
    if (named === undefined) return;
    const job = stranger.job({ action: 'in_progress', runnerName: named.name });
    log.sendAfter(this.#event('in_progress', job), leavesAfterMs(random));
  }

  ping(app: AppRegistration, nowMs: number): Promise<Delivery> {
    const { log, description, apiUrl } = this.#parts;
    const { id, url = '' } = log.hook;
    return log.send(pingEvent(description, apiUrl(), app, { id, url, nowMs }));
  }

  /** A stranger's genuine delivery, at once. */
  tellOfStranger(request: StrangerRequest): Promise<Delivery> {
    const { log, stranger } = this.#parts;
    return log.send(this.#event(request.action, stranger.job(request)));
  }

  /** A genuine delivery of which the job is null, at once (ubicloud#1287). */
  tellWithoutJob(job: JobRecord): Promise<Delivery> {
    return this.#parts.log.send(withoutJob(this.#event('queued', job)));
  }
}
