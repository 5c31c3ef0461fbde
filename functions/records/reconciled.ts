import * as v from 'valibot';
import { fullName, type Repository } from '../core/job/repository.ts';
import type { FollowUp } from '../core/plan/follow-up.ts';
import type { JobLook } from '../core/plan/job-look.ts';
import type { ReconcilePlan } from '../core/plan/plan-reconcile.ts';
import { forPeople, reason, schema, text, VERSION, version } from './parts.ts';

/** One reconcile. `waiting` has the jobs that are launched later, and why. */
export const RECONCILED = /* @__PURE__ */ schema(() =>
  v.object({
    version,
    repository: v.string(),
    waiting: v.pipe(v.array(v.object({ jobId: v.number(), queuedAtMs: v.number(), reason })), v.readonly()),
    problem: text,
    matched: forPeople('how many jobs a live task counts for'),
    leftAlone: forPeople('jobs that get no runner and no rejection task now, and why'),
    rejections: forPeople('jobs that cannot be served, with what they are told'),
    launchCount: forPeople('how many launches were made; each has a line of its own'),
    look: forPeople('how much of the repository was read, and what could not be'),
    doubtedAgain: forPeople('the doubt was put back'),
    dueAtMs: forPeople('when the repository is looked at next'),
    reason: forPeople('why the doubt was given up'),
  }),
);

interface Reconciled {
  readonly plan: ReconcilePlan | undefined;
  readonly look: JobLook | undefined;
  readonly launches: readonly unknown[];
  readonly next: FollowUp;
  readonly problem?: string;
}

export const reconciledLine = (
  repository: Repository,
  { plan, look, launches, next, problem }: Reconciled,
): v.InferInput<typeof RECONCILED> => ({
  version: VERSION,
  repository: fullName(repository),
  problem,
  matched: plan?.matched.length,
  waiting: plan?.waiting.map(({ jobId, queuedAtMs, reason }) => ({ jobId, queuedAtMs, reason })) ?? [],
  leftAlone: plan?.leftAlone,
  rejections: plan?.launches.flatMap(({ launch: { jobId, rejection } }) =>
    rejection ? [{ jobId, ...rejection }] : [],
  ),
  launchCount: launches.length,
  look: look && { isWhole: look.isWhole, reads: look.reads, malformedRecords: look.malformedRecords },
  doubtedAgain: next.kind === 'again',
  dueAtMs: next.kind === 'again' ? next.doubt.dueAtMs : undefined,
  reason: next.kind === 'ended' ? next.reason : undefined,
});
