import { parseRunnerName } from '../core/job/identity.ts';
import type { Policy } from '../core/job/policy.ts';
import type { Doubt, LostJob } from '../core/plan/doubt.ts';
import { type FollowUp, putBack } from '../core/plan/follow-up.ts';
import {
  gatherEvidence,
  isDeployed,
  nextLookInMs,
  planRerun,
  type RerunReason,
  type RerunTarget,
} from '../core/plan/plan-rerun.ts';
import type { ReconcilePorts } from '../core/ports.ts';
import type { GitHubFault } from '../core/words/errors.ts';
import { isLasting } from '../core/words/outcomes.ts';

/** What a look at the run of a job that may have been lost to Spot has come to. */
export interface RerunReport {
  readonly jobId: number;
  readonly runId: number | undefined;
  readonly reason: RerunReason;
  /** GitHub's words, where it refused or gave no answer. */
  readonly detail?: string;
  /** What has to be corrected before GitHub does it, where its answer tells. */
  readonly fault?: GitHubFault;
}

export interface RerunLook {
  readonly rerun: RerunReport;
  readonly next: FollowUp;
}

interface RerunContext {
  readonly policy: Policy;
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/** After a lost answer, a limit, or while the task still stops: GitHub and ECS are asked again. */
const AGAIN_MS = 60_000;
/** The reads of one look. */
const LOOK_MS = 20_000;

/**
 * Starts a run again that lost a job to Spot (rule 26): once, and only where nothing of it that ended by itself would be
 * run twice. A run that is not over is waited for: the doubt is put back with what ECS showed, as ECS forgets a task after
 * an hour. Throws ServiceError where something could not be read.
 */
export async function rerunLost(
  doubt: Doubt,
  lostJob: LostJob,
  ports: ReconcilePorts,
  context: RerunContext,
): Promise<RerunLook> {
  const { jobId, runnerName } = lostJob;
  if (context.policy.spot.rerun !== 'once')
    return settled({ jobId, runId: undefined, reason: 'rerun-switched-off' });
  const evidence = gatherEvidence(lostJob, doubt.repository, await ports.listTasks());
  const gathered = { ...doubt, lostJob: { ...lostJob, spotRunners: [...evidence.spotRunners] } };
  if (evidence.liveRunners.has(runnerName))
    return again(gathered, { jobId, runId: undefined, reason: 'run-not-over' }, AGAIN_MS, ports);
  if (!evidence.spotRunners.has(runnerName)) return settled({ jobId, runId: undefined, reason: 'not-lost' });
  const look = ports.endWithin(LOOK_MS, context.signal);
  const run = await ports.readRunOf(doubt.repository, jobId, look);
  if (run === undefined) return settled({ jobId, runId: undefined, reason: 'not-lost' });
  const told = { jobId, runId: run.runId };
  const plan = planRerun(run, evidence, (name) => parseRunnerName(context.prefix, name) !== undefined);
  if (plan.kind === 'wait')
    return again(gathered, { ...told, reason: 'run-not-over' }, nextLookInMs(run, ports.now()), ports);
  if (plan.kind === 'leave') return settled({ ...told, reason: plan.reason });
  const environments = await ports.listDeployedTo(doubt.repository, run, look);
  if (isDeployed(run, environments, context.policy)) return settled({ ...told, reason: 'run-deployed' });
  return startAgain(gathered, plan.target, told, ports, context.signal);
}

const settled = (rerun: RerunReport): RerunLook => ({ rerun, next: { kind: 'settled' } });

const again = (doubt: Doubt, rerun: RerunReport, pauseMs: number, ports: ReconcilePorts): RerunLook => ({
  rerun,
  next: putBack(doubt, ports.now() + pauseMs, ports.now()),
});

/**
 * Where no answer says whether it happened, the run's attempt does, at the next look. So it does where GitHub refuses because
 * somebody was quicker; a second refusal is believed, and so is one that says what the App lacks.
 */
async function startAgain(
  doubt: Doubt,
  target: RerunTarget,
  told: Pick<RerunReport, 'jobId' | 'runId'>,
  ports: ReconcilePorts,
  signal: AbortSignal,
): Promise<RerunLook> {
  const outcome = await ports.rerun(doubt.repository, target, signal);
  if (outcome.kind === 'started-again') return settled({ ...told, reason: 'run-again' });
  const { detail } = outcome;
  const fault = outcome.kind === 'refused' && outcome.fault ? { fault: outcome.fault } : {};
  const rerun = { ...told, detail, ...fault };
  if (isLasting(outcome) && ('fault' in rerun || doubt.failures > 0))
    return {
      rerun: { ...rerun, reason: 'rerun-refused' },
      next: { kind: 'ended', reason: 'rerun-refused' },
    };
  const { retryAfterSeconds = 0 } = outcome.kind === 'refused' ? outcome : {};
  const pauseMs = Math.max(AGAIN_MS, retryAfterSeconds * 1000);
  const failed = { failures: doubt.failures + 1 };
  const next = putBack(doubt, ports.now() + pauseMs, ports.now(), failed, 'rerun-refused');
  return { rerun: { ...rerun, reason: 'rerun-unknown' }, next };
}
