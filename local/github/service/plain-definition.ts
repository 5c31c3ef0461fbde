import type { JobRecord } from '../records.ts';
import type { JobDefinition } from './definition.ts';
import { scriptStep } from './script-step.ts';

/** A job of which nothing but its length and its result is said: it sleeps, and fails where it is to fail. */
export function plainDefinition(
  { name, durationSeconds, result }: Pick<JobRecord, 'name' | 'durationSeconds' | 'result'>,
  speed: number,
): JobDefinition {
  const steps = [scriptStep(`sleep ${durationSeconds / speed}`)];
  if (result === 'failure') steps.push(scriptStep('exit 1'));
  return { key: name.replaceAll(/[^\w-]+/g, '-'), steps };
}
