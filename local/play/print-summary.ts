import Table from 'cli-table3';
import type { Summary } from './summary.ts';

const seconds = (value: number | null): string => (value === null ? 'none' : `${value} s`);

/** The summary as people read it. */
export function formatSummary(
  { jobs, leftover, queueToStartSeconds, calls }: Summary,
  launched: number,
): string {
  const overview = new Table({ style: { head: [], border: [] } });
  overview.push(
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
  );
  const table = new Table({
    head: ['API', 'Operation', 'Calls', 'Per launched task'],
    style: { head: [], border: [] },
  });
  for (const [api, operations] of Object.entries(calls))
    for (const [operation, count] of Object.entries(operations))
      table.push([api, operation, count, launched === 0 ? '' : (count / launched).toFixed(2)]);
  return `${overview.toString()}\n${table.toString()}`;
}
