import type { Doubt } from '../core/doubt.ts';
import { describeError } from '../core/errors.ts';
import type { EndReason } from '../core/follow-up.ts';
import { parseRunnerName } from '../core/identity.ts';
import { explain } from '../core/reasons.ts';
import type { Reporter } from '../log.ts';
import type { ReconcileReport } from './reconcile.ts';
import type { TakenDoubt } from './take-doubt.ts';

/** A line and metrics for what came of a message. */
export function report(taken: TakenDoubt, messageId: string, prefix: string, reporter: Reporter): void {
  const { logger, count } = reporter;
  if (taken.kind === 'reconciled') {
    reportLaunches(taken.report, prefix, reporter);
    reportReconciled(taken.doubt, taken.report, reporter);
  } else if (taken.kind === 'buried') {
    logger.error('a message is no doubt: it went to the dead-letter queue', { messageId });
    count('Reconciles', 1, { outcome: 'malformed' });
  } else {
    const { doubt, error } = taken;
    const repository = doubt && nameOf(doubt);
    logger.error('a message failed, and comes again', { messageId, repository, error: describeError(error) });
    count('Reconciles', 1, { outcome: 'failed' });
  }
}

/**
 * A line for each launch, with its job, as the webhook's has it. In one line a round of a thousand would come near the
 * 256 KB at which a log event is cut (docs.aws.amazon.com: CloudWatch Logs quotas).
 */
function reportLaunches(
  { plan, launches }: ReconcileReport,
  prefix: string,
  { logger }: Pick<Reporter, 'logger'>,
): void {
  const planned = new Map(plan?.launches.map((one) => [one.launch.jobId, one]));
  for (const outcome of launches) {
    const one = planned.get(parseRunnerName(prefix, outcome.runnerName)?.jobId ?? 0);
    const { jobId, runId, repository, labels, asked, given } = one?.launch ?? {};
    logger.info(explain(outcome.kind), {
      reason: outcome.kind,
      job: jobId,
      run: runId,
      repository: repository && `${repository.owner}/${repository.name}`,
      ...{ labels, asked, given, queuedAtMs: one?.queuedAtMs, outcome },
    });
  }
}

const nameOf = ({ repository }: Doubt): string => `${repository.owner}/${repository.name}`;

function reportReconciled(doubt: Doubt, done: ReconcileReport, { logger, count, seconds }: Reporter): void {
  const { plan, look, launches, next, longestWaitMs, problem } = done;
  const outcome = outcomeOf(done);
  // One that only waits for its time comes by each minute: no line, and no metric.
  if (outcome === 'not-due') return;
  const waiting = plan?.waiting ?? [];
  logger[problem || next.kind === 'ended' ? 'warn' : 'info'](messageOf(done), {
    repository: nameOf(doubt),
    matched: plan?.matched.length,
    waiting,
    leftAlone: plan?.leftAlone,
    refusals: plan?.launches.flatMap(({ launch: { jobId, refusal } }) =>
      refusal ? [{ jobId, ...refusal }] : [],
    ),
    launchCount: launches.length,
    look: look && { isWhole: look.isWhole, reads: look.reads, malformedRecords: look.malformedRecords },
    doubtedAgain: next.kind === 'again',
    dueAtMs: next.kind === 'again' ? next.doubt.dueAtMs : undefined,
    reason: next.kind === 'ended' ? next.reason : undefined,
    problem,
  });
  count('Reconciles', 1, { outcome });
  if (next.kind === 'ended' && GIVEN_UP.has(next.reason)) count('DoubtsGivenUp', 1);
  for (const { kind } of launches) count('Launches', 1, { outcome: kind });
  count('JobsWaiting', waiting.length);
  seconds('LongestWaitSeconds', longestWaitMs / 1000);
  count('EarlierLaunches', plan?.mostFailedLaunches ?? 0);
}

/** Ends that somebody should know of: the others are what the policy or the repository's owner wants. */
const GIVEN_UP: ReadonlySet<EndReason> = new Set<EndReason>([
  'repository-unreadable',
  'launches-refused',
  'doubt-too-old',
]);

function messageOf({ next }: ReconcileReport): string {
  return next.kind === 'ended' ? `a doubt is given up: ${explain(next.reason)}` : 'reconciled';
}

function outcomeOf({ plan, look, next, problem }: ReconcileReport): string {
  if (next.kind === 'ended') return 'ended';
  if (plan === undefined && problem !== undefined) return 'unread';
  if (plan === undefined) return next.kind === 'again' ? 'not-due' : 'settled';
  if (look?.isWhole === false) return 'partial';
  return next.kind === 'again' ? 'doubted-again' : 'settled';
}
