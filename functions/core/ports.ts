import type { Launch, Scope } from './decide-launch.ts';
import type { JitConfigOutcome, RunTaskOutcome, SealOutcome } from './outcomes.ts';
import type { OrphanLook, Registration, TaskFact } from './plan-sweep.ts';
import type { TaskSize } from './policy.ts';

/** Whose token a call is made with. The id may be absent or wrong (runs-on#509): then it is looked up by owner. */
export interface Account {
  readonly owner: string;
  readonly ownerType: 'Organization' | 'User';
  readonly installationId: number | undefined;
}

export interface JitConfigRequest {
  readonly account: Account;
  readonly scope: Scope;
  readonly runnerName: string;
  readonly runnerGroupId: number;
  readonly labels: readonly string[];
}

/** One RunTask. `capacity` and `clientToken` differ between a launch and its fallback (rule 6). */
export interface RunTaskRequest {
  readonly launch: Launch;
  readonly runnerName: string;
  readonly runnerId: number;
  readonly sealedConfig: string;
  readonly size: TaskSize;
  readonly clientToken: string;
}

/** What a launch needs of the world. Each call is made once: no adapter retries or waits (rule 3). */
export interface LaunchPorts {
  createJitConfig(request: JitConfigRequest, signal: AbortSignal): Promise<JitConfigOutcome>;
  seal(encodedJitConfig: string, runnerName: string, signal: AbortSignal): Promise<SealOutcome>;
  runTask(request: RunTaskRequest, signal: AbortSignal): Promise<RunTaskOutcome>;
  /** Removes a registration by id; one that is gone already is a success. Throws ServiceError. */
  removeRunner(account: Account, scope: Scope, runnerId: number, signal?: AbortSignal): Promise<void>;
}

/** Whether a job still waits for a runner; asked only of an event that is old. Throws ServiceError. */
export interface JobPorts {
  isJobQueued(account: Account, repository: string, jobId: number, signal: AbortSignal): Promise<boolean>;
}

/** A place where registrations of ours may be. */
export interface RegistrationScope {
  readonly account: Account;
  readonly scope: Scope;
}

/** What a sweep needs of the world. All throw ServiceError. */
export interface SweepPorts {
  /** Tasks of this deployment that ECS still shows: live ones, and those stopped for an hour or so. */
  listTasks(): Promise<readonly TaskFact[]>;
  stopTask(taskArn: string, reason: string): Promise<void>;
  /** Organisations and repositories that the App is installed on and the policy allows. */
  listScopes(): Promise<readonly RegistrationScope[]>;
  listRegistrations(scope: RegistrationScope): Promise<readonly Registration[]>;
  removeRunner(account: Account, scope: Scope, runnerId: number): Promise<void>;
}

/** What a warm sweep remembers. Losing it costs time only: a look or a removal is made again. */
export interface SweepMemory {
  looks: readonly OrphanLook[];
  lastLookAtMs: number;
  settledTaskArns: ReadonlySet<string>;
}
