import type { Repository } from './github/types.ts';

interface Told {
  readonly action: string;
  readonly status: string;
  readonly id: number;
  readonly runId: number;
  readonly labels: readonly string[];
  readonly createdAtMs: number;
  readonly startedAtMs?: number | null | undefined;
  readonly runner?: { readonly id: number; readonly name: string } | undefined;
  /** The runner has reported steps. */
  readonly hasBegun?: boolean;
  readonly runAttempt?: number | undefined;
  readonly conclusion?: string | undefined;
  readonly hasFailedStep?: boolean | undefined;
  readonly repository: Repository;
}

/** The body of a `workflow_job` delivery, as far as it is read. */
export function payloadOf({ action, status, repository, runner, startedAtMs, ...job }: Told): string {
  const { id, owner, name, installationId } = repository;
  return JSON.stringify({
    action,
    workflow_job: {
      id: job.id,
      run_id: job.runId,
      run_attempt: job.runAttempt ?? 1,
      conclusion: job.conclusion ?? null,
      status,
      labels: job.labels,
      created_at: new Date(job.createdAtMs).toISOString(),
      ...(typeof startedAtMs === 'number' && { started_at: new Date(startedAtMs).toISOString() }),
      runner_id: runner?.id ?? null,
      runner_name: runner?.name ?? null,
      steps: job.hasBegun ? [{ name: 'Set up job', number: 1 }, ...failedStep(job)] : [],
    },
    repository: {
      id,
      name,
      full_name: `${owner}/${name}`,
      private: true,
      owner: { login: owner, id: 42, type: 'Organization' },
    },
    organization: { login: owner, id: 42 },
    installation: { id: installationId },
  });
}

const failedStep = ({ hasFailedStep }: Pick<Told, 'hasFailedStep'>) =>
  hasFailedStep ? [{ name: 'Test', number: 2, conclusion: 'failure' }] : [];
