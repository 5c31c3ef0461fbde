import { asList, type Statement } from '../../local/aws/iam/evaluate.ts';

export { asList, type Statement };

/** A CloudFormation template, as far as the tests look at it. */
export interface Template {
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Condition?: string; readonly Value: unknown }>>;
}

interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The value at a path, or undefined. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isObject(inner) ? Reflect.get(inner, key) : undefined), value);
}

export function properties(template: Template, name: string): Readonly<Record<string, unknown>> {
  const resource = template.Resources[name];
  if (resource === undefined) throw new Error(`The template has no resource ${name}.`);
  return resource.Properties;
}

/** The resources of a type, as [name, properties]. */
export function ofType(template: Template, type: string): [string, Readonly<Record<string, unknown>>][] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([name, resource]) => [name, resource.Properties]);
}

/** All that a role may do: its own policies and those that are attached to it beside it. */
export function statementsOf(template: Template, role: string): readonly Statement[] {
  const own = properties(template, role)['Policies'] as readonly unknown[];
  const beside = ofType(template, 'AWS::IAM::RolePolicy').map(([, policy]) => policy);
  const attached = beside.filter((policy) => at(policy, 'RoleName', 'Ref') === role);
  return [...own, ...attached].flatMap((policy) => at(policy, 'PolicyDocument', 'Statement') as Statement[]);
}

/** What a template refers to: the names in Ref, Fn::GetAtt and Fn::Sub, and in DependsOn. */
export function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    // A container's are its neighbours in the task.
    if (key === 'DependsOn') return asList(inner).filter((name) => typeof name === 'string');
    if (key === 'Fn::GetAtt') return [String(asList(inner)[0]).split('.')[0] ?? ''];
    if (key === 'Fn::Sub') return inText(inner);
    return references(inner);
  });
}

/** With the text's own variables, where it has some, the values of those count. */
function inText(given: unknown): string[] {
  const [text, own = {}] = asList<unknown>(given);
  const names = [...String(text).matchAll(/\$\{([\w]+)(?:\.\w+)?\}/g)].map((match) => match[1] ?? '');
  return [...names.filter((name) => !(name in Object(own))), ...references(own)];
}

/** Decides each condition, and leaves out what it rules out, as CloudFormation does. */
export function resolveConditions(template: Template): Template {
  const holds = (name: string): boolean => decide(template.Conditions?.[name], holds);
  const kept = <T extends { readonly Condition?: string }>(section: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(section).filter(([, { Condition }]) => !Condition || holds(Condition)));
  const { Resources, Outputs } = template;
  return prune({ ...template, Resources: kept(Resources), Outputs: kept(Outputs) }, holds) as Template;
}

type Holds = (condition: string) => boolean;

/** Equals, Not, And and references to other conditions, which is all that the templates use. */
function decide(expression: unknown, holds: Holds): boolean {
  const [operator, operands] = Object.entries(Object(expression))[0] ?? [];
  if (operator === 'Condition') return holds(String(operands));
  const list = operands as readonly unknown[];
  if (operator === 'Fn::Equals') return String(list[0]) === String(list[1]);
  if (operator === 'Fn::Not') return !decide(list[0], holds);
  if (operator === 'Fn::And') return list.every((item) => decide(item, holds));
  throw new Error(`Not a condition that the tests can decide: ${JSON.stringify(expression)}`);
}

/** Undefined where a property or an item is to be left out. */
function prune(value: unknown, holds: Holds): unknown {
  if (Array.isArray(value))
    return value.map((item) => prune(item, holds)).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (at(value, 'Ref') === 'AWS::NoValue') return undefined;
  const choice = at(value, 'Fn::If');
  if (Array.isArray(choice)) return prune(choice[holds(String(choice[0])) ? 1 : 2], holds);
  const entries = Object.entries(value).map(([key, inner]) => [key, prune(inner, holds)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
