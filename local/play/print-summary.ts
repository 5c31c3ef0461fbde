import { table } from '../../cli/output.ts';
import { PAINT } from '../../cli/terminal.ts';
import { counted } from '../../functions/core/words/count.ts';
import { explain, REASONS, type Reason } from '../../functions/core/words/reasons.ts';
import type { Summary } from './summary.ts';
import { NO_DELIVERY, type Spread, type Waits } from './waits.ts';

/** From the queue to the start: by the webhook, and what was repaired; all together where both are many. */
function waitRows({ byWebhook, byReconcile, ...all }: Waits): string[][] {
  const of = ({ jobs, p50, p95 }: Spread) =>
    `p50 ${seconds(p50)}, p95 ${seconds(p95)} (${counted(jobs, 'job')}, world time)`;
  if (byReconcile.jobs === 0) return [['Queue to start', of(all)]];
  const why = Object.entries(byReconcile.because).map(([reason, count]) => [
    '  because',
    `${count}: ${wordsOf(reason)}`,
  ]);
  return [
    ['Queue to start', of(all)],
    ['  launched by the webhook', of(byWebhook)],
    ['  launched by reconcile', of(byReconcile)],
    ...why,
  ];
}

function wordsOf(reason: string): string {
  if (reason === NO_DELIVERY) return 'no delivery told of the job';
  if (reason === 'launched') return 'another job took the runner that the webhook launched';
  return Object.hasOwn(REASONS, reason) ? explain(reason as Reason) : reason;
}

const seconds = (value: number | null): string => (value === null ? 'none' : `${value} s`);

/** Nothing lost, nothing twice, nothing left. */
export function isClean({ jobs, leftover }: Summary): boolean {
  const { tasks, runners, messages } = leftover;
  return jobs.lost + jobs.duplicated + tasks + runners + messages === 0;
}

/** The summary as people read it: the verdict is its last line. */
export function formatSummary(summary: Summary): string {
  const { jobs, leftover, queueToStartSeconds } = summary;
  const overview = [
    ['Our jobs', `${jobs.queued} queued, ${jobs.completed} completed, ${jobs.cancelled} cancelled`],
    ['Unservable', `${jobs.rejected} failed with the reason`],
    ['Jobs for other runners', `${jobs.ignored} ignored`],
    ['Lost', String(jobs.lost)],
    ['Duplicated', String(jobs.duplicated)],
    ['Left over', `${leftover.tasks} tasks, ${leftover.runners} runners, ${leftover.messages} messages`],
    ...waitRows(queueToStartSeconds),
  ];
  const verdict = isClean(summary)
    ? PAINT.green('Nothing lost, nothing duplicated, nothing left over.')
    : PAINT.red('Not clean: see Lost, Duplicated and Left over.');
  return `${table(['', ''], overview)}\n\n${verdict}`;
}
