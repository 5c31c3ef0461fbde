/** `on.workflow_dispatch.inputs`: somebody starts the workflow and leaves all fields as they are. */
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import type { ContextValue } from '../github/service/definition.ts';
import type { Problem } from './problems.ts';
import { placeOf } from './template.ts';
import { mappingOf } from './tokens.ts';

export type Values = Readonly<Record<string, ContextValue>>;

const declared = (root: MappingToken): MappingToken =>
  mappingOf(mappingOf(mappingOf(root.find('on')).find('workflow_dispatch')).find('inputs'));

/** The `inputs` context: defaults, in their type. */
export function inputsOf(root: MappingToken): Values {
  const pairs = [...declared(root)].map(({ key, value }) => [String(key), defaultOf(mappingOf(value))]);
  return Object.fromEntries(pairs);
}

function defaultOf(input: MappingToken): ContextValue {
  const text = String(input.find('default') ?? '');
  const type = String(input.find('type') ?? 'string');
  if (type === 'boolean') return text === 'true';
  return type === 'number' && text !== '' ? Number(text) : text;
}

/** GitHub does not start a workflow without an input that it requires. */
export function inputProblems(file: string, root: MappingToken): Problem[] {
  return [...declared(root)]
    .filter(({ value }) => {
      const input = mappingOf(value);
      return String(input.find('required')) === 'true' && input.find('default') === undefined;
    })
    .map(({ key }) => ({
      ...{ file, ...placeOf(key) },
      message: `The input ${key} is required and has no default`,
      fix: 'Give it a default: this world starts a workflow with the defaults of its inputs.',
    }));
}
