import type { Policy } from '../functions/core/job/policy.ts';
import type { Fault, Rates } from './faults.ts';
import type { NeighbourKind } from './github/neighbours.ts';

/** What must not happen, whatever the faults. */
const NEVER = [
  'lost',
  'live twice',
  'started twice',
  'busy stopped',
  'removed under a task',
  'removed another’s',
  'acknowledged in vain',
  'over the limits',
  'failed in error',
  'matched in error',
  'left over',
  'over the hour',
  'false mark',
  'stranger heeded',
  'wrong capacity',
  'run twice',
] as const;
/** What must not be passed; but for `surplus`, only where a profile sets a bound. */
const BOUNDED = [
  'surplus',
  'slow',
  'leftover',
  'left running',
  'reads',
  'calls',
  'in vain',
  'not run again',
] as const;
export const VIOLATIONS = [...NEVER, ...BOUNDED];
export type Violation = (typeof VIOLATIONS)[number];

export interface Bounds {
  /** From queued to started, minutes. */
  readonly longestWait?: number;
  /** Jobs with these labels may wait for longer. */
  readonly patient?: string;
  /** Tasks beyond the jobs that started, beyond those that the faults explain (faults.ts). Always checked: 0. */
  readonly surplus?: number;
  /** How long a registration may be without a task, minutes. */
  readonly longestLeftover?: number;
  /** How long a task may run after a delivery has said that its job is over, minutes. */
  readonly longestAfterEnd?: number;
  /** GitHub reads until the last launch, and in all. */
  readonly readsUntilLaunched?: number;
  readonly readsPerJob?: number;
  /** JIT configs and RunTask, those that were refused included. */
  readonly launchCallsPerJob?: number;
  readonly deliveriesPerJob?: number;
  /** Launches of one job that no runner ever gets. */
  readonly launchesInVain?: number;
  /** GitHub calls of an installation in its fullest hour. */
  readonly callsAnHour?: number;
  /** Runs of which all failed jobs were lost to Spot, and that were not started again. */
  readonly notRunAgain?: number;
}

/**
 * Nobody has written down how GitHub chooses: the job that the runner was launched for, the oldest or the youngest that
 * fits, any of them.
 */
export const ASSIGNMENT_POLICIES = ['own', 'oldest', 'youngest', 'random'] as const;
export type AssignmentPolicy = (typeof ASSIGNMENT_POLICIES)[number];

/** What the jobs of a burst ask for: one label set, so that any runner of it fits any job. */
export const BURST_LABELS: ReadonlyArray<readonly string[]> = [['self-hosted', 'fargate']];

/** Jobs with Docker among others. Each label that asks for it says so by its segment. */
export const DOCKER_LABELS: ReadonlyArray<readonly string[]> = [
  ['fargate/docker'],
  ['self-hosted', 'fargate/cpu=4/docker'],
  ['fargate'],
  ['self-hosted', 'fargate'],
];

/** Jobs on Spot among others. */
export const SPOT_LABELS: ReadonlyArray<readonly string[]> = [
  ['fargate/spot'],
  ['fargate/spot'],
  ['fargate'],
];
/** `spot` of a runners.yml that has runs started again. */
export const RERUN_ONCE: Policy['spot'] = {
  ...{ rerun: 'once', fallback: 'on-demand-after-interruption', environments: [] },
};

/** How jobs come in, where that is not the usual way (workload.ts). */
export interface Workload {
  /** All jobs at once, in one repository, in runs of this many. */
  readonly burstOf?: number;
  /** A burst's runs are of all repositories, and not of the first alone. */
  readonly isAcross?: boolean;
  /** How long GitHub takes to send the deliveries of one moment. */
  readonly spreadMs?: number;
  readonly labels?: ReadonlyArray<readonly string[]>;
  /** By the rules of rules.ts: its runners.yml, its groups, and jobs with what comes of each. */
  readonly isRuled?: boolean;
  /** Each run has labels that no other run has (`run=`). */
  readonly isMarked?: boolean;
  readonly longestJobMs?: number;
  /** Runs have one job each. */
  readonly isSingle?: boolean;
  /** A task ends in the moment in which its job does; usually its listener takes seconds for that. */
  readonly endsWithJob?: boolean;
  /** Repositories beside those of the jobs. */
  readonly neighbours?: Partial<Record<NeighbourKind, number>>;
  /** Which of the jobs that fit a runner GitHub gives to it; drawn from the seed where it is not set. */
  readonly assigns?: AssignmentPolicy;
  /** Active runs of others in the first repository. */
  readonly crowdedRuns?: number;
  /** How many strangers send a delivery where one does. */
  readonly strangersAtOnce?: number;
  /** What an installation may call in an hour. */
  readonly callsPerHour?: number;
}

export interface Options {
  readonly seed: number;
  readonly jobs: number;
  readonly faults: ReadonlySet<Fault>;
  /** Rates that are not drawn from the seed. */
  readonly rates?: Partial<Rates>;
  /** Periods that last for as long as faults strike. */
  readonly lasting?: ReadonlySet<Fault>;
  /** All faults together strike so often at most. */
  readonly mostStrikes?: number;
  readonly workload?: Workload;
  /** `spot` of runners.yml. */
  readonly spot?: Policy['spot'];
  /** Limits of runners.yml on what runs at once. */
  readonly concurrency?: Partial<Policy['concurrency']>;
  readonly bounds?: Bounds;
  /** The event log is kept only where somebody reads it. */
  readonly keepsStory?: boolean;
}
