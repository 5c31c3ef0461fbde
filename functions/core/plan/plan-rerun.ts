import type { Policy } from '../job/policy.ts';
import type { Repository } from '../job/repository.ts';
import type { TaskFact } from '../task/facts.ts';
import type { Reason } from '../words/reasons.ts';
import type { LostJob } from './doubt.ts';

/** The run of a job that may have been lost, as GitHub shows it now. Times are epoch milliseconds. */
export interface RunOfJob {
  readonly runId: number;
  /** 1 at first; each re-run adds one. This is the only state that there is of "run again". */
  readonly attempt: number;
  /** `queued`, `in_progress`, `waiting`, `completed`. */
  readonly status: string;
  /** `success`, `failure`, `cancelled`, ...; `undefined` until it is over. */
  readonly conclusion: string | undefined;
  /** What started it: `push`, `deployment`, ... */
  readonly event: string;
  readonly startedAtMs: number;
  /** Jobs of this attempt; `undefined` where they were not read: the run is not over, or has too many. */
  readonly jobs: readonly EndedRunJob[] | undefined;
}

/** A job of a run that is over. */
export interface EndedRunJob {
  readonly jobId: number;
  readonly conclusion: string | undefined;
  readonly runnerName: string | undefined;
  readonly completedAtMs: number | undefined;
  /** A step of it failed by itself. One that a shutdown of the runner ends is cancelled instead (WIRE-60). */
  readonly hasFailedStep: boolean;
}

/** One job with those that depend on it, or all jobs of the run that failed or were cancelled, with theirs. */
export type RerunTarget = { readonly jobId: number } | { readonly runId: number };

type LeaveReason = Extract<
  Reason,
  | 'rerun-switched-off'
  | 'rerun-before'
  | 'not-lost'
  | 'run-cancelled'
  | 'run-too-large'
  | 'others-failed'
  | 'run-deployed'
>;

/** What a look at a lost job came to. */
export type RerunReason =
  | LeaveReason
  | Extract<Reason, 'run-again' | 'run-not-over' | 'rerun-unknown' | 'rerun-refused'>;

export type RerunPlan =
  | { readonly kind: 'rerun'; readonly target: RerunTarget }
  | { readonly kind: 'wait' }
  | { readonly kind: 'leave'; readonly reason: LeaveReason };

const leave = (reason: LeaveReason): RerunPlan => ({ kind: 'leave', reason });

/** What is known of the runners that Spot has taken, whatever ECS still shows. */
export interface Evidence {
  /** Runners whose task AWS took back, by name. */
  readonly spotRunners: ReadonlySet<string>;
  /** Runners of this deployment that ended otherwise, by name. */
  readonly otherRunners: ReadonlySet<string>;
  /** Runners whose task has not stopped yet, by name: nobody knows how it will have ended. */
  readonly liveRunners: ReadonlySet<string>;
}

/** Names at most: two matrices of 256 jobs, in 32 of the 256 KB of a message. */
const MOST_RUNNERS = 500;

/**
 * Adds what ECS shows now, of tasks that stopped within an hour or so, to what the doubt has gathered before. A runner takes
 * jobs of its own owner alone, so the tasks of others tell nothing.
 */
