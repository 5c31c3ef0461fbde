import type { Policy } from '../../functions/core/job/policy.ts';
import type { DeliveryFact } from '../../functions/core/ports.ts';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { TaskStop } from '../../functions/core/words/stop-causes.ts';
import type { Look, Read } from './read.ts';

/** Everything that the doctor looks at, as data: one look, so that a diagnosis can be tested without a patient. */
export interface Facts extends AccountFacts, AppFacts, WebhookFacts, LaunchFacts, RecordFacts {
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** The account, the stack, and its functions. */
export interface AccountFacts {
  readonly identity: Look<{ readonly arn: string; readonly region: string }>;
  readonly stack: Look<{ readonly status: string; readonly reason: string | undefined }>;
  readonly functions: Look<readonly FunctionFact[]>;
  /** Whether reconcile is fed by its queue: the state of its event source, `undefined` where it has none. */
  readonly eventSource: Look<string | undefined>;
  /** How many functions of the account may run at once in this region. */
  readonly concurrency: Look<number>;
  /** vCPUs that may run at once on Fargate. */
  readonly vcpuQuotas: Look<{ readonly onDemand: number; readonly spot: number }>;
  /** Whether Parameter Store's higher throughput is switched on in this region. */
  readonly hasParameterThroughput: Look<boolean>;
  /** What a role may not do that it must, by simulation. */
  readonly denied: Look<readonly string[]>;
}

export interface FunctionFact {
  /** As in serverless.yml. */
  readonly name: string;
  /** `Active`, `Inactive`, ...; `undefined` where there is no such function. */
  readonly state: string | undefined;
  /** `Successful`, `Failed`, `InProgress`. */
  readonly lastUpdate: string | undefined;
  /** Closed by a removal: it answers nobody. */
  readonly isClosed: boolean;
}

/** The policy, the App, and where it is installed. */
export interface AppFacts {
  readonly parameterPath: string;
  readonly policy: Read<Policy>;
  /** Names below the parameter path that hold something. */
  readonly parameters: Read<ReadonlySet<string>>;
  readonly privateKey: 'sound' | 'unreadable' | 'unknown';
  /** GitHub's clock less ours, by the head of any answer. */
  readonly clockSkewMs: Look<number>;
  readonly app: Read<AppFact>;
  readonly hook: Read<HookFact>;
  readonly installations: Read<readonly InstallationFact[]>;
  /** Names in runners.yml that repositories do not have any more. */
  readonly renamed: Look<readonly RenamedRepository[]>;
  /** The runner group of runners.yml in each organisation; none where runners register at repositories. */
  readonly runnerGroups: Look<readonly RunnerGroupFact[]>;
  readonly webhookUrl: string;
}

export interface AppFact {
  readonly slug: string;
  /** Its page at GitHub: `/apps/SLUG`, on an Enterprise Server `/github-apps/SLUG`. */
  readonly path: string;
  readonly owner: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
}

interface HookFact {
  readonly url: string | undefined;
  readonly contentType: string | undefined;
  readonly hasSecret: boolean;
}

export interface InstallationFact {
  readonly account: string;
  readonly isOrganization: boolean;
  readonly isSuspended: boolean;
  /** What was accepted: a permission that the App asks for since does not count before. */
  readonly permissions: Readonly<Record<string, string>>;
  /** Those that the App may see; `fullName` is `owner/name`. */
  readonly repositories: ReadonlyArray<{
    readonly id: number;
    readonly fullName: string;
    readonly isPublic: boolean;
  }>;
}

/** A repository that was renamed or transferred since `name` was put into runners.yml. */
export interface RenamedRepository {
  readonly name: string;
  /** `undefined` where the App is not installed on where it is now. */
  readonly newName: string | undefined;
}

export interface RunnerGroupFact {
  readonly account: string;
  readonly name: string;
  readonly allowsPublic: boolean;
  /** `owner/name` of those it is open to; `undefined` where it is open to all. */
  readonly repositories: readonly string[] | undefined;
}

/** How the webhook answers, and what GitHub says of it. */
export interface WebhookFacts {
  /** A request without a signature. */
  readonly webhookAnswer: Read<WebhookAnswer>;
  /** A ping that is signed with the stored secret. */
  readonly signedAnswer: Look<WebhookAnswer>;
  /** The last hour's of workflow_job, newest first. */
  readonly deliveries: Read<readonly DeliveryFact[]>;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly message: string;
}

/** What a task is started with and where. */
export interface LaunchFacts {
  readonly cluster: Read<{ readonly status: string; readonly providers: readonly string[] }>;
  /** The images of the task definitions, each once. */
  readonly images: Look<readonly ImageFact[]>;
  readonly runnerVersion: Look<RunnerVersionFact>;
  readonly network: Look<NetworkFact>;
}

export interface ImageFact {
  readonly name: string;
  /** What its registry says; `undefined` of a registry that asks for credentials. */
  readonly isThere: boolean | undefined;
}

/** By the image's tag; a version that no tag names is not judged. */
export interface RunnerVersionFact {
  readonly version: string | undefined;
  /** When GitHub no longer gives it jobs, and no longer registers it; epoch milliseconds. */
  readonly endsAtMs: number | undefined;
}

export interface NetworkFact {
  readonly assignsPublicIp: boolean;
  /** They are in the tasks' subnets too (functionsInVpc), and never have a public address. */
  readonly areFunctionsInside: boolean;
  /** Tasks are told a proxy (httpProxy). */
  readonly hasProxy: boolean;
  readonly subnets: ReadonlyArray<{
    readonly subnetId: string;
    /** Where its route to the internet leads; `missing` where the subnet is gone. */
    readonly wayOut: 'internet-gateway' | 'nat' | 'other' | 'none' | 'missing';
  }>;
  /** Security groups that let nothing out by HTTPS. */
  readonly closedGroups: readonly string[];
}

/** What the last hour was like. */
export interface RecordFacts {
  readonly doubts: Read<{ readonly waiting: number; readonly dead: number }>;
  /** `undefined` where no sweep wrote anything. */
  readonly sweep: Look<{ readonly lastAtMs: number; readonly lastErrors: readonly string[] } | undefined>;
  /** Refused and unknown launches: the words of GitHub or AWS, by kind. */
  readonly refusals: ReadonlyMap<string, string>;
  /** How tasks ended, and what ECS says of it. */
  readonly endings: ReadonlyMap<TaskEnding, number>;
  readonly stops: readonly TaskStop[];
  /** Errors of the functions, newest first. */
  readonly errors: readonly string[];
  readonly waitingJobs: ReadonlyArray<{ readonly jobId: number; readonly queuedAtMs: number }>;
}
