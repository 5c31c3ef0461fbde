import * as v from 'valibot';
import type { JobEvent } from '../core/job/events.ts';
import { fullName } from '../core/job/repository.ts';
import type { Launch, NoLaunch } from '../core/plan/decide-launch.ts';
import type { Told } from '../core/plan/tell-launch.ts';
import type { LaunchOutcome } from '../core/words/outcomes.ts';
import type { Reason } from '../core/words/reasons.ts';
import { JOB, LAUNCHED, OUTCOME } from './launch.ts';
import { forPeople, number, reason, schema, VERSION, version } from './parts.ts';

/** What became of a delivery, with its job where it has one and with its launch where there was one. */
export const DELIVERY = /* @__PURE__ */ schema(() =>
  v.object({
    version,
    ...v.partial(JOB).entries,
    status: v.number(),
    reason: v.optional(reason),
    answer: v.string(),
    delivery: forPeople('its id in the App’s delivery log at GitHub'),
    /** When the function began with it; GitHub's queue to this is the webhook's latency. */
    receivedAtMs: number,
    ...LAUNCHED,
    outcome: v.optional(OUTCOME),
  }),
);

interface Received {
  readonly status: number;
  readonly message: string;
  readonly reason?: Reason;
  readonly decision?: Launch | NoLaunch;
  readonly outcome?: LaunchOutcome;
  readonly event?: JobEvent;
}

/** Anyone who asks sends the header: a UUID, where GitHub does. */
const LONGEST_ID = 64;

/** `deliveryId` is the header `X-GitHub-Delivery`. */
export function deliveryLine(
  { status, message, reason, decision, outcome, event }: Received,
  { scope, runnerGroup }: Told,
  { deliveryId, receivedAtMs }: { readonly deliveryId: string | undefined; readonly receivedAtMs: number },
): v.InferInput<typeof DELIVERY> {
  return {
    version: VERSION,
    status,
    reason,
    answer: message,
    receivedAtMs,
    delivery: deliveryId?.slice(0, LONGEST_ID),
    ...(event && jobRecord(event)),
    ...(decision?.verdict === 'launch' && { asked: decision.asked, given: decision.given }),
    outcome,
    scope,
    runnerGroup,
  };
}

const jobRecord = ({ jobId, runId, repository, ...job }: JobEvent): v.InferInput<typeof JOB> => ({
  job: jobId,
  run: runId,
  repository: fullName(repository),
  jobName: job.jobName,
  action: job.action,
  labels: job.labels.slice(0, 10),
  runner: job.runnerName,
  conclusion: job.conclusion,
  failedStep: job.failedStep,
  queuedAtMs: job.createdAtMs,
  startedAtMs: job.startedAtMs,
});
