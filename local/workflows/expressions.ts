/** What GitHub evaluates before a job reaches a runner, by GitHub's own library for expressions. */
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import { ContextAccess, type Expr } from '@actions/expressions/ast';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { equals, truthy } from '@actions/expressions/result';
import type { ContextValue, Token } from '../github/service/definition.ts';

/** What expressions see. A context that is not here is null, as at GitHub. */
export interface Scope {
  readonly contexts: Readonly<Record<string, ContextValue>>;
  /** `success`, `failure`, `cancelled`, `always`, where they may be called. Their arguments are keys of jobs. */
  readonly status?: Readonly<Record<string, (keys: readonly string[]) => boolean>>;
}

const CONTEXTS = ['github', 'needs', 'strategy', 'matrix', 'inputs', 'vars'];
const STATUS_FUNCTIONS = ['success', 'failure', 'cancelled', 'always'];

function parse(expression: string): Expr {
  const functions = STATUS_FUNCTIONS.map((name) => ({ name, minArgs: 0, maxArgs: Number.MAX_SAFE_INTEGER }));
  return new Parser(new Lexer(expression).lex().tokens, CONTEXTS, functions).parse();
}

/** Whether a condition holds. */
export function holds(condition: string, scope: Scope): boolean {
  return truthy(evaluateData(condition, scope));
}

function evaluateData(expression: string, { contexts, status = {} }: Scope): data.ExpressionData {
  const known = new data.Dictionary();
  for (const name of CONTEXTS) known.add(name, toData(contexts[name] ?? null));
  return new Evaluator(parse(expression), known, statusFunctions(status)).evaluate();
}

function statusFunctions(status: NonNullable<Scope['status']>): Map<string, FunctionDefinition> {
  const functions = Object.entries(status).map(([name, decide]): [string, FunctionDefinition] => [
    name,
    {
      ...{ name, minArgs: 0, maxArgs: Number.MAX_SAFE_INTEGER },
      call: (...keys) => new data.BooleanData(decide(keys.map((key) => key.coerceString()))),
    },
  ]);
  return new Map(functions);
}

/** The value of a token with all its expressions. Throws what GitHub's library says is wrong. */
export function evaluate(token: Token, scope: Scope): ContextValue {
  if (token === null || typeof token !== 'object') return token;
  if (token.type === 1) return token.seq.map((item) => evaluate(item, scope));
  if (token.type === 3) return fromData(evaluateData(token.expr, scope));
  return Object.fromEntries(
    token.map.map(({ Key, Value }) => [textOf(evaluate(Key, scope)), evaluate(Value, scope)]),
  );
}

/** As an expression writes a value into a text. */
export const textOf = (value: ContextValue): string => toData(value).coerceString();

/** `==` of expressions: texts in any case, and what looks like a number is one. */
export const looselyEqual = (a: ContextValue, b: ContextValue): boolean => equals(toData(a), toData(b));

const toData = (value: ContextValue): data.ExpressionData => JSON.parse(JSON.stringify(value), data.reviver);

const fromData = (value: data.ExpressionData): ContextValue =>
  JSON.parse(JSON.stringify(value, data.replacer));

/** Whether any expression of the token reads this context. */
export function reads(token: Token | undefined, context: string): boolean {
  if (token === undefined || token === null || typeof token !== 'object') return false;
  if (token.type === 1) return token.seq.some((item) => reads(item, context));
  if (token.type === 2)
    return token.map.some(({ Key, Value }) => reads(Key, context) || reads(Value, context));
  return contextsOf(parse(token.expr)).has(context);
}

/** Names in lower case. The library's nodes hold nothing but nodes, tokens and values. */
function contextsOf(node: object): ReadonlySet<string> {
  if (node instanceof ContextAccess) return new Set([node.name.lexeme.toLowerCase()]);
  const parts = Object.values(node)
    .flat()
    .filter((part) => typeof part === 'object' && part !== null);
  return new Set(parts.flatMap((part) => [...contextsOf(part)]));
}
