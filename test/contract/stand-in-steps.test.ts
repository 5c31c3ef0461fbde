import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { StepDefinition } from '../../local/github/service/definition.ts';
import type { JobMessage } from '../../local/github/service/message.ts';
import { mapping, scriptStep } from '../../local/github/service/script-step.ts';
import { messageSteps } from '../../local/github/service/steps.ts';
import { planOf } from '../../local/runner/plan.ts';
import { readRunnable } from '../../local/runner/runnable.ts';

const step = (more: Partial<StepDefinition> = {}): StepDefinition => ({ ...scriptStep('echo hi'), ...more });
const withShell = (shell: string) => scriptStep('x', { shell });
const read = (steps: readonly StepDefinition[], more: Partial<JobMessage> = {}) =>
  readRunnable({ steps: messageSteps('guid', steps), ...more } as JobMessage);
const EXPRESSION = { type: 3, expr: 'github.ref' } as const;

describe('what a stand-in can run', () => {
  it('should be scripts, with the shell and the folder of the workflow’s defaults', () => {
    const run = mapping({ shell: 'sh', 'working-directory': 'src' });
    const defaults = [mapping({ run })];
    expect(read([step(), withShell('bash')], { defaults })).toMatchObject({
      steps: [
        { command: ['sh', '-e', '-c', 'echo hi'], workingDirectory: 'src', name: 'Run echo hi' },
        { command: ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', 'x'] },
      ],
    });
    expect(read([step()])).toMatchObject({ steps: [{ command: ['bash', '-e', '-c', 'echo hi'] }] });
  });

  it.each<[string, StepDefinition, Partial<JobMessage>]>([
    [
      'a step that is an action',
      step({ reference: { type: 'repository', repositoryType: 'self', path: './a' } }),
      {},
    ],
    ["if: github.ref == 'x'", step({ condition: "github.ref == 'x'" }), {}],
    ['an expression in run', step({ inputs: mapping({ script: EXPRESSION }) }), {}],
    ['an expression in env', step({ environment: mapping({ A: EXPRESSION }) }), {}],
    ['an expression in env', step(), { environmentVariables: [EXPRESSION] }],
    ['an expression in name', step({ name: EXPRESSION }), {}],
    ['an expression in continue-on-error', step({ continueOnError: EXPRESSION }), {}],
    ['timeout-minutes of a step', step({ timeoutInMinutes: 5 }), {}],
    ['shell: pwsh', withShell('pwsh'), {}],
    ['outputs of a job', step(), { jobOutputs: mapping({}) }],
  ])('should not be %s', (what, one, more) => {
    expect(read([one], more)).toEqual({
      problem: `The stand-in of the runner cannot do this: ${what}. The official runner can.`,
    });
  });

  it('should end at the hook for containers where a step is a Docker action', () => {
    const docker = step({ reference: { type: 'containerRegistry', image: 'a' } });
    expect(read([docker])).toMatchObject({ steps: [{ command: ['container', 'run_container_step'] }] });
  });

  it('should come to bash word for word', () => {
    const told = `it's "odd" $HOME \`x\`\nand \\ two`;
    const one = { id: 'a', number: 1, name: 'n', condition: 'success()', command: ['bash', '-c', told] };
    const more = { workingDirectory: "a'b", environment: { A: "'$B'" }, continuesOnError: false };
    const print = `run_step() { printf '%s\\0' "$directory" "\${variables[@]}" "$@"; }\n`;
    const words = execFileSync('bash', ['-c', `${print}${planOf([{ ...one, ...more }])}`], {
      encoding: 'utf8',
    });
    expect(words.split('\0').slice(0, -1)).toEqual([
      ...["a'b", "A='$B'", '1', 'success()', 'false'],
      ...['bash', '-c', told],
    ]);
  });
});