export function gatherEvidence(
  { runnerName, spotRunners }: LostJob,
  { owner }: Pick<Repository, 'owner'>,
  all: readonly TaskFact[],
): Evidence {
  const tasks = all
    .filter(({ repository }) => repository === undefined || isSame(repository.owner, owner))
    .toSorted((a, b) => Number(b.runnerName === runnerName) - Number(a.runnerName === runnerName));
  const isSpot = ({ stop }: TaskFact) => stop?.cause === 'spot';
  const isLive = ({ lastStatus }: TaskFact) => lastStatus !== 'STOPPED';
  const names = (fits: (task: TaskFact) => boolean) => tasks.filter(fits).map(({ runnerName: name }) => name);
  return {
    spotRunners: new Set([...new Set([...spotRunners, ...names(isSpot)])].slice(0, MOST_RUNNERS)),
    otherRunners: new Set(names((task) => !isLive(task) && !isSpot(task))),
    liveRunners: new Set(names(isLive)),
  };
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * Whether a run is started again (rule 26): once, by level. The attempt's number tells whether it was, GitHub is asked
 * each time, and nothing is run again that ended by itself.
 */
export function planRerun(
  run: RunOfJob,
  evidence: Evidence,
  isOurs: (runnerName: string) => boolean,
): RerunPlan {
  if (run.attempt > 1) return leave('rerun-before');
  if (run.status !== 'completed') return { kind: 'wait' };
  // A person, or a newer run of its concurrency group, wanted it to end.
  if (run.conclusion === 'cancelled') return leave('run-cancelled');
  if (run.conclusion !== 'failure') return leave('not-lost');
  if (run.jobs === undefined) return leave('run-too-large');
  const lost = run.jobs.filter((job) => isLost(job, evidence));
  const [first] = lost.toSorted((a, b) => (a.completedAtMs ?? 0) - (b.completedAtMs ?? 0));
  if (first === undefined) return leave('not-lost');
  const others = run.jobs.filter((job) => !lost.includes(job) && hasEnded(job));
  const siblings = others.filter((job) => isSiblingOf(job, first));
  return targetOf(
    run,
    lost,
    siblings,
    others.filter((job) => !siblings.includes(job)),
    (job) => isCertain(job, evidence, isOurs),
  );
}

const isLost = ({ conclusion, runnerName = '', hasFailedStep }: EndedRunJob, { spotRunners }: Evidence) =>
  conclusion === 'failure' && !hasFailedStep && spotRunners.has(runnerName);

const hasEnded = ({ conclusion }: EndedRunJob) =>
  conclusion === 'failure' || conclusion === 'cancelled' || conclusion === 'timed_out';

/** `fail-fast` of its matrix cancels a job once another has failed, and not before. */
const isSiblingOf = ({ conclusion, completedAtMs = 0 }: EndedRunJob, first: EndedRunJob): boolean =>
  conclusion === 'cancelled' && completedAtMs >= (first.completedAtMs ?? 0);

/** It is known to have ended by itself. One of our runners that ECS no longer shows may have been lost too. */
const isCertain = (
  { runnerName, hasFailedStep }: EndedRunJob,
  { otherRunners }: Evidence,
  isOurs: (runnerName: string) => boolean,
): boolean =>
  hasFailedStep || runnerName === undefined || !isOurs(runnerName) || otherRunners.has(runnerName);

/** GitHub starts one job again, or all that failed or were cancelled: what ended by itself must not be among them. */
function targetOf(
  { runId }: RunOfJob,
  lost: readonly EndedRunJob[],
  siblings: readonly EndedRunJob[],
  others: readonly EndedRunJob[],
  isSure: (job: EndedRunJob) => boolean,
): RerunPlan {
  const [first] = lost;
  const isOne = lost.length === 1 && siblings.length === 0;
  if (others.length === 0)
    return { kind: 'rerun', target: isOne && first ? { jobId: first.jobId } : { runId } };
  if (isOne && first && others.every(isSure)) return { kind: 'rerun', target: { jobId: first.jobId } };
  return leave('others-failed');
}

/** Whether the runs of these events, and what they deployed, may be started again without being named. */
export function isDeployed(
  { event }: RunOfJob,
  environments: readonly string[] | undefined,
  { spot }: Pick<Policy, 'spot'>,
): boolean {
  if (event === 'deployment' || event === 'deployment_status') return true;
  // More deployments than can be read: one of them may be this run's.
  if (environments === undefined) return true;
  return environments.some((environment) => !spot.environments.includes(environment.toLowerCase()));
}

const LEAST_WAIT_MS = 45_000;
const LONGEST_WAIT_MS = 10 * 60_000;

/** How long until a run that is not over is looked at again: a quarter of its age, within bounds. Milliseconds. */
export const nextLookInMs = ({ startedAtMs }: RunOfJob, nowMs: number): number =>
  Math.min(Math.max(LEAST_WAIT_MS, (nowMs - startedAtMs) / 4), LONGEST_WAIT_MS);
