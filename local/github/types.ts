/** The embedded GitHub's own vocabulary: what it knows about owners, repositories, jobs and runners. */

import type { WorldClock } from '../world/clock.ts';
import type { Faults } from '../world/faults.ts';
import type { Ledger } from '../world/ledger.ts';
import type { KeyPool } from './jit-config.ts';
import type { JobDefinition } from './service/definition.ts';

export interface Owner {
  readonly login: string;
  readonly id: number;
  readonly type: 'Organization' | 'User';
}

export interface Repository {
  readonly id: number;
  readonly name: string;
  readonly private: boolean;
  readonly isArchived?: boolean;
  /** `owner/name` that it had before it was renamed or transferred. */
  readonly formerNames?: readonly string[];
}

/** A runner group of an organisation. Without `repositories` it is open to all of them. */
export interface RunnerGroup {
  readonly id: number;
  readonly name: string;
  readonly repositories?: readonly string[];
}

export type Permissions = Readonly<Record<string, 'read' | 'write' | 'admin'>>;

/** The App on an owner. */
export interface Installation {
  readonly id: number;
  readonly owner: Owner;
  readonly repositories: readonly Repository[];
  /** Default: group 1, `Default`, open to all repositories. */
  readonly runnerGroups?: readonly RunnerGroup[];
  /** Default: what the product asks for (GH-51). */
  readonly permissions?: Permissions;
  readonly isSuspended?: boolean;
  /** Calls that GitHub answers in an hour. Default: 5,000 (docs.github.com: Rate limits for the REST API). */
  readonly callsPerHour?: number;
}

export interface AppRegistration {
  readonly id: number;
  readonly publicKeyPem: string;
  readonly slug?: string;
  /** Whose it is, installed or not. Default: the first installation's owner. */
  readonly owner?: Owner;
  /** Default: what the product asks for. */
  readonly permissions?: Permissions;
  readonly events?: readonly string[];
}

export interface GitHubOptions {
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly webhookUrl?: string;
  readonly webhookSecret: string;
  readonly app: AppRegistration;
  readonly installations: readonly Installation[];
  readonly port?: number;
  /** Keys for JIT configs, shared by the worlds of one process; otherwise the world makes its own. */
  readonly keys?: KeyPool;
  /** Returns 0 (inclusive) to 1 (exclusive); seeded, it makes every choice of this world repeatable. */
  readonly random?: () => number;
  /**
   * The least real time, in milliseconds, that a limit on a listener's behaviour is given (60 s to pick up a
   * job, the lease, the silence after which it is offline). Processes do not start faster on a clock that does not wait for them.
   */
  readonly patienceMs?: number;
  /** How long a webhook's receiver may take: GitHub gives it 10 s. */
  readonly deliveryLimitMs?: number;
  /** The longest that the broker holds a poll, in real milliseconds: 25 s, below the listener's own limit. */
  readonly pollMs?: number;
  /** Told what the listeners that name themselves do. */
  readonly polls?: (listener: string, state: PollState) => void;
  /** A folder with `owner/name` for each action that `uses:` may name: see service/action-store.ts. */
  readonly actions?: string;
  /** A folder with `owner/name` for each repository that a job may check out: see service/repositories.ts. */
  readonly repositories?: string;
  /** https and wss, by an authority of its own: see `caPem` of the world. */
  readonly tls?: boolean;
}

/** A listener's poll hangs with nothing to do, or beside a job, or was answered. */
export type PollState = 'idle' | 'busy' | 'answered';

type JobStatus = 'waiting' | 'queued' | 'in_progress' | 'completed';
export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface JobRequest {
  readonly name: string;
  readonly labels: readonly string[];
  /** How long the job runs, in world seconds. */
  readonly durationSeconds: number;
  /** How the job is to end; `success` if not said. */
  readonly result?: 'success' | 'failure';
  /** An environment whose approval the job waits for: see `approveJob`. */
  readonly environment?: string;
  /** False: the environment has no protection rules, and the job is queued at once. */
  readonly needsApproval?: boolean;
  /** The runner group that it asks for, by name. Default: any. */
  readonly group?: string;
  /** Its failure does not fail the run. */
  readonly continueOnError?: boolean;
  /** What it runs. Without one it sleeps for its duration, and ends with its result. */
  readonly definition?: JobDefinition;
}

export interface RunRequest {
  /** `owner/name`. */
  readonly repository: string;
  readonly jobs: readonly JobRequest[];
  readonly workflow?: string;
  /** `strategy.max-parallel`: at most this many of its jobs are given to runners at a time. Default: all. */
  readonly maxParallel?: number;
  /** Where it comes from. Default: a push of a new commit to `main`, and `ci.yml`. */
  readonly origin?: RunOrigin;
  /** Queued this many days ago and forgotten by GitHub: silent, given to nobody, never ended (runner#3872). */
  readonly forgottenDays?: number;
}

export interface RunOrigin {
  readonly event: string;
  /** `refs/heads/main` */
  readonly ref: string;
  /** Default: a new commit. */
  readonly sha?: string;
  /** `.github/workflows/ci.yml` */
  readonly path: string;
}

/** A workflow job as everybody may see it. */
export interface Job {
  readonly id: number;
  readonly runId: number;
  readonly runAttempt: number;
  readonly repository: string;
  readonly repositoryId: number;
  readonly name: string;
  readonly workflow: string;
  readonly labels: readonly string[];
  readonly durationSeconds: number;
  readonly result: 'success' | 'failure';
  readonly environment: string | null;
  readonly status: JobStatus;
  readonly conclusion: Conclusion | null;
  /** The first error annotation of its check run: why it failed, in the runner's words or GitHub's. */
  readonly annotation: string | null;
  readonly queuedAtMs: number;
  readonly startedAtMs: number | null;
  readonly completedAtMs: number | null;
  readonly runnerId: number | null;
  readonly runnerName: string | null;
  readonly runnerGroupId: number | null;
  readonly runnerGroupName: string | null;
  /** How often the job was given to a runner; more than 1: an assignment was lost. */
  readonly assignments: number;
}

type RunnerStatus = 'offline' | 'idle' | 'busy';

/** A runner as everybody may see it. */
export interface Runner {
  readonly id: number;
  readonly name: string;
  /** `owner` for an organisation's runner, `owner/name` for a repository's. */
  readonly scope: string;
  readonly groupId: number;
  readonly labels: readonly string[];
  readonly status: RunnerStatus;
  readonly jobId: number | null;
  readonly createdAtMs: number;
  /** The installation that asked for its JIT config. */
  readonly installationId: number;
}

export type RunnerChange = 'registered' | 'connected' | 'assigned' | 'busy' | 'offline' | 'removed';

export interface RunnerEvent {
  readonly change: RunnerChange;
  readonly runner: Runner;
  /** Why it was removed. */
  readonly reason?: string;
}

/** One webhook call as GitHub's log keeps it. Ids have 19 digits (octokit/request.js#797): a bigint here. */
export interface Delivery {
  readonly id: bigint;
  readonly guid: string;
  readonly deliveredAtMs: number;
  readonly redelivery: boolean;
  readonly durationSeconds: number;
  readonly status: string;
  readonly statusCode: number;
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** The very text that was signed and sent. */
  readonly payload: string;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: string;
  /** The job it is about, if any. */
  readonly jobId: number | null;
}

/** What a world tells those who look on. */
export interface GitHubEvents {
  /** A job's state has changed. */
  job: [Job];
  runner: [RunnerEvent];
  /** A webhook call has ended, one way or the other. */
  delivery: [Delivery];
}
