import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tellStory } from '../../cli/doctor/story.ts';
import { costOfSettled } from '../../cli/observe/cost.ts';
import { foldSnapshot } from '../../cli/observe/fold.ts';
import { type LogRecord, readRecords } from '../../cli/observe/records.ts';
import { DELIVERY } from '../../functions/records/delivery.ts';
import { LAUNCH } from '../../functions/records/launch.ts';
import { RECONCILED } from '../../functions/records/reconciled.ts';
import { RERUN } from '../../functions/records/rerun.ts';
import { SETTLED } from '../../functions/records/settled.ts';
import { SWEPT } from '../../functions/records/swept.ts';
import { NO_FACTS } from '../cli/records.ts';
import { PREFIX } from '../fixtures/tasks.ts';
import { JOB_ID, LINES } from './lines.ts';

/** As far as a schema of valibot tells of itself. */
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly wrapped?: Schema;
  readonly item?: Schema;
  readonly pipe?: readonly Schema[];
}

interface Field {
  readonly path: string;
  readonly isForPeople: boolean;
}

function fieldsOf(schema: Schema, path = '', isForPeople = false): Field[] {
  const isTold = isForPeople || schema.pipe?.some(({ type }) => type === 'description') === true;
  const inner = schema.wrapped ?? schema.item;
  if (inner !== undefined) return fieldsOf(inner, path, isTold);
  if (schema.entries === undefined) return [{ path, isForPeople: isTold }];
  return Object.entries(schema.entries).flatMap(([key, one]) => fieldsOf(one, join(path, key), isTold));
}

const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/** The paths of a line's fields, as far down as its schema goes. */
function writtenIn(value: unknown, known: ReadonlySet<string>, path = ''): string[] {
  if (Array.isArray(value) && !known.has(path)) return value.flatMap((one) => writtenIn(one, known, path));
  if (known.has(path) || typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, one]) => writtenIn(one, known, join(path, key)));
}

/** What stands at the top of a line and in an object of its own in a record. */
const IN_ITS_OWN: ReadonlySet<string> = new Set(['job', 'task']);

/** Read before there is a record, by `upgrade`, by the reading of faults and by the filter for one job's lines. */
const READ_EARLIER = ['version', 'problem', 'errors', 'job'];

function watch<Value extends object>(value: Value, note: (path: string) => void, path = ''): Value {
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== 'string') return found;
      const isNested = typeof found === 'object' && found !== null && !Array.isArray(found);
      const at = isNested && path === '' && IN_ITS_OWN.has(key) ? '' : join(path, key);
      if (isNested && at !== 'phases') return watch(found, note, at);
      note(at);
      return found;
    },
  });
}

/** The fields that the console, a job's story and the costs take from these lines. */
function readOf(lines: readonly object[]): ReadonlySet<string> {
  const read = new Set(READ_EARLIER);
  const records = lines.flatMap((line, index): LogRecord[] => {
    const message = JSON.stringify(line);
    return readRecords({ id: `${index}`, atMs: index, message }, '').map((record) => {
      // A line about several jobs is one record for each.
      const isOneOfMany = record.kind === 'waiting';
      return watch(record, (path) => {
        read.add(isOneOfMany && path !== 'repository' ? `waiting.${path}` : path);
      });
    });
  });
  const folding = {
    stack: 's',
    region: 'us-east-1',
    prefix: PREFIX,
    githubUrl: 'https://github.com',
    sinceMs: 0,
    nowMs: 100,
  };
  const snapshot = foldSnapshot({ ...NO_FACTS, records }, folding);
  const job = snapshot.jobs.find(({ jobId }) => jobId === JOB_ID);
  if (job !== undefined) tellStory(job, { snapshot, records });
  for (const record of records) if (record.kind === 'stopped') costOfSettled(record.task, 'us-east-1');
  return read;
}

describe.each([
  ['delivery', DELIVERY],
  ['launch', LAUNCH],
  ['reconciled', RECONCILED],
  ['rerun', RERUN],
  ['settled', SETTLED],
  ['swept', SWEPT],
] as const)('a line of kind %s', (name, schema) => {
  const lines = LINES[name];
  const fields = fieldsOf(schema as unknown as Schema);

  it('should have no field that is not in its schema, and all that are', () => {
    const known = new Set(fields.map(({ path }) => path));
    const common = ['service', 'level', 'message'];
    const written = lines.flatMap((line) => writtenIn(JSON.parse(JSON.stringify(line)), known));
    expect([...new Set(written)].filter((path) => !common.includes(path)).toSorted()).toEqual(
      [...known].toSorted(),
    );
  });

  it('should have no field that neither code nor people read', () => {
    const read = readOf(lines);
    const unread = fields.filter(({ path, isForPeople }) => !isForPeople && !read.has(path));
    expect(unread.map(({ path }) => path)).toEqual([]);
  });

  it('should say that a field is for people only where no code reads it', () => {
    const read = readOf(lines);
    const both = fields.filter(({ path, isForPeople }) => isForPeople && read.has(path));
    expect(both.map(({ path }) => path)).toEqual([]);
  });
});

describe('the saved queries', () => {
  const schemas = [DELIVERY, LAUNCH, RECONCILED, RERUN, SETTLED, SWEPT] as unknown as Schema[];
  const known = new Set(schemas.flatMap((schema) => fieldsOf(schema).map((field) => field.path)));
  const template = readFileSync(path.join(import.meta.dirname, '../../infra/observability.yml'), 'utf8');
  const queries = [...template.matchAll(/QueryString: \|-\n((?: {8}.*\n)+)/g)].map(([, query = '']) => query);
  /** CloudWatch Logs Insights' own words, and what each line of a function has (error: where it is thrown). */
  const WORDS =
    /^(fields|filter|sort|stats|by|as|in|or|and|like|asc|desc|bin|pct|sum|count|latest|service|level|message|error)$/;

  /** Without texts, patterns, numbers, fields of CloudWatch's own, and names that the query gives. */
  const fieldsIn = (query: string): string[] => {
    const named = new Set([...query.matchAll(/ as (\w+)/g)].map(([, name]) => name));
    const bare = query.replace(/"[^"]*"|\/[^/]*\/|@\w+|\b\d\w*/g, ' ');
    const words = [...bare.matchAll(/[a-z]\w*(?:\.\w+)*/gi)].map(([word]) => word);
    return words.filter((word) => !named.has(word) && !WORDS.test(word));
  };

  it('should ask for fields that lines have', () => {
    expect(queries.length).toBeGreaterThan(3);
    // A phase is a key of `phases`.
    const unknown = queries
      .flatMap(fieldsIn)
      .filter((field) => !known.has(field.replace(/^phases\..*/, 'phases')));
    expect(unknown).toEqual([]);
  });
});
