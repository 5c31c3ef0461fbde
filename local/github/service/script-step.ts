import type { StepDefinition, Token } from './definition.ts';

/** A mapping as the runner reads it (WIRE-27). */
export const mapping = (members: Readonly<Record<string, Token>>): Token => ({
  type: 2,
  map: Object.entries(members).map(([Key, Value]) => ({ Key, Value })),
});

/** A `run:` step. Without more it runs where no step before has failed, by the runner's own shell. */
export function scriptStep(
  script: string,
  { shell, ...more }: Partial<Omit<StepDefinition, 'inputs'>> & { readonly shell?: string } = {},
): StepDefinition {
  return {
    condition: 'success()',
    reference: { type: 'script' },
    inputs: mapping({ script, ...(shell !== undefined && { shell }) }),
    ...more,
  };
}
