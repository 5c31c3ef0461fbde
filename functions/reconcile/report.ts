import { parseRunnerName } from '../core/job/identity.ts';
import { placeOf } from '../core/job/place.ts';
import { fullName } from '../core/job/repository.ts';
import type { Doubt } from '../core/plan/doubt.ts';
import type { EndReason } from '../core/plan/follow-up.ts';
import { tellStuck } from '../core/plan/stuck.ts';
import { type Told, tellLaunch } from '../core/plan/tell-launch.ts';
import { describeError } from '../core/words/errors.ts';
import { explain } from '../core/words/reasons.ts';
import { remedyOf } from '../core/words/remedies.ts';
import type { ReconcileOutcome } from '../log.ts';
import { launchLine } from '../records/launch.ts';
import { reconciledLine } from '../records/reconciled.ts';
import type { ReconcileReport } from './reconcile.ts';
import { reportRerun } from './report-rerun.ts';
import type { Reporting } from './reporting.ts';
import type { TakenDoubt } from './take-doubt.ts';

/** A line and metrics for what came of a message. */
export function report(taken: TakenDoubt, messageId: string, reporting: Reporting): void {
  const { logger, count } = reporting.reporter;
  if (taken.kind === 'reconciled' && taken.report.rerun !== undefined)
    reportRerun(taken.doubt, taken.report.rerun, taken.report.next, reporting);
  else if (taken.kind === 'reconciled') {
    reportLaunches(taken.report, reporting);
    reportReconciled(taken.doubt, taken.report, reporting);
    warnOfGroup(taken.doubt, taken.report, reporting);
    warnOfStuck(taken.doubt, taken.report, reporting);
  } else if (taken.kind === 'buried') {
    logger.error('a message is not a doubt: it went to the dead-letter queue', { messageId });
    count('Reconciles', 1, { outcome: 'malformed' });
  } else {
    const { doubt, error } = taken;
    const repository = doubt && fullName(doubt.repository);
    logger.error('a message failed, and comes again', { messageId, repository, error: describeError(error) });
    count('Reconciles', 1, { outcome: 'failed' });
  }
}

/**
 * A line for each launch, with its job, as the webhook's has it. In one line a round of a thousand would come near the
 * 256 KB at which a log event is cut (AWS-36).
 */
function reportLaunches(
  { plan, launches }: ReconcileReport,
  { prefix, parameterPath, reporter: { logger } }: Reporting,
): void {
  const planned = new Map(plan?.launches.map((one) => [one.launch.jobId, one]));
  for (const outcome of launches) {
    const one = planned.get(parseRunnerName(prefix, outcome.runnerName)?.jobId ?? 0);
    const told = tellLaunch(outcome, one?.launch, parameterPath);
    const { launch, queuedAtMs } = one ?? {};
    logger[told.level](told.message, launchLine({ launch, queuedAtMs, outcome, told }));
  }
}

function reportReconciled(doubt: Doubt, done: ReconcileReport, reporting: Reporting): void {
  const { logger, count, seconds } = reporting.reporter;
  const { plan, launches, next, longestWaitMs } = done;
  const outcome = outcomeOf(done);
  // One that only waits for its time comes by each minute: no line, and no metric.
  if (outcome === 'not-due') return;
  const { level, message } = tell(doubt, done, reporting);
  logger[level](message, reconciledLine(doubt.repository, done));
  count('Reconciles', 1, { outcome });
  if (next.kind === 'ended' && GIVEN_UP.has(next.reason)) count('DoubtsGivenUp', 1);
  for (const { kind } of launches) count('Launches', 1, { outcome: kind });
  const launched = launches.filter(({ kind }) => kind === 'launched').length;
  count('JobsWaiting', (plan?.waiting.length ?? 0) + (plan?.launches.length ?? 0) - launched);
  seconds('LongestWaitSeconds', longestWaitMs / 1000);
  count('FailedLaunches', plan?.mostFailedLaunches ?? 0);
}

/** Ends that somebody should know of: the others are what the policy or the repository's owner wants. */
const GIVEN_UP: ReadonlySet<EndReason> = new Set<EndReason>([
  'repository-unreadable',
  'launches-refused',
  'doubt-too-old',
]);

/** The reason of a job that waits is in a list: this one a person has to read. */
function warnOfGroup(
  { repository }: Doubt,
  { plan }: ReconcileReport,
  { policy, reporter: { logger } }: Reporting,
): void {
  const reason = 'group-excludes-repository';
  const jobs = plan?.waiting.filter((job) => job.reason === reason).map(({ jobId }) => jobId) ?? [];
  if (jobs.length === 0) return;
  const { scope, runnerGroup } = placeOf(repository, policy);
  const name = fullName(repository);
  const where = `${scope}, runner group ${runnerGroup}; ${name}, jobs ${jobs.slice(0, 10).join(', ')}`;
  logger.warn(`${explain(reason)} (${where})`, { repository: name, scope, runnerGroup });
}

/** Each with its own metric, for the alarm that names repository and label; nothing while nothing is stuck. */
function warnOfStuck({ repository }: Doubt, { stuck }: ReconcileReport, { reporter }: Reporting): void {
  const name = fullName(repository);
  for (const one of stuck) {
    const { label, waitMs } = one;
    reporter.logger.warn(tellStuck(name, one), { repository: name, label, waitSeconds: waitMs / 1000 });
    reporter.seconds('StuckSeconds', waitMs / 1000, { repository: name, label });
  }
}

function tell(
  { repository }: Doubt,
  { plan, next, problem, fault }: ReconcileReport,
  { policy, parameterPath }: Reporting,
): Pick<Told, 'level' | 'message'> {
  if (next.kind === 'ended')
    return { level: 'warn', message: `a doubt is given up: ${explain(next.reason)}` };
  const { scope, runnerGroup } = placeOf(repository, policy);
  if (fault !== undefined) {
    const remedy = remedyOf(fault, { scope, runnerGroup, parameterPath });
    return { level: 'error', message: `${remedy} (${scope}, runner group ${runnerGroup}; ${problem})` };
  }
  if (plan === undefined && problem !== undefined)
    return { level: 'warn', message: `the repository could not be read (${problem})` };
  return { level: problem === undefined ? 'info' : 'warn', message: 'reconciled' };
}

function outcomeOf({ plan, look, next, problem }: ReconcileReport): ReconcileOutcome | 'not-due' {
  if (next.kind === 'ended') return 'ended';
  if (plan === undefined && problem !== undefined) return 'unread';
  if (plan === undefined) return next.kind === 'again' ? 'not-due' : 'settled';
  if (look?.isWhole === false) return 'partial';
  return next.kind === 'again' ? 'doubted-again' : 'settled';
}
