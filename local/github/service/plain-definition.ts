import type { JobRecord } from '../records.ts';
import type { JobDefinition, StepDefinition } from './definition.ts';

const script = (text: string): StepDefinition => ({
  condition: 'success()',
  reference: { type: 'script' },
  inputs: { type: 2, map: [{ Key: 'script', Value: text }] },
});

/** A job of which nothing but its length and its result is said: it sleeps, and fails where it is to fail. */
export function plainDefinition(
  { name, durationSeconds, result }: Pick<JobRecord, 'name' | 'durationSeconds' | 'result'>,
  speed: number,
): JobDefinition {
  const steps = [script(`sleep ${durationSeconds / speed}`)];
  if (result === 'failure') steps.push(script('exit 1'));
  return { key: name.replaceAll(/[^\w-]+/g, '-'), steps };
}
