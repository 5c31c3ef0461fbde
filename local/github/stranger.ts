/**
 * Somebody who has installed the App too, outside the allow-list: his deliveries are GitHub's own, with its signature,
 * and he chooses the names of his runners and his labels.
 */
import { end, start } from '../../model/github/job.ts';
import type { WorldClock } from '../world/clock.ts';
import type { Accounts } from './accounts.ts';
import type { JobAction } from './actions-world.ts';
import type { Identifiers } from './identifiers.ts';
import { JobStore, noteTaker } from './job-store.ts';
import type { JobRecord } from './records.ts';

const OWNER = { login: 'stranger', id: 66_000_001, type: 'Organization' } as const;
const REPOSITORY = { id: 666_000_001, name: 'lab', private: true } as const;
export const STRANGER_REPOSITORY = `${OWNER.login}/${REPOSITORY.name}`;

/** What a stranger's delivery is to say. Without a runner's name it is not one of our runners. */
export interface StrangerRequest {
  readonly action: Exclude<JobAction, 'waiting'>;
  readonly runnerName?: string;
  readonly runnerId?: number;
  readonly labels?: readonly string[];
}

export class Stranger {
  readonly #accounts: Accounts;
  readonly #clock: WorldClock;
  /** Of his own: nobody finds these jobs in the API, as nobody here has to run them. */
  readonly #jobs: JobStore;
  #isInstalled = false;

  constructor(accounts: Accounts, clock: WorldClock, ids: Identifiers) {
    this.#accounts = accounts;
    this.#clock = clock;
    this.#jobs = new JobStore(clock, ids);
  }

  /** Installs the App at his organisation, the first time. */
  install(): void {
    if (!this.#isInstalled) this.#accounts.install({ owner: OWNER, repositories: [REPOSITORY] });
    this.#isInstalled = true;
  }

  /** A job of his in the state of which the delivery tells. */
  job({ action, labels = ['fargate'], runnerName = 'his-own', runnerId = 1 }: StrangerRequest): JobRecord {
    this.install();
    const { installation = { id: 0, owner: OWNER, repositories: [] } } =
      this.#accounts.byId(REPOSITORY.id) ?? {};
    const jobs = [{ name: 'theirs', labels, durationSeconds: 60 }];
    const run = this.#jobs.addRun({ repository: STRANGER_REPOSITORY, jobs }, installation, REPOSITORY);
    const [job] = run.jobs;
    if (job === undefined) throw new Error('a run was made without its job');
    const nowMs = this.#clock.nowMs();
    const taker = { id: runnerId, name: runnerName, group: { id: 1, name: 'Default' } };
    if (action === 'queued') return job;
    start(job, nowMs);
    noteTaker(job, taker, nowMs);
    if (action === 'in_progress') return job;
    end(job, nowMs);
    job.conclusion = 'success';
    return job;
  }
}
