import type { Doubt } from '../core/doubt.ts';
import { describeError } from '../core/errors.ts';
import { parseRunnerName } from '../core/identity.ts';
import type { LaunchOutcome } from '../core/outcomes.ts';
import { planReconcile, type ReconcilePlan } from '../core/plan-reconcile.ts';
import type { Policy } from '../core/policy.ts';
import type { ReconcilePorts } from '../core/ports.ts';
import { launchAll } from './launch-all.ts';

export interface Reconciling {
  readonly policy: Policy;
  readonly prefix: string;
  /** Aborted when the function's time is nearly up: no launch begins after it. */
  readonly signal: AbortSignal;
}

export interface ReconcileReport {
  /** `undefined` when something could not be read: then nothing was judged (rule 13). */
  readonly plan: ReconcilePlan | undefined;
  readonly launches: readonly LaunchOutcome[];
  /** True when a job is still without a task: the repository is in doubt again (rule 17). */
  readonly doubtedAgain: boolean;
  /** How long the oldest job has been queued that is still without a task; 0 where there is none. */
  readonly longestWaitMs: number;
  readonly problem?: string;
}

/**
 * Makes one repository's supply match its demand, by level: whatever was lost, doubled, swapped or refused, what
 * counts is what is queued and what is alive. Throws only when the doubt could not be put back.
 */
export async function reconcile(
  doubt: Doubt,
  ports: ReconcilePorts,
  reconciling: Reconciling,
): Promise<ReconcileReport> {
  const snapshot = await observe(doubt, ports).catch((error: unknown) => describeError(error));
  if (typeof snapshot === 'string') {
    await ports.doubt(doubt);
    return { plan: undefined, launches: [], doubtedAgain: true, longestWaitMs: 0, problem: snapshot };
  }
  const plan = planReconcile(snapshot, reconciling.policy, reconciling.prefix, ports.now());
  const { prefix, signal } = reconciling;
  const launches = await launchAll(plan.launches, ports, { prefix, signal, tasks: snapshot.tasks });
  const waiting = [...plan.waiting, ...notLaunched(plan, launches, prefix)];
  const doubtedAgain = waiting.length > 0;
  if (doubtedAgain) await ports.doubt(doubt);
  const nowMs = ports.now();
  const longestWaitMs = Math.max(0, ...waiting.map(({ queuedAtMs }) => nowMs - queuedAtMs));
  return { plan, launches, doubtedAgain, longestWaitMs };
}

/** Jobs before tasks (rule 13): a task that starts between the reads is seen, and its job counted once too often at most. */
async function observe({ repository }: Doubt, ports: ReconcilePorts) {
  const jobsReadAtMs = ports.now();
  const jobs = await ports.listActiveJobs(repository);
  const tasks = await ports.listTasks();
  return { repository, jobs, jobsReadAtMs, tasks };
}

/** Launches that were refused, or not come to: their jobs still wait. */
function notLaunched(plan: ReconcilePlan, launches: readonly LaunchOutcome[], prefix: string) {
  const launched = new Set(
    launches.flatMap(({ kind, runnerName }) =>
      kind === 'launched' ? [parseRunnerName(prefix, runnerName)?.jobId] : [],
    ),
  );
  return plan.launches.filter(({ launch }) => !launched.has(launch.jobId));
}
