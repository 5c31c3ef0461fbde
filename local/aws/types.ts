import type { Tag, Task } from '@aws-sdk/client-ecs';
import type { Boot } from '../../model/ecs/times.ts';
import type { WorldClock } from '../world/clock.ts';
import type { Faults } from '../world/faults.ts';
import type { Ledger } from '../world/ledger.ts';
import type { Account } from './account/account.ts';
import type { MetricStore } from './cloudwatch.ts';
import type { Architecture, Sidecar } from './ecs/definitions.ts';
import type { TaskStateChangeEvent } from './ecs/event.ts';
import type { Stream, TaskCommand } from './ecs/process.ts';
import type { LogLine, StatusAt } from './ecs/task.ts';
import type { AwsCall } from './iam/needs.ts';
import type { AccessKey } from './keyring.ts';
import type { LogStore } from './logs.ts';
import type { QueueSettings } from './sqs/queue.ts';
import type { ParameterStore } from './ssm.ts';

/** What a deployment has for jobs with Docker (infra/docker.yml). */
export interface DockerCapacity {
  readonly sidecars: readonly Sidecar[];
  /** Of the container `runner`, and stronger than that of every task. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long the provider keeps an instance without a task. */
  readonly scaleInAfterSeconds: number;
}

export interface AwsOptions {
  readonly clock: WorldClock;
  readonly faults: Faults;
  readonly ledger: Ledger;
  /** Names of the stack's resources, and the `stack` of KMS encryption contexts: `oneshot-dev`. */
  readonly stack: string;
  readonly region?: string;
  readonly account?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** What a task runs when it is RUNNING; null for a task that lives until it is stopped. */
  readonly taskCommand: (task: WorldTask) => TaskCommand | Promise<TaskCommand> | null;
  /** The environment of both task definitions. */
  readonly taskEnvironment: Readonly<Record<string, string>>;
  /** Defaults of the task definitions. `stopTimeoutSeconds`: 120, the most that Fargate allows. */
  readonly taskDefinition?: {
    readonly cpu?: number;
    readonly memoryMib?: number;
    readonly image?: string;
    readonly stopTimeoutSeconds?: number;
    readonly tags?: readonly Tag[];
  };
  /** Of a deployment with Docker: its provider and its task definitions are there from the start. */
  readonly docker?: DockerCapacity | undefined;
  /** How many processes may be starting at once, to spare the machine. Default 8. */
  readonly maximumProcesses?: number;
  readonly boot?: Partial<Boot>;
  /** Settings of the doubt queue besides its name and dead-letter queue. */
  readonly doubtQueue?: Omit<QueueSettings, 'name' | 'redrive'>;
  /** Receives after which a doubt goes to the dead-letter queue. Default 5. */
  readonly maximumReceives?: number;
  /** Further queues. */
  readonly queues?: readonly Omit<QueueSettings, 'redrive'>[];
  /** 0 to 1: decides boot times. Default: seeded, the same in each world. */
  readonly random?: () => number;
}

/** A task with everything that the world knows of it. */
export interface WorldTask {
  readonly arn: string;
  readonly id: string;
  readonly startedBy: string | undefined;
  readonly architecture: Architecture;
  /** Environment of the override, without the task definition's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly exitCode: number | undefined;
  readonly stopCode: string | undefined;
  readonly stoppedReason: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly lifecycle: readonly StatusAt[];
  /** The last 500 lines. */
  readonly lines: readonly LogLine[];
  /** As DescribeTasks shows it. */
  readonly task: Task;
}

export interface WorldQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  depth(): { visible: number; delayed: number; inFlight: number };
  /** Resolves when a message may have become receivable, or after this long. */
  readonly waitForMessage: (worldMs: number) => Promise<void>;
}

export interface AwsEvents {
  'task-state-change': [TaskStateChangeEvent];
  /** A call whose signature was good, whatever came of it. */
  call: [AwsCall];
  'task-log': [{ readonly arn: string; readonly stream: Stream; readonly line: string }];
}

export type Credentials = Omit<AccessKey, 'principal' | 'expiresAtMs'>;

export interface AwsWorld {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly region: string;
  readonly account: string;
  readonly keyArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArns: Readonly<Record<Architecture, string>>;
  /** Empty in a deployment without Docker. */
  readonly dockerTaskDefinitionArns: Readonly<Partial<Record<Architecture, string>>>;
  readonly queues: { readonly doubts: WorldQueue; readonly deadLetters: WorldQueue };
  /** One of the queues by its name. */
  queue(name: string): WorldQueue;
  /** Of the functions' role. */
  readonly credentials: Required<Credentials>;
  /** A session of the role of one function, by its name in serverless.yml. */
  credentialsOf(functionName: string): Required<Credentials>;
  /** Of an administrator: for the world's own errands, and for looking around. */
  readonly operatorCredentials: Credentials;
  /** Of the person who deploys, sets up and runs `oneshot`: allowed what `accountState.deployerPolicy` allows. */
  readonly deployerCredentials: Credentials;
  readonly parameters: Omit<ParameterStore, 'service'>;
  readonly logs: Omit<LogStore, 'service'>;
  readonly metrics: Omit<MetricStore, 'service'>;
  /** Stack, functions, quotas, network: as somebody left them. */
  readonly accountState: Account;
  /** All tasks there ever were, oldest first. */
  tasks(): WorldTask[];
  /** Ends a task that has no process, as if its process had exited. */
  exitTask(arn: string, exitCode: number): void;
  /** Takes a task's Spot capacity away: SIGTERM now, SIGKILL after its stopTimeout. */
  interruptTask(arn: string): void;
  on<E extends keyof AwsEvents>(event: E, listener: (...args: AwsEvents[E]) => void): void;
  off<E extends keyof AwsEvents>(event: E, listener: (...args: AwsEvents[E]) => void): void;
  /** Kills all tasks' processes and stops listening. */
  close(): Promise<void>;
}
