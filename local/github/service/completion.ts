/** What a worker tells of its job at the end (WIRE-23). Members that the world has no use for are passed over. */
import * as v from 'valibot';
import type { Annotation, StepResult } from '../records.ts';
import type { Conclusion } from '../types.ts';

/** The runner's words (TaskResult.cs) and GitHub's. */
const CONCLUSIONS: Readonly<Record<string, Conclusion>> = {
  succeeded: 'success',
  succeededwithissues: 'success',
  failed: 'failure',
  canceled: 'cancelled',
  skipped: 'skipped',
  abandoned: 'failure',
};

const conclusion = v.pipe(
  v.string(),
  v.transform((word) => CONCLUSIONS[word.toLowerCase()]),
  v.custom<Conclusion>((known) => known !== undefined, 'is none that a runner has'),
);
const text = v.nullish(v.string());
const annotation = v.object({
  level: v.optional(v.picklist(['notice', 'warning', 'failure']), 'failure'),
  message: v.optional(v.string(), ''),
  title: text,
});
const step = v.object({
  external_id: v.optional(v.string(), ''),
  number: v.optional(v.number(), 0),
  name: v.optional(v.string(), ''),
  conclusion: v.nullish(conclusion, null),
  started_at: text,
  completed_at: text,
  annotations: v.nullish(v.array(annotation), []),
});
const COMPLETION = v.object({
  conclusion,
  outputs: v.nullish(v.record(v.string(), v.object({ value: text })), {}),
  stepResults: v.nullish(v.array(step), []),
  annotations: v.nullish(v.array(annotation), []),
});

export interface Completion {
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
  readonly stepResults: readonly StepResult[];
  /** Of the job itself. */
  readonly annotations: readonly Annotation[];
}

/** Undefined for what is none. */
export function readCompletion(body: unknown): Completion | undefined {
  const { success, output } = v.safeParse(COMPLETION, body);
  if (!success) return undefined;
  const outputs = Object.entries(output.outputs).map(([name, { value }]) => [name, value ?? '']);
  return {
    conclusion: output.conclusion,
    outputs: Object.fromEntries(outputs),
    stepResults: output.stepResults.map(stepResult),
    annotations: output.annotations.map(ofAnnotation),
  };
}

const ofAnnotation = ({ level, message, title }: v.InferOutput<typeof annotation>): Annotation => ({
  level,
  message,
  ...(title && { title }),
});

function stepResult(told: v.InferOutput<typeof step>): StepResult {
  return {
    externalId: told.external_id,
    number: told.number,
    name: told.name,
    conclusion: told.conclusion,
    ...(told.started_at && { startedAt: told.started_at }),
    ...(told.completed_at && { completedAt: told.completed_at }),
    annotations: told.annotations.map(ofAnnotation),
  };
}

/** As GitHub's page of a run shows one: its title, if any, before its text. The steps' come before the job's own. */
export function firstFailure({ annotations, stepResults }: Completion): string | null {
  const all = [...stepResults.flatMap((result) => result.annotations), ...annotations];
  const first = all.find(({ level }) => level === 'failure');
  if (first === undefined) return null;
  return first.title === undefined ? first.message : `${first.title}: ${first.message}`;
}
