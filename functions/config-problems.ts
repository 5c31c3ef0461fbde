import * as v from 'valibot';
import { didYouMean } from './did-you-mean.ts';

/** Keys of an older version. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['limits.maximumVcpu', 'limits.cpu'],
  ['limits.maximumMemoryGiB', 'limits.memory'],
  ['limits.maximumStorageGiB', 'limits.storage'],
  ['capacity', 'concurrency, with the keys runners, runnersPerRepository, cpu and cpuPerRepository'],
  ['refusals', 'rejections'],
]);

/** What is wrong with the content of `runners.yml`, a sentence for each. */
export const problemsOf = (
  schema: v.GenericSchema,
  content: unknown,
  issues: readonly v.BaseIssue<unknown>[],
): string[] => [
  ...issues.filter((issue) => !isUnknownKey(issue)).map(describe),
  ...unknownKeys(schema, content, ''),
];

/** Valibot tells of the first one only. */
const isUnknownKey = ({ type, expected }: v.BaseIssue<unknown>): boolean =>
  type === 'strict_object' && expected === 'never';

function describe(issue: v.BaseIssue<unknown>): string {
  const key = v.getDotPath(issue) ?? 'the file';
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${key} is missing`;
  if (issue.type === 'strict_object') return `${key} must be a mapping, not ${issue.received}`;
  return `${key} ${issue.message} (it is ${issue.received})`;
}

/** What the schema has below this place: keys of a mapping, the same for whatever name there is, or a list. */
interface Shape {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly value?: Shape;
  /** Of each in a list. */
  readonly item?: Shape;
  /** Of an optional one. */
  readonly wrapped?: Shape;
}

function unknownKeys(schema: Shape, content: unknown, at: string): string[] {
  const { wrapped, entries, value, item } = schema;
  if (wrapped !== undefined) return unknownKeys(wrapped, content, at);
  if (Array.isArray(content))
    return item === undefined
      ? []
      : content.flatMap((one, index) => unknownKeys(item, one, `${at}${index}.`));
  if (typeof content !== 'object' || content === null) return [];
  return Object.entries(content).flatMap(([key, below]) => {
    const inner = value ?? entries?.[key];
    if (inner !== undefined) return unknownKeys(inner, below, `${at}${key}.`);
    return entries === undefined ? [] : [describeUnknown(at + key, key, Object.keys(entries))];
  });
}

function describeUnknown(path: string, key: string, known: readonly string[]): string {
  if (RENAMED.has(path)) return `${path} is now ${RENAMED.get(path)}: rename it`;
  const guess = didYouMean(key, known);
  return `${path} is not a known key${guess || `: remove it, or use one of ${known.join(', ')}`}`;
}
