/** What IAM is asked: an action on a resource, with the condition keys of the request. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

/** A statement of an IAM policy. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export const asList = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T];

export type Decision = 'allowed' | 'implicitDeny' | 'explicitDeny';

/** As IAM decides by an identity's policies: a statement that denies undoes any that allows. */
export function decide(statements: readonly Statement[], asked: AccessRequest): Decision {
  if (denying(statements, asked) !== undefined) return 'explicitDeny';
  return allowing(statements, asked) === undefined ? 'implicitDeny' : 'allowed';
}

const patterns = new Map<string, RegExp>();

/** IAM's wildcards: `*` and `?`. */
function like(pattern: string, value: string): boolean {
  const known =
    patterns.get(pattern) ??
    new RegExp(
      `^${pattern
        .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    );
  patterns.set(pattern, known);
  return known.test(value);
}

/** The condition operators that the templates use; another is an error, not a guess. */
const OPERATORS: Readonly<Record<string, (expected: string, actual: string) => boolean>> = {
  StringEquals: (expected, actual) => expected === actual,
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
  // Of single addresses only.
  IpAddress: (expected, actual) => expected === `${actual}/32`,
  NumericLessThanEquals: (expected, actual) => Number(actual) <= Number(expected),
};

/** Source: IAM user guide, "Multivalued context keys", "Condition operators". */
function holds(
  operator: string,
  key: string,
  expected: readonly string[],
  { context }: AccessRequest,
): boolean {
  const actual = context[key];
  if (operator === 'Null') return (actual === undefined) === (String(expected[0]) === 'true');
  // These two hold for a key that is absent, too.
  if (operator === 'StringNotEquals') return !expected.includes(String(actual));
  if (operator === 'StringNotLike') return !expected.some((pattern) => like(pattern, String(actual)));
  const [set, name = set ?? ''] = operator.includes(':') ? operator.split(':') : [undefined, operator];
  // "If the condition key is not present, evaluate the condition element as true" (IAM user guide, ...IfExists).
  if (name.endsWith('IfExists') && actual === undefined) return true;
  const compare = OPERATORS[name.replace(/IfExists$/, '')];
  if (compare === undefined) throw new Error(`teach this test the operator ${operator}`);
  const fits = (value: string) => expected.some((one) => compare(one, value));
  // All of none: a key that is absent passes.
  if (set === 'ForAllValues') return asList(actual ?? []).every((value) => fits(String(value)));
  return actual !== undefined && asList(actual).some((value) => fits(String(value)));
}

/** The statement that allows the request, if any; none denies in this stack's roles. */
export const allowing = (statements: readonly Statement[], asked: AccessRequest) =>
  matching('Allow', statements, asked);

/** The statement that denies the request, whatever allows it. */
export const denying = (statements: readonly Statement[], asked: AccessRequest) =>
  matching('Deny', statements, asked);

function matching(
  effect: Statement['Effect'],
  statements: readonly Statement[],
  asked: AccessRequest,
): Statement | undefined {
  return statements.find((statement) => {
    const { Effect, Action, Condition = {} } = statement;
    return (
      Effect === effect &&
      asList(Action).some((action) => like(action.toLowerCase(), asked.action.toLowerCase())) &&
      isOn(asked.resource, statement) &&
      Object.entries(Condition).every(([operator, keys]) =>
        Object.entries(keys).every(([key, expected]) =>
          holds(operator, key, asList(expected).map(String), asked),
        ),
      )
    );
  });
}

function isOn(resource: string, { Resource, NotResource }: Statement): boolean {
  const named = (patterns: unknown) => asList(patterns).some((pattern) => like(String(pattern), resource));
  return NotResource === undefined ? named(Resource) : !named(NotResource);
}
