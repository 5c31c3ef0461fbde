/** Jobs as the embedded GitHub takes them. */
import type { JobDefinition } from '../github/service/definition.ts';
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
  /** Draws how long it lasts where its steps are left out. */
  readonly simulatedSeconds: (() => number) | undefined;
}

export function requestOf({ definition }: JobTemplate, job: ExpandedJob, around: Around): JobRequest {
  const { name, labels, group, continueOnError, environmentName } = job;
  const { durationSeconds, simulatedSeconds } = around;
  return {
    ...{ name, labels, continueOnError, durationSeconds: simulatedSeconds?.() ?? durationSeconds },
    ...(group !== undefined && { group: group.replace(/^[^/]*\//, '') }),
    ...(environmentName !== undefined && { environment: environmentName, needsApproval: false }),
    ...(simulatedSeconds === undefined && { definition: definitionOf(definition, job, around) }),
  };
}

function definitionOf(
  definition: JobTemplate['definition'],
  { timeoutMinutes, contexts: own }: ExpandedJob,
  { contexts: { github, ...contexts }, needs, secrets }: Around,
): JobDefinition {
  return {
    ...definition,
    ...(timeoutMinutes !== undefined && { timeoutMinutes }),
    github,
    contexts: { ...contexts, needs, ...own },
    secrets,
  };
}

/** One that ends without being queued. Its labels may depend on what was never evaluated. */
export function endedRequest({ key, name, runsOn }: JobTemplate): JobRequest {
  const labels = typeof runsOn === 'string' ? [runsOn] : [];
  return { name: typeof name === 'string' && name !== '' ? name : key, labels, durationSeconds: 0 };
}
