/** A resource of a CloudFormation template, as far as a plan looks at it. */
export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  /** `Retain`: it stays where it is, and is no longer the stack's. */
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Condition?: string; readonly Value?: unknown }>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** Where a template is deployed, as far as its conditions ask. */
export interface Site {
  readonly region: string;
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
}

export const NO_TEMPLATE: Template = { Resources: {} };

/** Decides each condition, and leaves out what it rules out, as CloudFormation does. Pure. */
export function resolveTemplate(template: Template, site: Site): Template {
  const holds = (name: string): boolean => decide(template.Conditions?.[name], holds, site);
  const kept = <T extends { readonly Condition?: string }>(section: Readonly<Record<string, T>> = {}) =>
    Object.fromEntries(
      Object.entries(section).filter(([, { Condition }]) => Condition === undefined || holds(Condition)),
    );
  return prune(
    { ...template, Resources: kept(template.Resources), Outputs: kept(template.Outputs) },
    holds,
  ) as Template;
}

type Holds = (condition: string) => boolean;

/** What a template of another version may ask beside these is taken to hold: better to show too much. */
function decide(expression: unknown, holds: Holds, site: Site): boolean {
  const [operator, operands] = Object.entries(Object(expression))[0] ?? [];
  if (operator === 'Condition') return holds(String(operands));
  const list = (Array.isArray(operands) ? operands : []) as readonly unknown[];
  const inner = (one: unknown) => decide(one, holds, site);
  if (operator === 'Fn::Equals') return textOf(list[0], site) === textOf(list[1], site);
  if (operator === 'Fn::Not') return !inner(list[0]);
  if (operator === 'Fn::And') return list.every(inner);
  return operator === 'Fn::Or' ? list.some(inner) : true;
}

function textOf(value: unknown, { region, partition }: Site): string {
  const { Ref: name } = Object(value) as { Ref?: string };
  if (name === 'AWS::Partition') return partition;
  return name === 'AWS::Region' ? region : String(value);
}

/** Undefined where a property or an item is to be left out. */
function prune(value: unknown, holds: Holds): unknown {
  if (Array.isArray(value))
    return value.map((item) => prune(item, holds)).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: name, 'Fn::If': choice } = value as { Ref?: unknown; 'Fn::If'?: unknown };
  if (name === 'AWS::NoValue') return undefined;
  if (Array.isArray(choice)) return prune(choice[holds(String(choice[0])) ? 1 : 2], holds);
  const entries = Object.entries(value).map(([key, inner]) => [key, prune(inner, holds)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined));
}

/** Each resource that a value refers to, by Ref, Fn::GetAtt and Fn::Sub. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [String([inner].flat()[0]).split('.')[0] ?? ''];
    return key === 'Fn::Sub' ? inText(inner) : referencesIn(inner);
  });
}

function inText(given: unknown): string[] {
  const [text, own = {}] = [given].flat();
  const names = [...String(text).matchAll(/\$\{(\w+)(?:\.\w+)?\}/g)].map(([, name = '']) => name);
  return [...names.filter((name) => !(name in Object(own))), ...referencesIn(own)];
}
