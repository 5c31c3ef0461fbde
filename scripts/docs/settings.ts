import type * as v from 'valibot';

export interface Setting {
  /** With dots: `limits.vcpu`. */
  readonly key: string;
  readonly is: string;
  readonly standard: string;
}

/** The fields of a schema from which one can read what it accepts. */
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly wrapped?: Schema;
  readonly default?: unknown;
  readonly options?: readonly unknown[];
  readonly item?: Schema;
  readonly key?: Schema;
  readonly value?: Schema;
  readonly pipe?: readonly Step[];
}

interface Step extends Schema {
  readonly requirement?: unknown;
  readonly message?: unknown;
}

/** Every key of a schema, with what it accepts and its default. */
export const settingsOf = (schema: v.GenericSchema): Setting[] => walk(schema as unknown as Schema, '', '');

function walk(schema: Schema, key: string, standard: string): Setting[] {
  if (schema.type === 'optional' && schema.wrapped)
    return walk(schema.wrapped, key, standardOf(schema.default));
  if (schema.entries) {
    const below = key === '' ? '' : `${key}.`;
    return Object.entries(schema.entries).flatMap(([name, entry]) =>
      walk(entry, `${below}${name}`, 'none: required'),
    );
  }
  if (schema.type === 'record' && schema.value)
    return walk({ ...unwrapped(schema.value) }, `${key}.NAME`, '').map((one) => ({
      ...one,
      standard: 'as in `defaults`',
    }));
  return [{ key, is: kindOf(schema), standard }];
}

const unwrapped = (schema: Schema): Schema =>
  schema.type === 'optional' && schema.wrapped ? schema.wrapped : schema;

function standardOf(value: unknown): string {
  if (value === undefined) return 'no limit';
  return Array.isArray(value) ? '`[]`' : `\`${String(value)}\``;
}

function kindOf(schema: Schema): string {
  const { type, options, item } = schema;
  if (options) return options.map((option) => `\`${String(option)}\``).join(' or ');
  if (item) return `a list of ${kindOf(item)}`;
  if (type === 'boolean') return '`true` or `false`';
  const steps = stepsOf(schema);
  const step = (name: string) => steps.find((one) => one.type === name);
  if (type === 'number')
    return `${step('integer') ? 'a whole number' : 'a number'}${range(step('min_value')?.requirement, step('max_value')?.requirement)}`;
  const words = step('regex')?.message;
  return typeof words === 'string' ? words.replace(/^must be /, '') : 'text';
}

/** The steps of a pipe and of the pipes inside it. */
const stepsOf = ({ pipe = [] }: Schema): Step[] =>
  pipe.flatMap((step) => [step, ...stepsOf({ ...step, pipe: step.pipe?.slice(1) ?? [] })]);

function range(least: unknown, most: unknown): string {
  if (least === undefined) return '';
  return most === undefined ? ` from ${least}` : ` from ${least} to ${most}`;
}
