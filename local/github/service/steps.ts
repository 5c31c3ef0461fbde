import type { StepDefinition, StepReference, Token } from './definition.ts';
import { guidOf } from './guid.ts';

export interface MessageStep {
  readonly type: 'action';
  readonly id: string;
  readonly name: string;
  readonly contextName: string;
  readonly condition: string;
  readonly reference: StepReference;
  readonly displayNameToken?: Token;
  readonly inputs?: Token;
  readonly environment?: Token;
  readonly continueOnError?: Token;
  readonly timeoutInMinutes?: Token;
}

/** The steps of a job's message. One without an `id` is named as GitHub does, by what it runs: `__run`, `__run_2`. */
export function messageSteps(jobGuid: string, steps: readonly StepDefinition[]): MessageStep[] {
  const seen = new Map<string, number>();
  return steps.map((step, index) => {
    const own = `__${nameOf(step.reference)}`;
    const count = (seen.get(own) ?? 0) + 1;
    if (step.id === undefined) seen.set(own, count);
    const name = step.id ?? (count === 1 ? own : `${own}_${count}`);
    return { ...messageStep(step, name), id: guidOf(jobGuid, 'step', index) };
  });
}

function messageStep({ id: _id, name: shown, ...step }: StepDefinition, name: string) {
  return {
    ...step,
    type: 'action' as const,
    name,
    contextName: name,
    ...(shown !== undefined && { displayNameToken: shown }),
  };
}

/** Letters, digits and `_`, as a context's name must be. */
function nameOf(reference: StepReference): string {
  if (reference.type === 'script') return 'run';
  if (reference.type === 'containerRegistry') return plain(reference.image);
  return plain(reference.repositoryType === 'self' ? 'self' : reference.name);
}

const plain = (text: string): string => text.replaceAll(/\W/g, '_');
