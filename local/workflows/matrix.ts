/**
 * `strategy.matrix`: the cross product less `exclude`, with `include` (docs.github.com, Running variations of jobs in a
 * workflow). Where the page leaves a choice, as actions/runner has it (GH-57).
 */
import type { ContextValue } from '../github/service/definition.ts';
import { looselyEqual, textOf } from './expressions.ts';

type Mapping = Readonly<Record<string, ContextValue>>;

/** One job of a matrix. */
export interface Combination {
  readonly matrix: Mapping;
  /** What stands in the job's name: not what an `include` has added to a combination. */
  readonly segments: readonly string[];
}

/** GitHub makes no more jobs of one matrix (GH-33). */
const MOST_JOBS = 256;

/** All combinations, in GitHub's order. Throws what is wrong with the matrix. */
export function expandMatrix(matrix: ContextValue): Combination[] {
  const { include, exclude, ...vectors } = mappingOf(matrix, 'matrix');
  const included = listOf(include ?? [], 'include').map((item) => mappingOf(item, 'an item of include'));
  const excluded = listOf(exclude ?? [], 'exclude').map((item) => mappingOf(item, 'an item of exclude'));
  if (Object.keys(vectors).length === 0 && included.length === 0)
    throw new Error('Matrix must define at least one vector');
  checkFilters(vectors, included, excluded);
  const product = crossProduct(vectors).filter((one) => !excluded.some((filter) => matches(filter, one)));
  const all = [...product.map((one) => extended(one, included)), ...unmatched(product, vectors, included)];
  if (all.length <= MOST_JOBS) return all;
  throw new Error(`Matrix has ${all.length} jobs, more than ${MOST_JOBS}`);
}

function crossProduct(vectors: Mapping): Mapping[] {
  const lists = Object.entries(vectors).map(([name, values]) => [name, vectorOf(name, values)] as const);
  if (lists.length === 0) return [];
  const size = lists.reduce((product, [, values]) => product * values.length, 1);
  // Before anything is built: four lists of a thousand are a million million combinations.
  if (size > MOST_JOBS * MOST_JOBS)
    throw new Error(`Matrix has ${size} combinations, more than ${MOST_JOBS}`);
  return lists.reduce<Mapping[]>(
    (product, [name, values]) => product.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

function vectorOf(name: string, values: ContextValue): readonly ContextValue[] {
  const vector = listOf(values, name);
  if (vector.length === 0) throw new Error(`Matrix vector '${name}' does not contain any values`);
  return vector;
}

function checkFilters(vectors: Mapping, included: readonly Mapping[], excluded: readonly Mapping[]): void {
  if (included.some((item) => Object.keys(item).length === 0))
    throw new Error('Matrix include mapping does not contain any values');
  for (const filter of excluded) {
    if (Object.keys(filter).length === 0) throw new Error('Matrix exclude filter must not be empty');
    for (const key of Object.keys(filter))
      if (!has(vectors, key))
        throw new Error(`Matrix exclude key '${key}' does not match any key within the matrix`);
  }
}

/** A combination with what the includes that fit it add. They fit by its own keys alone. */
function extended(one: Mapping, included: readonly Mapping[]): Combination {
  const extra = included.filter((item) => fits(item, one)).map((item) => part(item, one, false));
  return { matrix: Object.assign({}, one, ...extra), segments: segmentsOf(one) };
}

/** The includes that fit no combination are combinations themselves. */
function unmatched(product: readonly Mapping[], vectors: Mapping, included: readonly Mapping[]) {
  const alone = included.filter((item) => !product.some((one) => fits(item, one)));
  return alone.map((item): Combination => {
    // The keys of the matrix first, as GitHub has them.
    const matrix = { ...part(item, vectors, true), ...part(item, vectors, false) };
    return { matrix, segments: segmentsOf(matrix) };
  });
}

const fits = (item: Mapping, one: Mapping): boolean => matches(part(item, one, true), one);

/** The entries whose keys the other mapping has, or those whose keys it has not. */
const part = (item: Mapping, other: Mapping, isShared: boolean): Mapping =>
  Object.fromEntries(Object.entries(item).filter(([key]) => has(other, key) === isShared));

/** Each leaf of the filter is equal to the value at the same place. */
function matches(filter: ContextValue, value: ContextValue | undefined): boolean {
  if (filter === null || typeof filter !== 'object') return looselyEqual(filter, value ?? null);
  return Object.entries(filter).every(([key, wanted]) => matches(wanted, lookUp(value, key)));
}

/** Names of contexts have no case. */
function lookUp(value: ContextValue | undefined, key: string): ContextValue | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const entry = Object.entries(value).find(([name]) => name.toLowerCase() === key.toLowerCase());
  return entry?.[1];
}

const has = (mapping: Mapping, key: string): boolean => lookUp(mapping, key) !== undefined;

/** All texts, numbers and booleans, those of nested values too. */
function segmentsOf(value: ContextValue): string[] {
  if (value === null) return [];
  if (typeof value === 'object') return Object.values(value).flatMap(segmentsOf);
  const text = textOf(value);
  return text === '' ? [] : [text];
}

function mappingOf(value: ContextValue, what: string): Mapping {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Mapping;
  throw new Error(`A mapping was expected for ${what}`);
}

function listOf(value: ContextValue, what: string): readonly ContextValue[] {
  if (Array.isArray(value)) return value;
  throw new Error(`A sequence was expected for ${what}`);
}
