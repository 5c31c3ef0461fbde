/** What the worker sends to the results service: snake_case, enums as numbers (actions/runner, WebApi/Contracts.cs). */
import * as v from 'valibot';
import type { ReportedStep } from './job-report.ts';

const GUID = v.pipe(v.string(), v.uuid(), v.toLowerCase());
const TEXT = v.nullish(v.string());

/** Of every call: `planId` and `jobId` of the job's message. */
const OF_JOB = { workflow_run_backend_id: GUID, workflow_job_run_backend_id: GUID };

export const JOB_CALL = v.object(OF_JOB);
export const STEP_CALL = v.object({ ...OF_JOB, step_backend_id: GUID });

/** Unknown, in progress, pending and completed. */
const STATUS = { 0: 'queued', 3: 'in_progress', 5: 'queued', 6: 'completed' } as const;
const CONCLUSION = { 0: null, 2: 'success', 3: 'failure', 4: 'cancelled', 7: 'skipped' } as const;

const numberOf = <T extends object>(table: T) =>
  v.custom<keyof T>((value) => typeof value === 'number' && value in table, 'no such number');

export const STEPS_UPDATE = v.object({
  ...OF_JOB,
  change_order: v.pipe(v.number(), v.integer()),
  steps: v.array(
    v.object({
      external_id: GUID,
      number: v.pipe(v.number(), v.integer()),
      name: TEXT,
      status: numberOf(STATUS),
      conclusion: numberOf(CONCLUSION),
      started_at: TEXT,
      completed_at: TEXT,
    }),
  ),
});

type SentStep = v.InferOutput<typeof STEPS_UPDATE>['steps'][number];

export const reportedStep = (step: SentStep): ReportedStep => ({
  id: step.external_id,
  number: step.number,
  name: step.name ?? '',
  status: STATUS[step.status],
  conclusion: CONCLUSION[step.conclusion],
  startedAt: step.started_at ?? null,
  completedAt: step.completed_at ?? null,
});
