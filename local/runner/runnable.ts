/** What a stand-in can run of a job's message: scripts, as far as nothing in them must be evaluated. */
import type { Token } from '../github/service/definition.ts';
import type { JobMessage } from '../github/service/message.ts';
import type { MessageStep } from '../github/service/steps.ts';
import type { RunnableStep } from './service.ts';

/** Steps, or why there are none: what the official runner would do and a stand-in cannot. */
export type Runnable = { readonly steps: readonly RunnableStep[] } | { readonly problem: string };

const CONDITIONS: readonly string[] = [
  'success()',
  'always()',
  'failure()',
  'cancelled()',
  '!cancelled()',
  'success() || failure()',
];
/** As ScriptHandlerHelpers.cs and ScriptHandler.cs have them: without a shell it is `bash -e`. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  '': ['bash', '-e', '-c'],
  bash: ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '-c'],
  sh: ['sh', '-e', '-c'],
};

/** It ends at the hook for containers: there is no Docker for a stand-in. */
const DOCKER_ACTION: readonly string[] = ['container', 'run_container_step'];

class Beyond extends Error {}

export function readRunnable(message: JobMessage): Runnable {
  try {
    if (message.jobOutputs !== undefined) throw new Beyond('outputs of a job');
    const environment = (message.environmentVariables ?? []).map((token) => texts(token, 'env'));
    const defaults = (message.defaults ?? []).map(runDefaults);
    const common = { environment: Object.assign({}, ...environment), inputs: Object.assign({}, ...defaults) };
    return { steps: message.steps.map((step, index) => runnableStep(step, index, common)) };
  } catch (error) {
    if (!(error instanceof Beyond)) throw error;
    return {
      problem: `The stand-in of the runner cannot do this: ${error.message}. The official runner can.`,
    };
  }
}

interface Common {
  readonly environment: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
}

function runnableStep(step: MessageStep, index: number, common: Common): RunnableStep {
  if (step.reference.type === 'repository') throw new Beyond('a step that is an action');
  if (!CONDITIONS.includes(step.condition)) throw new Beyond(`if: ${step.condition}`);
  if (step.timeoutInMinutes !== undefined) throw new Beyond('timeout-minutes of a step');
  const own = texts(step.inputs ?? null, 'run');
  const inputs = { ...common.inputs, ...own };
  const { script = '', shell = '', workingDirectory = '' } = inputs;
  const command = step.reference.type === 'containerRegistry' ? DOCKER_ACTION : SHELLS[shell];
  if (command === undefined) throw new Beyond(`shell: ${shell}`);
  return {
    id: step.id,
    number: index + 1,
    name:
      step.displayNameToken === undefined ? `Run ${firstLine(script)}` : text(step.displayNameToken, 'name'),
    condition: step.condition,
    command: command === DOCKER_ACTION ? command : [...command, script],
    workingDirectory,
    environment: { ...common.environment, ...texts(step.environment ?? null, 'env') },
    continuesOnError:
      step.continueOnError !== undefined && text(step.continueOnError, 'continue-on-error') === 'true',
  };
}

const firstLine = (script: string): string => script.trim().split('\n')[0] ?? '';

/** `defaults.run`, under the names of a step's inputs. */
function runDefaults(token: Token): Record<string, string> {
  const [run = null] = members(token, 'defaults').flatMap(([name, value]) => (name === 'run' ? [value] : []));
  const { shell, 'working-directory': workingDirectory } = texts(run, 'defaults');
  return { ...(shell && { shell }), ...(workingDirectory && { workingDirectory }) };
}

const texts = (token: Token, what: string): Record<string, string> =>
  Object.fromEntries(members(token, what).map(([name, value]) => [name, text(value, what)]));

function members(token: Token, what: string): [string, Token][] {
  if (token === null) return [];
  if (typeof token !== 'object' || token.type !== 2) throw new Beyond(`an expression in ${what}`);
  return token.map.map(({ Key, Value }) => [text(Key, what), Value]);
}

function text(token: Token, what: string): string {
  if (token !== null && typeof token === 'object') throw new Beyond(`an expression in ${what}`);
  return token === null ? '' : String(token);
}
