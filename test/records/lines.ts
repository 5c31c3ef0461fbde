import type { JobEvent } from '../../functions/core/job/events.ts';
import { decideQueued, type Launch } from '../../functions/core/plan/decide-launch.ts';
import type { LaunchOutcome } from '../../functions/core/words/outcomes.ts';
import { deliveryLine } from '../../functions/records/delivery.ts';
import { launchLine } from '../../functions/records/launch.ts';
import { reconciledLine } from '../../functions/records/reconciled.ts';
import { rerunLine } from '../../functions/records/rerun.ts';
import { settledLine } from '../../functions/records/settled.ts';
import { sweptLine } from '../../functions/records/swept.ts';
import { POLICY } from '../fixtures/policy.ts';
import { DOUBT } from '../fixtures/reconcile-world.ts';
import { PREFIX, taskFixture, WEB } from '../fixtures/tasks.ts';

export const JOB_ID = 7;

const EVENT: JobEvent = {
  ...{
    action: 'queued',
    jobId: JOB_ID,
    runId: 5,
    runAttempt: 1,
    status: 'queued',
    labels: ['fargate'],
    repository: WEB,
  },
  ...{
    createdAtMs: 1,
    runnerId: 9,
    runnerName: `${PREFIX}-1-7-0`,
    startedAtMs: 2,
    hasSteps: true,
    failedStep: 'Test',
  },
  ...{ jobName: 'build', conclusion: 'success' },
};
const decision = decideQueued(EVENT, POLICY) as Launch;
const LAUNCHED: LaunchOutcome = {
  ...{ kind: 'launched', runnerName: `${PREFIX}-1-7-0`, runnerId: 9, taskArn: 'arn:7', fellBack: false },
};
const REFUSED: LaunchOutcome = {
  ...{ kind: 'refused', runnerName: `${PREFIX}-1-7-1`, step: 'jit-config', refusal: 'not-permitted' },
  ...{ detail: 'no', retryAfterSeconds: 3, fault: 'app-permission' },
};
const TOLD = { level: 'warn', message: 'm', scope: 'orgs/acme', runnerGroup: 1 } as const;
const ITEM = { runnerName: 'r', reason: 'orphaned' } as const;

const line = (service: string, message: string, fields: object) => ({
  ...{ service: `oneshot-${service}`, level: 'INFO', message },
  ...fields,
});

const received = (outcome: LaunchOutcome, event = EVENT) => {
  const answer = { status: 202, message: 'm', reason: outcome.kind, decision, outcome, event };
  return line('webhook', 'm', deliveryLine(answer, TOLD, { deliveryId: 'd', receivedAtMs: 3 }));
};
const launched = (outcome: LaunchOutcome) =>
  line('reconcile', 'm', launchLine({ launch: decision, queuedAtMs: 1, outcome, told: TOLD }));
const waiting = [{ jobId: JOB_ID, queuedAtMs: 1, reason: 'backing-off', dueAtMs: 9 }] as const;
const plan = { launches: [], matched: [], waiting, leftAlone: [], mostFailedLaunches: 0 };
const look = { jobs: [], isWhole: true, resumeAfterRunId: undefined, reads: 3 };
const reconciled = {
  ...{ plan, launches: [], problem: 'p' },
  look: { ...look, malformedRecords: 0, problem: undefined },
};
const stop = { code: 'SpotInterruption', reason: 'taken back', cause: 'spot' } as const;

const settled = () =>
  line(
    ...(['settle', 'task stopped'] as const),
    settledLine(taskFixture(JOB_ID, { startedAtMs: 2, stoppedAtMs: 9, stop, workflowName: 'CI' }), {
      hardware: { vcpu: 1, memoryGiB: 2, storageGiB: 20, arch: 'x64', provider: 'fargate-spot' },
      ...{ costUsd: 1, billedSeconds: 60, phases: { pull: 3 }, ending: 'unexplained' },
      ...{ isRemoved: true, isDoubted: true, errors: [new Error('e')] },
    }),
  );

/** Lines of each kind as they are written, which have every field between them. */
export const LINES = {
  delivery: [
    ...[received(LAUNCHED), received(REFUSED)],
    received(LAUNCHED, { ...EVENT, action: 'in_progress' }),
    received(LAUNCHED, { ...EVENT, action: 'completed' }),
  ],
  launch: [launched(LAUNCHED), launched(REFUSED)],
  reconciled: [
    line(
      'reconcile',
      'reconciled',
      reconciledLine(WEB, { ...reconciled, next: { kind: 'again', doubt: DOUBT } }),
    ),
    line(
      ...(['reconcile', 'reconciled'] as const),
      reconciledLine(WEB, { ...reconciled, next: { kind: 'ended', reason: 'doubt-too-old' } }),
    ),
  ],
  rerun: [
    line(
      ...(['reconcile', 'm'] as const),
      rerunLine(WEB, { jobId: JOB_ID, runId: 5, reason: 'rerun-refused', detail: 'no' }),
    ),
  ],
  // An older line says no billed seconds.
  settled: [settled(), { ...settled(), billedSeconds: undefined }],
  swept: [
    line(
      ...(['sweep', 'swept'] as const),
      sweptLine({
        ...{ seen: { tasks: 1 }, stopped: [ITEM], removed: [ITEM], left: [ITEM], doubted: [WEB] },
        ...{ redelivered: ['1'], versionEndsSoon: false, isCutShort: false, errors: [new Error('e')] },
      }),
    ),
  ],
} as const;
