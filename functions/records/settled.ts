import * as v from 'valibot';
import { withoutMarks } from '../core/job/labels.ts';
import { PROVIDERS, type ProviderName } from '../core/job/providers.ts';
import { fullName } from '../core/job/repository.ts';
import { EXIT_CODES, type TaskEnding } from '../core/task/exit-codes.ts';
import type { TaskFact } from '../core/task/facts.ts';
import type { TaskHardware } from '../core/task/prices.ts';
import { describeError } from '../core/words/errors.ts';
import { STOP_CAUSES, type StopCause } from '../core/words/stop-causes.ts';
import { forPeople, number, schema, text, VERSION, version } from './parts.ts';

const isEnding = (value: unknown): boolean =>
  value === 'unexplained' || Object.values<unknown>(EXIT_CODES).includes(value);
const isProvider = (value: unknown): boolean => typeof value === 'string' && Object.hasOwn(PROVIDERS, value);
const isCause = (value: unknown): boolean => typeof value === 'string' && Object.hasOwn(STOP_CAUSES, value);

/** A stopped task, for the time after ECS has forgotten it. An ending and a cause of a later version are unexplained. */
export const SETTLED = /* @__PURE__ */ schema(() =>
  v.object({
    version,
    taskArn: v.string(),
    runnerName: v.string(),
    repository: text,
    /** What it was launched for: of its labels none that only one run or job has. */
    workflow: text,
    labels: v.optional(v.array(v.string())),
    hardware: v.object({
      vcpu: v.number(),
      memoryGiB: v.number(),
      storageGiB: v.number(),
      arch: v.picklist(['x64', 'arm64']),
      provider: v.fallback(v.custom<ProviderName>(isProvider), 'fargate'),
    }),
    /** At its region's prices, as this version knew them; an older line without `billedSeconds` has those of us-east-1. */
    costUsd: v.number(),
    /** From the pull of its image to its stop, a minute at least; 0 where none was pulled. */
    billedSeconds: number,
    createdAtMs: v.number(),
    startedAtMs: number,
    stoppedAtMs: number,
    ending: v.fallback(v.custom<TaskEnding>(isEnding), 'unexplained'),
    stopCode: text,
    stoppedReason: text,
    cause: v.optional(v.fallback(v.custom<StopCause>(isCause), 'unknown')),
    /** Seconds. */
    phases: v.record(v.string(), v.number()),
    isRemoved: forPeople('its registration was removed'),
    isDoubted: forPeople('its repository was put in doubt'),
    errors: v.optional(v.array(v.string())),
  }),
);
export type SettledTask = v.InferOutput<typeof SETTLED>;

interface Settled {
  readonly hardware: TaskHardware;
  readonly costUsd: number;
  readonly billedSeconds: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly ending: TaskEnding;
  readonly isRemoved: boolean;
  readonly isDoubted: boolean;
  readonly errors: readonly Error[];
}

export const settledLine = (
  task: TaskFact,
  { errors, ...settled }: Settled,
): v.InferInput<typeof SETTLED> => ({
  version: VERSION,
  runnerName: task.runnerName,
  taskArn: task.taskArn,
  repository: task.repository && fullName(task.repository),
  workflow: task.workflowName,
  labels: task.labels.map(withoutMarks),
  createdAtMs: task.createdAtMs,
  startedAtMs: task.startedAtMs,
  stoppedAtMs: task.stoppedAtMs,
  ...(task.stop && { stopCode: task.stop.code, stoppedReason: task.stop.reason, cause: task.stop.cause }),
  ...settled,
  errors: errors.map(describeError),
});
