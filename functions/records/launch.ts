import * as v from 'valibot';
import { fullName } from '../core/job/repository.ts';
import type { Launch } from '../core/plan/decide-launch.ts';
import type { Told } from '../core/plan/tell-launch.ts';
import type { LaunchOutcome } from '../core/words/outcomes.ts';
import { forPeople, number, schema, text, VERSION, version } from './parts.ts';

/** The job that a line is about. The log is the only record of a job's life: what no line says, no tool can tell later. */
export const JOB = /* @__PURE__ */ schema(() =>
  v.object({
    job: v.number(),
    run: number,
    repository: v.string(),
    jobName: text,
    action: text,
    labels: v.optional(v.pipe(v.array(v.string()), v.readonly()), []),
    runner: text,
    conclusion: text,
    failedStep: text,
    queuedAtMs: number,
    startedAtMs: number,
  }),
);
export type JobRecord = v.InferOutput<typeof JOB>;

/** What came of a launch (functions/core/words/outcomes.ts). */
export const OUTCOME = /* @__PURE__ */ schema(() =>
  v.object({
    kind: v.picklist(['launched', 'taken', 'refused', 'unknown']),
    runnerName: v.string(),
    detail: text,
    refusal: text,
    fault: text,
    taskArn: text,
    runnerId: forPeople('the registration’s id at GitHub'),
    fellBack: forPeople('Spot had no capacity, and on-demand was started'),
    step: forPeople('the call that did not succeed'),
    retryAfterSeconds: forPeople('how long the service asks to be left alone'),
  }),
);

/** What a launch asks for and where, in the line of its delivery and in its own. */
export const LAUNCHED = /* @__PURE__ */ schema(() => ({
  asked: forPeople('what the labels ask for'),
  given: forPeople('the task’s size, after rounding up'),
  scope: forPeople('where the runner registers, of a launch that went wrong'),
  runnerGroup: forPeople('in which runner group, by id or name, of a launch that went wrong'),
}));

/** A launch of reconcile's. */
export const LAUNCH = /* @__PURE__ */ schema(() =>
  v.object({
    version,
    reason: forPeople('what came of it, as outcome.kind'),
    ...v.partial(v.pick(JOB, ['job', 'run', 'repository', 'labels', 'queuedAtMs'])).entries,
    ...LAUNCHED,
    outcome: OUTCOME,
  }),
);

interface Launching {
  /** Unknown of an outcome that fits no plan. */
  readonly launch: Launch | undefined;
  readonly queuedAtMs: number | undefined;
  readonly outcome: LaunchOutcome;
  readonly told: Told;
}

export const launchLine = ({
  launch,
  queuedAtMs,
  outcome,
  told,
}: Launching): v.InferInput<typeof LAUNCH> => ({
  version: VERSION,
  reason: outcome.kind,
  job: launch?.jobId,
  run: launch?.runId,
  repository: launch && fullName(launch.repository),
  labels: launch && [...launch.labels],
  asked: launch?.asked,
  given: launch?.given,
  queuedAtMs,
  outcome,
  scope: told.scope,
  runnerGroup: told.runnerGroup,
});
