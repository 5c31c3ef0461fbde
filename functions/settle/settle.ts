import { parseRunnerName } from '../core/job/identity.ts';
import { raiseDoubt } from '../core/plan/doubt.ts';
import type { SettlePorts } from '../core/ports.ts';
import { ranAJob, ranToNormalEnd, type TaskEnding } from '../core/task/exit-codes.ts';
import type { TaskFact } from '../core/task/facts.ts';

export interface SettleReport {
  readonly ending: TaskEnding;
  readonly isRemoved: boolean;
  readonly isDoubted: boolean;
  readonly errors: readonly Error[];
}

export interface SettleOptions {
  readonly prefix: string;
  readonly nowMs: number;
  /** Whether a run that lost a job to Spot is started again (`spot.rerun`). */
  readonly isRerunOn?: boolean;
}

/**
 * A task has stopped (rule 18). A job that provably ran to a normal end has taken its ephemeral registration with it;
 * else the registration is removed by id, and the repository is in doubt. Each step fails on its own.
 */
export async function settle(
  task: TaskFact,
  ports: SettlePorts,
  { prefix, nowMs, isRerunOn = false }: SettleOptions,
): Promise<SettleReport> {
  const { registration, repository, ending = 'unexplained' } = task;
  if (ranToNormalEnd(ending)) return { ending, isRemoved: false, isDoubted: false, errors: [] };
  const errors: Error[] = [];
  const attempt = async (action: (() => Promise<void>) | undefined): Promise<boolean> => {
    try {
      await action?.();
      return action !== undefined;
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  };
  const isRemoved = await attempt(
    registration &&
      (() => ports.removeRunner(registration.account, registration.scope, registration.runnerId)),
  );
  const jobId = parseRunnerName(prefix, task.runnerName)?.jobId;
  const jobIds = jobId === undefined ? [] : [jobId];
  const isDoubted = await attempt(
    repository && (() => ports.doubt(raiseDoubt(repository, nowMs, { jobIds, isNews: true }))),
  );
  const lostJob = isRerunOn ? lostJobOf(task, jobId) : undefined;
  if (repository !== undefined && lostJob !== undefined)
    await attempt(() => ports.doubt(raiseDoubt(repository, nowMs, { lostJob })));
  return { ending, isRemoved, isDoubted, errors };
}

/** The job that AWS may have taken with its task; GitHub tells whether it ran there (rule 26). */
function lostJobOf(
  { runnerName, stop, markedJobId, ending = 'unexplained' }: TaskFact,
  ownJobId = markedJobId,
) {
  const jobId = markedJobId ?? ownJobId;
  const mayHaveRun = ranAJob(ending) || ending === 'unexplained' || markedJobId !== undefined;
  if (stop?.cause !== 'spot' || jobId === undefined || !mayHaveRun) return undefined;
  return { jobId, runnerName, spotRunners: [runnerName] };
}
