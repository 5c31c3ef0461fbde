import { isDeepStrictEqual } from 'node:util';
import { type Resource, referencesIn, type Template } from '../../../infra/template.ts';
import replacing from './replacing.json' with { type: 'json' };

export type Action = 'make' | 'change' | 'replace' | 'delete';

/** What happens to one resource. */
export interface Change {
  readonly action: Action;
  readonly id: string;
  readonly type: string;
  /** Of one that is changed or replaced: the properties that do it. */
  readonly properties: readonly string[];
  /** One that would be deleted, and has a policy that keeps it: it stays where it is, and is no longer the stack's. */
  readonly isKept: boolean;
}

/**
 * What CloudFormation does to a stack on the way from one template to the next, both without conditions. A resource is
 * made again where a property changes that cannot change in place, and where such a property refers to what is made again.
 * A property that only sometimes can counts as one that cannot. Pure.
 */
export function changesBetween(from: Template, to: Template): Change[] {
  if (from === to) return [];
  const replaced = replacedBetween(from, to, new Map());
  const kept = Object.entries(to.Resources).flatMap(([id, after]) => {
    const before = from.Resources[id];
    if (before === undefined) return [changeOf('make', id, after)];
    const again = replaced.get(id);
    if (again !== undefined)
      return [{ ...changeOf('replace', id, after, again), isKept: before.UpdateReplacePolicy === 'Retain' }];
    const changed = changedProperties(before, after, (name) => replaced.has(name));
    return changed.length === 0 ? [] : [changeOf('change', id, after, changed)];
  });
  const gone = Object.entries(from.Resources).filter(([id]) => !(id in to.Resources));
  return [...kept, ...gone.map(([id, before]) => deletionOf(id, before))];
}

const changeOf = (
  action: Action,
  id: string,
  { Type: type }: Resource,
  properties: readonly string[] = [],
): Change => ({
  action,
  id,
  type,
  properties,
  isKept: false,
});

const deletionOf = (id: string, resource: Resource): Change => ({
  ...changeOf('delete', id, resource),
  isKept: resource.DeletionPolicy === 'Retain',
});

type Replaced = ReadonlyMap<string, readonly string[]>;

/** Those that are known to be made again, and what is made again because of them, each with the properties that do it. */
function replacedBetween(from: Template, to: Template, known: Replaced): Replaced {
  const more = Object.entries(to.Resources).flatMap(([id, after]) => {
    const before = from.Resources[id];
    if (before === undefined || known.has(id)) return [];
    const again = replacingProperties(before, after, (name) => known.has(name));
    return again.length === 0 ? [] : [[id, again] as const];
  });
  return more.length === 0 ? known : replacedBetween(from, to, new Map([...known, ...more]));
}

type IsNew = (id: string) => boolean;

function replacingProperties(before: Resource, after: Resource, isNew: IsNew): string[] {
  if (before.Type !== after.Type) return ['Type'];
  const fixed = (replacing as Readonly<Record<string, string>>)[after.Type]?.split(' ') ?? [];
  return changedProperties(before, after, isNew).filter((name) => fixed.includes(name));
}

/** A value that refers to something new is another than before. */
function changedProperties(
  { Properties: before = {} }: Resource,
  { Properties: after = {} }: Resource,
  isNew: IsNew,
): string[] {
  return Object.keys({ ...before, ...after }).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]) || referencesIn(after[name]).some(isNew),
  );
}
