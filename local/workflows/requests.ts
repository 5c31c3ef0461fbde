/** Jobs as the embedded GitHub takes them. */
import type { JobRequest } from '../github/types.ts';
import type { ExpandedJob } from './expand.ts';
import type { Values } from './inputs.ts';
import type { JobTemplate } from './workflow.ts';

export interface Around {
  /** `github`, `inputs` and `vars` of the run. */
  readonly contexts: Values & { readonly github: Values };
  readonly needs: Values;
  readonly secrets: Readonly<Record<string, string>>;
  /** How long it lasts where nothing runs its steps. */
  readonly durationSeconds: number;
}

export function requestOf({ definition }: JobTemplate, job: ExpandedJob, around: Around): JobRequest {
  const { github, ...contexts } = around.contexts;
  const { name, labels, group, continueOnError, timeoutMinutes, environmentName } = job;
  return {
    ...{ name, labels, continueOnError, durationSeconds: around.durationSeconds },
    ...(group !== undefined && { group: group.replace(/^[^/]*\//, '') }),
    ...(environmentName !== undefined && { environment: environmentName, needsApproval: false }),
    definition: {
      ...definition,
      ...(timeoutMinutes !== undefined && { timeoutMinutes }),
      github,
      contexts: { ...contexts, needs: around.needs, ...job.contexts },
      secrets: around.secrets,
    },
  };
}

/** One that ends without being queued. Its labels may depend on what was never evaluated. */
export function endedRequest({ key, name, runsOn }: JobTemplate): JobRequest {
  const labels = typeof runsOn === 'string' ? [runsOn] : [];
  return { name: typeof name === 'string' && name !== '' ? name : key, labels, durationSeconds: 0 };
}
