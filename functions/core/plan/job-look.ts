import type { Repository } from '../job/repository.ts';
import type { JobFact } from '../task/facts.ts';

/** What GitHub's last answer said of an installation's hour of REST calls (docs.github.com, Rate limits for the REST API). */
export interface CallBudget {
  /** Calls in an hour: 5,000 to 15,000. */
  readonly limit: number;
  readonly remaining: number;
  /** When the hour ends, epoch milliseconds. */
  readonly resetsAtMs: number;
}

/** One look at a repository's jobs, within a budget of calls and of time. */
export interface JobLookRequest {
  readonly repository: Repository;
  /** Jobs that deliveries named: read first, one call each. */
  readonly jobIds: readonly number[];
  /** True: nothing but the named jobs is read. */
  readonly isNamedOnly: boolean;
  /** The run after which the last look ended: this one continues there. */
  readonly resumeAfterRunId: number | undefined;
  /** Calls at most; a call that is answered 304 (not modified) is free and does not count. */
  readonly mostReads: number;
  /** Aborted when the look's time is over: what was read by then is returned. */
  readonly signal: AbortSignal;
}

/** What one look has seen. A queued job that was read may be launched; what is absent proves nothing unless `isWhole`. */
export interface JobLook {
  readonly jobs: readonly JobFact[];
  /** True where every active run was listed and its jobs were read. */
  readonly isWhole: boolean;
  /** Where the next look continues; `undefined` where this one reached the end of the list. */
  readonly resumeAfterRunId: number | undefined;
  /** Calls that GitHub counted. */
  readonly reads: number;
  /** Records that were left out because they are not of the documented form. */
  readonly malformedRecords: number;
  /** Why the look is not whole, where a call failed: the error's own words. */
  readonly problem: string | undefined;
}

/** A poll of a repository for which no job is known: whether it has queued or running work. */
export interface RepositoryPoll {
  /** True where a run that may hold queued jobs was listed. */
  readonly hasActiveRuns: boolean;
  /** False where GitHub answered 304 (not modified), which it does not count. */
  readonly isCounted: boolean;
}
