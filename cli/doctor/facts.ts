import type { Policy } from '../../functions/core/policy.ts';
import type { DeliveryFact } from '../../functions/core/ports.ts';

/** What was read, or why it could not be. */
export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'failed'; readonly problem: string };

export interface AppFact {
  readonly slug: string;
  readonly owner: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** GitHub's clock less ours. */
  readonly clockSkewMs: number;
}

interface HookFact {
  readonly url: string | undefined;
  readonly contentType: string | undefined;
  readonly hasSecret: boolean;
}

export interface InstallationFact {
  readonly account: string;
  readonly isSuspended: boolean;
  /** `owner/name` of those that the App may see. */
  readonly repositories: readonly string[];
}

/** Everything that the doctor looks at, as data: one look, so that a diagnosis can be tested without a patient. */
export interface Facts {
  readonly nowMs: number;
  readonly webhookUrl: string;
  readonly parameterPath: string;
  readonly policy: Read<Policy>;
  /** Names below the parameter path that hold something. */
  readonly parameters: Read<ReadonlySet<string>>;
  readonly privateKey: 'sound' | 'unreadable' | 'unknown';
  readonly app: Read<AppFact>;
  readonly hook: Read<HookFact>;
  readonly installations: Read<readonly InstallationFact[]>;
  /** Of the runner group in runners.yml, in each organisation: its name, or why it cannot be used. */
  readonly runnerGroup: Read<string>;
  /** How the webhook answers a request without a signature. */
  readonly webhookAnswer: Read<{ readonly status: number; readonly message: string }>;
  /** The last hour's, newest first. */
  readonly deliveries: Read<readonly DeliveryFact[]>;
  readonly cluster: Read<{ readonly status: string; readonly providers: readonly string[] }>;
  readonly doubts: Read<{ readonly waiting: number; readonly dead: number }>;
  /** Of the last hour; `undefined` where no sweep wrote anything. */
  readonly sweep: Read<{ readonly lastAtMs: number; readonly lastErrors: readonly string[] } | undefined>;
  /** Refused and unknown launches of the last hour: the words of GitHub or AWS, by kind. */
  readonly refusals: ReadonlyMap<string, string>;
  /** How tasks of the last hour ended, and ECS's words for those that did not start. */
  readonly endings: ReadonlyMap<string, number>;
  readonly stoppedReasons: readonly string[];
  /** Errors of the functions in the last hour, newest first. */
  readonly errors: readonly string[];
  readonly waitingJobs: ReadonlyArray<{ readonly jobId: number; readonly queuedAtMs: number }>;
  /** Fargate vCPUs that may run at once; `undefined` where it was not asked. */
  readonly vcpuQuota: Read<number | undefined>;
}
