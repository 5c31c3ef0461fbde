import { parseRunnerName } from '../core/job/identity.ts';
import { raiseDoubt } from '../core/plan/doubt.ts';
import type { SettlePorts } from '../core/ports.ts';
import { ranToNormalEnd, type TaskEnding } from '../core/task/exit-codes.ts';
import type { TaskFact } from '../core/task/facts.ts';

export interface SettleReport {
  readonly ending: TaskEnding;
  readonly isRemoved: boolean;
  readonly isDoubted: boolean;
  readonly errors: readonly Error[];
}

/**
 * A task has stopped (rule 18). A job that provably ran to a normal end has taken its ephemeral registration with it;
 * else the registration is removed by id, and the repository is in doubt. Each step fails on its own.
 */
export async function settle(
  task: TaskFact,
  ports: SettlePorts,
  { prefix, nowMs }: { readonly prefix: string; readonly nowMs: number },
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
  return { ending, isRemoved, isDoubted, errors };
}
