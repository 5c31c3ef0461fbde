import * as v from 'valibot';
import type { TaskView } from './task-fact.ts';

const text = v.optional(v.string());
const pairs = v.optional(v.array(v.looseObject({ name: text, value: text })));

/** What is read of the detail of an ECS Task State Change, and must be of this form if it is there. */
const STATE_CHANGE = v.looseObject({
  taskArn: v.pipe(v.string(), v.startsWith('arn:')),
  lastStatus: v.string(),
  desiredStatus: text,
  startedBy: text,
  cpu: text,
  memory: text,
  taskDefinitionArn: text,
  capacityProviderName: text,
  ephemeralStorage: v.optional(v.looseObject({ sizeInGiB: v.optional(v.number()) })),
  createdAt: text,
  pullStartedAt: text,
  startedAt: text,
  stoppedAt: text,
  stopCode: text,
  stoppedReason: text,
  containers: v.optional(
    v.array(v.looseObject({ name: text, exitCode: v.optional(v.number()), reason: text })),
  ),
  overrides: v.optional(
    v.looseObject({
      containerOverrides: v.optional(v.array(v.looseObject({ name: text, environment: pairs }))),
    }),
  ),
  tags: v.optional(v.array(v.looseObject({ key: text, value: text }))),
});

/**
 * The task that an event is about, or which fields are not of the documented form; nothing of their values.
 * Source: AWS-19.
 */
export function readStateChange(detail: unknown): TaskView | { readonly malformed: string } {
  const read = v.safeParse(STATE_CHANGE, detail);
  if (read.success) return read.output;
  const fields = new Set(read.issues.map((issue) => v.getDotPath(issue) ?? 'detail'));
  return { malformed: `missing or not of the documented form: ${[...fields].join(', ')}` };
}
