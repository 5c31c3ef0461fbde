import { isDeepStrictEqual } from 'node:util';
import { type Operation, readSchema } from './handlers.ts';
import type { Resource, Site } from './names.ts';
import { handlerNeeds, type Need } from './needs.ts';

/** What CloudFormation does to one resource. */
export interface Step {
  readonly logicalId: string;
  readonly operation: Operation;
  /** The template that has the resource, as it is handled. */
  readonly site: Site;
  /** What the resource was, of one that is updated. */
  readonly before?: Resource | undefined;
}

/** The steps from one template to the next: what is new and what has changed, then what is gone. Pure. */
export function planChange(before: Site, after: Site): Step[] {
  const names = Object.keys(after.resources);
  const gone = Object.keys(before.resources).filter((name) => !(name in after.resources));
  return [
    ...names.flatMap((logicalId) =>
      operationsFor(before.resources[logicalId], after.resources[logicalId]).map((operation) => ({
        logicalId,
        operation,
        site: after,
        before: before.resources[logicalId],
      })),
    ),
    ...gone.map((logicalId) => ({ logicalId, operation: 'delete' as const, site: before })),
  ];
}

function operationsFor(before: Resource | undefined, after: Resource | undefined): Operation[] {
  if (before === undefined) return ['create', 'read'];
  if (after === undefined || isDeepStrictEqual(before, after)) return [];
  return isReplaced(before, after) ? ['create', 'read', 'delete'] : ['update', 'read'];
}

/** By the properties that the type's schema calls create-only. */
function isReplaced(
  { Type, Properties: before = {} }: Resource,
  { Properties: after = {} }: Resource,
): boolean {
  const createOnly = (readSchema(Type).createOnlyProperties ?? []).map(
    (pointer) => pointer.split('/')[2] ?? '',
  );
  return createOnly.some((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** What an update asks for only where this property changes (a role's trust: accelerated-intelligent-document-processing#632). */
const ONLY_TO_CHANGE: Readonly<Record<string, string>> = {
  'iam:DeleteRolePermissionsBoundary': 'PermissionsBoundary',
  'iam:UpdateAssumeRolePolicy': 'AssumeRolePolicyDocument',
};

/** All that a step needs of IAM. */
export async function stepNeeds({ site, logicalId, operation, before }: Step): Promise<Need[]> {
  const needs = await handlerNeeds(site, logicalId, operation);
  const after = site.resources[logicalId];
  const isKept = (property: string) =>
    isDeepStrictEqual(before?.Properties?.[property], after?.Properties?.[property]);
  return needs.filter(({ action }) => {
    const property = ONLY_TO_CHANGE[action];
    return property === undefined || operation !== 'update' || !isKept(property);
  });
}
