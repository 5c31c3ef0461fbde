import type { Policy } from '../../functions/core/job/policy.ts';
import type { ProviderName } from '../../functions/core/job/providers.ts';
import type { Architecture } from '../../functions/core/job/sizes.ts';
import type { TaskEnding } from '../../functions/core/task/exit-codes.ts';
import type { Reason } from '../../functions/core/words/reasons.ts';
import type { TaskStop } from '../../functions/core/words/stop-causes.ts';

/**
 * Where the time goes from queued to started, in order; docs/performance.md says what each is. `launch` is the webhook's,
 * `repair` what a job waited instead for reconcile to launch it; `total` is GitHub's own queue to start.
 */
export const PHASES = [
  'delivery',
  'launch',
  'repair',
  'network',
  'pull',
  'start',
  'connect',
  'assign',
  'total',
] as const;
export type Phase = (typeof PHASES)[number];

/** Seconds by phase; a phase that was not seen is left out. */
export type PhaseSeconds = Readonly<Partial<Record<Phase, number>>>;

/** Of the jobs that have the phase. Seconds. */
export interface PhaseSpread {
  readonly phase: Phase;
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

/**
 * One look at a deployment, from which `status`, `doctor --job` and the console read the same things. It is folded from
 * what ECS shows now, what GitHub lists now, and the records that the functions wrote to their logs. Times are epoch
 * milliseconds.
 */
export interface Snapshot {
  readonly takenAtMs: number;
  /** How far back the records go that were read. */
  readonly sinceMs: number;
  readonly stack: string;
  /** Whose prices its tasks have. */
  readonly region: string;
  /** Newest first. */
  readonly jobs: readonly JobView[];
  /** Newest first; those that stopped too, as far as ECS or the records still show them. */
  readonly tasks: readonly TaskView[];
  /** Where the time of our jobs went from queued to started, over the jobs of the window. */
  readonly phases: readonly PhaseSpread[];
  readonly runners: readonly RunnerView[];
  readonly doubts: { readonly waiting: number; readonly dead: number } | undefined;
  /** When any function was last heard of; `undefined` where no line of one was read. */
  readonly heardAtMs: number | undefined;
  /** `runners.yml`; `undefined` where it could not be read. */
  readonly policy: Policy | undefined;
  /** When the last sweep ended; `undefined` where no record of one was read. */
  readonly sweptAtMs: number | undefined;
  /** Deliveries that started nothing, by reason; counted over the window that was read. Most frequent first. */
  readonly ignored: readonly IgnoredView[];
  /** Errors and warnings of the functions, newest first. */
  readonly faults: readonly FaultView[];
  /** What could not be read, each a sentence with the fix: a view that is not whole says so. */
  readonly unread: readonly string[];
}

/** `ignored`: not ours, or not allowed by the policy: we do not run it. */
export type JobPhase = 'queued' | 'starting' | 'running' | 'done' | 'ignored';

export interface JobView {
  readonly jobId: number;
  /** `undefined` for a job that is known from a launch only. */
  readonly runId: number | undefined;
  readonly repository: string;
  readonly name: string | undefined;
  readonly url: string | undefined;
  readonly labels: readonly string[];
  readonly phase: JobPhase;
  readonly conclusion: string | undefined;
  readonly queuedAtMs: number | undefined;
  readonly startedAtMs: number | undefined;
  readonly completedAtMs: number | undefined;
  /** The first `queued` delivery of it, and what was answered; `undefined` where none was seen. */
  readonly delivery: DeliveryView | undefined;
  /** As GitHub listed it last: `queued`, `waiting`, `pending`, ...; `undefined` where it was not listed. */
  readonly statusAtGitHub: string | undefined;
  /** The first step that failed, by its name in the workflow: only once it has ended. */
  readonly failedStep: string | undefined;
  /** Where its time went until it started. */
  readonly phaseSeconds: PhaseSeconds;
  /** Its launches, oldest first: more than one is a repair. */
  readonly launches: readonly LaunchView[];
  /** The name of the runner that took it; of another job's launch after a swap. */
  readonly runnerName: string | undefined;
  readonly isSwapped: boolean;
  /** The last reason that was given for it. */
  readonly reason: Reason | undefined;
  /** Where its label is ours and cannot be served: what its author is told. */
  readonly rejection: string | undefined;
}

interface DeliveryView {
  /** When the webhook began with it. */
  readonly atMs: number;
  readonly reason: Reason | undefined;
}

export interface LaunchView {
  readonly generation: number;
  readonly runnerName: string;
  readonly atMs: number;
  /** Who launched. */
  readonly by: 'webhook' | 'reconcile';
  /** `launched`, `taken`, `refused`, `unknown`. */
  readonly outcome: LaunchResult;
  /** What kind of refusal, where it was refused (functions/core/words/outcomes.ts). */
  readonly refusal: string | undefined;
  /** What has to be corrected at GitHub, where its answer tells (functions/core/words/remedies.ts). */
  readonly fault: string | undefined;
  /** GitHub's or AWS's own words where it was refused, or not answered. */
  readonly detail: string | undefined;
  /** Where it was launched. */
  readonly taskArn: string | undefined;
}

type LaunchResult = 'launched' | 'taken' | 'refused' | 'unknown';

export interface TaskView {
  readonly taskArn: string;
  readonly runnerName: string;
  readonly repository: string | undefined;
  readonly launchedForJobId: number | undefined;
  readonly runsJobId: number | undefined;
  readonly size: { readonly vcpu: number; readonly memoryGiB: number; readonly storageGiB: number };
  readonly arch: Architecture;
  readonly provider: ProviderName;
  /** As ECS shows it: `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, ..., `STOPPED`. */
  readonly status: string;
  readonly createdAtMs: number;
  readonly startedAtMs: number | undefined;
  /** When its listener had a session at GitHub and waited for a job, as its supervisor says. */
  readonly idleAtMs: number | undefined;
  readonly stoppedAtMs: number | undefined;
  readonly ending: TaskEnding | undefined;
  /** Why it stopped, in ECS's words, and what they come to. */
  readonly stop: TaskStop | undefined;
  /** Until now, for one that lives. An estimate at the prices of the snapshot's region (functions/core/task/prices.ts). */
  readonly costUsd: number;
  /** Seconds by phase of its life: network, pull, start, run, stop. */
  readonly phases: Readonly<Record<string, number>>;
}

export interface RunnerView {
  readonly runnerId: number;
  readonly name: string;
  /** As GitHub says: `busy` has been wrong for minutes (terraform-aws-github-runner#5085). */
  readonly status: 'idle' | 'busy' | 'offline';
  readonly scope: string;
}

export interface IgnoredView {
  readonly reason: Reason;
  readonly count: number;
  readonly lastAtMs: number;
}

export interface FaultView {
  readonly atMs: number;
  /** `webhook`, `reconcile`, `settle`, `sweep`. */
  readonly service: string;
  readonly message: string;
  readonly detail: string | undefined;
}
