import type { RunnableStep } from './service.ts';

/** The steps as bash reads them, one call of `worker.sh`'s `run_step` each. */
export const planOf = (steps: readonly RunnableStep[]): string => steps.map(lineOf).join('');

function lineOf({ number, condition, command, ...step }: RunnableStep): string {
  const variables = Object.entries(step.environment).map(([name, value]) => quoted(`${name}=${value}`));
  const words = [String(number), condition, String(step.continuesOnError), ...command].map(quoted).join(' ');
  return `directory=${quoted(step.workingDirectory)} variables=(${variables.join(' ')})\nrun_step ${words}\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
