import type { PartialListing } from '../kit/partial-listing.ts';
import type { Terms } from './job/policy.ts';
import type { Account, Repository, Scope } from './job/repository.ts';
import type { Launch } from './plan/decide-launch.ts';
import type { Doubt } from './plan/doubt.ts';
import type { CallBudget, JobLook, JobLookRequest, RepositoryPoll } from './plan/job-look.ts';
import type { RerunTarget, RunOfJob } from './plan/plan-rerun.ts';
import type { Registration } from './plan/plan-sweep.ts';
import type { JobFact, TaskFact } from './task/facts.ts';
import type { JitConfigOutcome, RerunOutcome, RunTaskOutcome, SealOutcome } from './words/outcomes.ts';

export interface JitConfigRequest {
  readonly account: Account;
  readonly scope: Scope;
  readonly runnerName: string;
  readonly runnerGroup: Terms['runnerGroup'];
  readonly labels: readonly string[];
}

/** One RunTask. The runner's name is its `startedBy` and its `clientToken` (rule 1). */
export interface RunTaskRequest {
  readonly launch: Launch;
  readonly runnerName: string;
  readonly runnerId: number;
  readonly sealedConfig: string;
}

/** What a launch needs of the world. No adapter retries or waits (rule 3). */
export interface LaunchPorts {
  createJitConfig(request: JitConfigRequest, signal: AbortSignal): Promise<JitConfigOutcome>;
  seal(encodedJitConfig: string, runnerName: string, signal: AbortSignal): Promise<SealOutcome>;
  runTask(request: RunTaskRequest, signal: AbortSignal): Promise<RunTaskOutcome>;
  /** Removes a registration by id; one that is gone already is a success. Throws ServiceError. */
  removeRunner(account: Account, scope: Scope, runnerId: number, signal?: AbortSignal): Promise<void>;
  /** Ends early, without an error, when aborted. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

/** Puts a repository into the doubt queue. Throws ServiceError: then nothing is known to be kept. */
export interface DoubtPort {
  doubt(doubt: Doubt, signal?: AbortSignal): Promise<void>;
}

/** What the beginning and the end of a job on one of our runners need (rules 19 and 23). All throw ServiceError. */
export interface MarkPorts extends DoubtPort {
  /** The task that a runner's name stands for; `undefined` when ECS shows none. */
  findTask(runnerName: string, signal?: AbortSignal): Promise<TaskFact | undefined>;
  markTask(taskArn: string, jobId: number, signal?: AbortSignal): Promise<void>;
  /** Notes on a task when its job was heard to be over, epoch milliseconds. */
  noteJobOver(taskArn: string, atMs: number): Promise<void>;
}

/** What a look at one job needs. All throw ServiceError. */
export interface LookPorts {
  /** `undefined` where GitHub shows no such job. */
  readJob(repository: Repository, jobId: number, signal: AbortSignal): Promise<JobFact | undefined>;
  /** As a sweep's `listTasks`; `undefined` where there are more than can be read in a delivery's time. */
  listFewTasks(signal: AbortSignal): Promise<readonly TaskFact[] | undefined>;
}

export interface SettlePorts extends DoubtPort {
  removeRunner(account: Account, scope: Scope, runnerId: number): Promise<void>;
}

/** What starting a run again needs (rule 26). The reads throw ServiceError. */
export interface RerunPorts {
  /** The run of a job, with its jobs where it is over; `undefined` where GitHub shows no such job. */
  readRunOf(repository: Repository, jobId: number, signal: AbortSignal): Promise<RunOfJob | undefined>;
  /** Environments that a run has deployed to, in lower case; `undefined` where that cannot be told. */
  listDeployedTo(
    repository: Repository,
    run: RunOfJob,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined>;
  /** One call, with a token for it and for this repository alone. */
  rerun(repository: Repository, target: RerunTarget, signal: AbortSignal): Promise<RerunOutcome>;
}

export interface ReconcilePorts extends LaunchPorts, DoubtPort, RerunPorts {
  /** Jobs of the repository's active runs (rule 13), as many as its budget allows. Throws ServiceError where none could be read. */
  lookAtJobs(request: JobLookRequest): Promise<JobLook>;
  /** What its last answer said of the installation's hour; `undefined` before there was one. */
  budgetOf(account: Account): CallBudget | undefined;
  /** A signal that is aborted with the given one, or after this many milliseconds. */
  endWithin(milliseconds: number, signal: AbortSignal): AbortSignal;
  /** As a sweep's. */
  listTasks(): Promise<readonly TaskFact[]>;
  /** Epoch milliseconds. */
  now(): number;
}

/** A delivery in GitHub's own list. Ids have 19 digits: text (GH-8). */
export interface DeliveryFact {
  readonly id: string;
  readonly guid: string;
  readonly deliveredAtMs: number;
  readonly isRedelivery: boolean;
  readonly statusCode: number;
  readonly event: string;
  readonly action: string | undefined;
  /** Absent for events that are no repository's. */
  readonly repositoryId: number | undefined;
  readonly installationId: number | undefined;
}

/** A place where our registrations may be. */
export interface RegistrationScope {
  readonly account: Account;
  readonly scope: Scope;
}

/** What a sweep needs of the world. All throw ServiceError. */
export interface SweepPorts extends DoubtPort {
  /** Tasks of this deployment that ECS still shows: live ones, and those stopped for an hour or so. */
  listTasks(): Promise<readonly TaskFact[]>;
  stopTask(taskArn: string, reason: string): Promise<void>;
  /** Organisations and repositories that the App is installed on and the policy allows. */
  listScopes(): Promise<PartialListing<RegistrationScope>>;
  listRegistrations(scope: RegistrationScope): Promise<readonly Registration[]>;
  removeRunner(account: Account, scope: Scope, runnerId: number): Promise<void>;
  /** The newest deliveries, unfiltered, not older than so (rule 22). */
  listDeliveries(sinceMs: number, signal: AbortSignal): Promise<readonly DeliveryFact[]>;
  redeliver(deliveryId: string, signal: AbortSignal): Promise<void>;
  /** Every repository that is allowed, installed and not archived. */
  listRepositories(): Promise<PartialListing<Repository>>;
  /** One conditional request: whether a repository has active runs. */
  pollRepository(repository: Repository, status: PollStatus, signal: AbortSignal): Promise<RepositoryPoll>;
  budgetOf(account: Account): CallBudget | undefined;
  now(): number;
  /** A signal that is aborted with the given one, or after this many milliseconds. */
  endWithin(milliseconds: number, signal: AbortSignal): AbortSignal;
  /** From when on GitHub refuses the image's runner, epoch milliseconds; `undefined` where that is not known. */
  readVersionEnd(): Promise<number | undefined>;
}

/** Runs in any status, or in one: old runs stand beyond the first page of all of them. */
export type PollStatus = 'any' | 'queued' | 'in_progress' | 'waiting' | 'pending';
