import { table } from '../../cli/output.ts';
import { PAINT } from '../../cli/terminal.ts';
import type { Summary } from './summary.ts';

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
    [
      'Queue to start',
      `p50 ${seconds(queueToStartSeconds.p50)}, p95 ${seconds(queueToStartSeconds.p95)} (world time)`,
    ],
  ];
  const verdict = isClean(summary)
    ? PAINT.green('Nothing lost, nothing duplicated, nothing left over.')
    : PAINT.red('Not clean: see Lost, Duplicated and Left over.');
  return `${table(['', ''], overview)}\n\n${verdict}`;
}
