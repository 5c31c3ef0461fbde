/** What jobs of these tests are made of. */
import type { JobDefinition, StepDefinition } from '../../local/github/service/definition.ts';
import { mapping, scriptStep } from '../../local/github/service/script-step.ts';

/** A `run:` step of this name. */
export const run = (name: string, script: string, more: Partial<Omit<StepDefinition, 'inputs'>> = {}) =>
  scriptStep(script, { name, ...more });

/** The same, with `if: always()`. */
export const always = (name: string, script = 'true', more: Partial<StepDefinition> = {}): StepDefinition =>
  run(name, script, { condition: 'always()', ...more });

/** A step that is an image: a Docker action. */
export const image = (name: string, of: string): StepDefinition => ({
  name,
  condition: 'success()',
  reference: { type: 'containerRegistry', image: of },
  inputs: mapping({}),
});

export const job = (steps: readonly StepDefinition[], more: Partial<JobDefinition> = {}): JobDefinition => ({
  key: 'build',
  steps,
  ...more,
});

/** Makes the file `begun` in the task's folder. */
export const BEGUN = ': >"$ONESHOT_RUNNER_ROOT/../begun"';

/** A step that an interrupt ends at once, as bash waits for no program in the foreground. It begins as `BEGUN`. */
export const waiting = (name: string, seconds = 60): StepDefinition =>
  run(name, `trap 'exit 130' INT TERM; ${BEGUN}; sleep ${seconds} >/dev/null 2>&1 & wait`);
