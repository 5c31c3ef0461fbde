/** Steps, in the form that the job's message carries. */
import { ensureStatusFunction } from '@actions/workflow-parser/model/converter/if-condition';
import { BasicExpressionToken } from '@actions/workflow-parser/templates/tokens/basic-expression-token';
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import type { StepDefinition, StepReference, Token } from '../github/service/definition.ts';
import { given, listOf, mappingOf, wire } from './tokens.ts';

export const stepsOf = (steps: TemplateToken | undefined): StepDefinition[] =>
  listOf(steps).map((step) => stepOf(mappingOf(step)));

function stepOf(step: MappingToken): StepDefinition {
  const id = step.find('id');
  const uses = step.find('uses');
  const reference = uses === undefined ? undefined : referenceOf(String(uses));
  return {
    condition: conditionOf(step.find('if')),
    ...(id !== undefined && { id: String(id) }),
    ...given('name', wire(step.find('name'))),
    reference: reference ?? { type: 'script' },
    ...given('inputs', reference === undefined ? scriptInputs(step) : wire(step.find('with'))),
    ...given('environment', wire(step.find('env'))),
    ...given('continueOnError', wire(step.find('continue-on-error'))),
    ...given('timeoutInMinutes', wire(step.find('timeout-minutes'))),
  };
}

/** The names that the runner's script handler reads. */
const SCRIPT_INPUTS = { script: 'run', shell: 'shell', workingDirectory: 'working-directory' };

function scriptInputs(step: MappingToken): Token {
  const map = Object.entries(SCRIPT_INPUTS).flatMap(([name, key]) => {
    const value = wire(step.find(key));
    return value === undefined ? [] : [{ Key: name, Value: value }];
  });
  return { type: 2, map };
}

/** `success() && (...)` around a condition that calls no status function (WIRE-26). */
export function conditionOf(token: TemplateToken | undefined): string {
  if (token === undefined) return 'success()';
  const text = token instanceof BasicExpressionToken ? token.expression : String(token).trim();
  return text === '' ? 'success()' : ensureStatusFunction(text, token.definitionInfo);
}

const DOCKER = 'docker://';
const REPOSITORY = /^([^/@\s]+\/[^/@\s]+)(?:\/([^@\s]*))?@(\S+)$/;

/** What `uses` names; undefined if it is nothing that GitHub knows. */
export function referenceOf(uses: string): StepReference | undefined {
  if (uses.startsWith(DOCKER)) return { type: 'containerRegistry', image: uses.slice(DOCKER.length) };
  if (/^\.[/\\]/.test(uses)) return { type: 'repository', repositoryType: 'self', path: uses };
  const [, name, path = '', ref] = REPOSITORY.exec(uses) ?? [];
  if (name === undefined || ref === undefined) return undefined;
  return { type: 'repository', repositoryType: 'GitHub', name, ref, path };
}
