import { table } from '../../cli/output.ts';
import { toTerminal } from '../../cli/terminal.ts';
import type { Summary } from './summary.ts';

const seconds = (value: number | null): string => (value === null ? 'none' : `${value} s`);

/** The summary as people read it. */
export function formatSummary(
  { jobs, leftover, queueToStartSeconds, calls }: Summary,
  launched: number,
): string {
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
  const perTask = (count: number) => (launched === 0 ? '' : (count / launched).toFixed(2));
  const rows = Object.entries(calls).flatMap(([api, operations]) =>
    Object.entries(operations).map(([operation, count]) => [api, operation, count, perTask(count)]),
  );
  return toTerminal(
    `${table(['', ''], overview)}\n\n${table(['API', 'Operation', 'Calls', 'Per launched task'], rows)}`,
  );
}
