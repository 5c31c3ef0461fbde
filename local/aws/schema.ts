import { isObject } from '../../functions/kit/json.ts';
/**
 * Reads and writes JSON by the runtime schemas that each SDK client exports (`RunTask$`, `EncryptRequest$`, ...),
 * so that what the world accepts and answers is what AWS's own model says. The format is that of
 * `@smithy/types` (`schema/static-schemas.d.ts`, `schema/sentinels.d.ts`):
 * numbers are simple types, arrays are shapes, functions are references, and `[reference, traits]` is a member.
 */
export type Schema = unknown;

export type ProblemKind = 'missing' | 'unknown' | 'type';

/** What is wrong with a value, and where. */
export class SchemaProblem extends Error {
  override readonly name = 'SchemaProblem';
  readonly kind: ProblemKind;
  readonly path: string;

  constructor(kind: ProblemKind, path: string, message: string) {
    super(message);
    this.kind = kind;
    this.path = path;
  }
}

type Leaf = (type: number, value: unknown, path: string) => unknown;

const SIMPLE = 0;
const LIST = 1;
const MAP = 2;
const STRUCTURE = 3;
const LIST_OF = 0b0100_0000;
const MAP_OF = 0b1000_0000;

/** The request or response schema of an operation schema (`[9, namespace, name, traits, input, output]`). */
export function operationShapes(operation: Schema): { input: Schema; output: Schema } {
  if (!Array.isArray(operation) || operation[0] !== 9) throw new TypeError('not an operation schema');
  return { input: operation[4], output: operation[5] };
}

/** JSON as received, to the values that the SDK's types describe. Throws a SchemaProblem. */
export function readJson(schema: Schema, json: unknown): unknown {
  return walk(schema, json, '', readLeaf);
}

/** The values that the SDK's types describe, to JSON. Throws a SchemaProblem for what AWS could not answer. */
export function writeJson(schema: Schema, value: unknown): unknown {
  return walk(schema, value, '', writeLeaf);
}

function walk(schema: Schema, value: unknown, path: string, leaf: Leaf): unknown {
  const type = dereference(schema);
  if (type === 'unit') return {};
  if (typeof type === 'number') return walkSimple(type, value, path, leaf);
  if (!Array.isArray(type)) throw new TypeError(`no schema at ${path || 'the top'}`);
  if (type[0] === SIMPLE) return walk(type[4], value, path, leaf);
  if (type[0] === LIST) return walkList(type[4], value, path, leaf);
  if (type[0] === MAP) return walkMap(type[5], value, path, leaf);
  return walkStructure(type, value, path, leaf);
}

function walkSimple(type: number, value: unknown, path: string, leaf: Leaf): unknown {
  if (type >= MAP_OF) return walkMap(type - MAP_OF, value, path, leaf);
  if (type >= LIST_OF) return walkList(type - LIST_OF, value, path, leaf);
  return leaf(type, value, path);
}

function walkList(member: Schema, value: unknown, path: string, leaf: Leaf): unknown[] {
  if (!Array.isArray(value)) throw wrongType(path, 'a list');
  return value.map((item, index) => walk(member, item, `${path}[${index}]`, leaf));
}

function walkMap(member: Schema, value: unknown, path: string, leaf: Leaf): Record<string, unknown> {
  if (!isObject(value)) throw wrongType(path, 'a map');
  const entries = Object.entries(value).filter(([, item]) => isPresent(item));
  return Object.fromEntries(entries.map(([key, item]) => [key, walk(member, item, join(path, key), leaf)]));
}

function walkStructure(type: unknown[], value: unknown, path: string, leaf: Leaf): Record<string, unknown> {
  if (!isObject(value)) throw wrongType(path, 'a structure');
  const [id, , , , names, members, required = 0] = type as [number, 0, 0, 0, string[], Schema[], number?];
  const missing = Math.abs(id) === STRUCTURE && names.slice(0, required).find((n) => !isPresent(value[n]));
  if (missing) throw new SchemaProblem('missing', join(path, missing), `${join(path, missing)} is required`);
  const read = ([name, item]: [string, unknown]): [string, unknown] => {
    const index = names.indexOf(name);
    if (index < 0) throw new SchemaProblem('unknown', join(path, name), `${join(path, name)} is not known`);
    return [name, walk(members[index], item, join(path, name), leaf)];
  };
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => isPresent(item))
      .map(read),
  );
}

function readLeaf(type: number, value: unknown, path: string): unknown {
  switch (type) {
    case 21:
    case 42:
      if (typeof value !== 'string' || !isBase64(value)) throw wrongType(path, 'a base64 string');
      return new Uint8Array(Buffer.from(value, 'base64'));
    case 4:
    case 7:
      return new Date(expectType(value, 'number', path) * 1000);
    default:
      return plainLeaf(type, value, path);
  }
}

function writeLeaf(type: number, value: unknown, path: string): unknown {
  switch (type) {
    case 21:
    case 42:
      if (!(value instanceof Uint8Array)) throw wrongType(path, 'bytes');
      return Buffer.from(value).toString('base64');
    case 4:
    case 7:
      if (!(value instanceof Date)) throw wrongType(path, 'a date');
      return value.getTime() / 1000;
    default:
      return plainLeaf(type, value, path);
  }
}

function plainLeaf(type: number, value: unknown, path: string): unknown {
  switch (type) {
    case 0:
      return expectType(value, 'string', path);
    case 1:
    case 17:
    case 19:
      return expectType(value, 'number', path);
    case 2:
      return expectType(value, 'boolean', path);
    case 15:
      return value;
    default:
      throw new TypeError(`schema type ${type} at ${path} is not supported`);
  }
}

interface PlainTypes {
  string: string;
  number: number;
  boolean: boolean;
}

function expectType<T extends keyof PlainTypes>(value: unknown, type: T, path: string): PlainTypes[T] {
  // typeof cannot narrow an indexed type, hence the assertion.
  if (typeof value === type) return value as PlainTypes[T];
  throw wrongType(path, `a ${type}`);
}

function wrongType(path: string, wanted: string): SchemaProblem {
  return new SchemaProblem('type', path, `${path || 'the body'} is not ${wanted}`);
}

function dereference(schema: Schema): Schema {
  if (typeof schema === 'function') return dereference(schema());
  const isMember = Array.isArray(schema) && typeof schema[1] !== 'string';
  return isMember ? dereference(schema[0]) : schema;
}

const isPresent = (value: unknown) => value !== undefined && value !== null;
const isBase64 = (text: string) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;
const join = (path: string, name: string) => (path ? `${path}.${name}` : name);
