import { titleAfter } from '../../functions/core/job/providers.ts';
import { counted } from '../../functions/core/words/count.ts';
import type { PhaseSpread, RunnerView, Snapshot, TaskView } from '../observe/snapshot.ts';
import { countStops } from '../observe/unusual-stop.ts';
import { table } from '../output.ts';
import { dollars, span } from '../units.ts';
import { jobTable } from './job-table.ts';
import { whyLines } from './why-lines.ts';

/** As many lines of each as a screen has room for. */
const MOST_ROWS = 20;

/** What `oneshot status` prints of one look. */
export function drawStatus(snapshot: Snapshot): string {
  const { jobs, tasks, runners, doubts, sweptAtMs, takenAtMs, unread } = snapshot;
  const open = jobs.filter(({ phase }) => phase !== 'done' && phase !== 'ignored');
  const live = tasks.filter(({ status }) => status !== 'STOPPED');
  const blocks = [
    [summary(snapshot, open.length, live.length)],
    open.length === 0 ? [] : [jobTable(open.slice(0, MOST_ROWS), snapshot), ...rest(open)],
    whyLines(open, snapshot),
    [...taskTable(live, runners, takenAtMs), ...withoutTask(runners, live)],
    phaseTable(snapshot),
    [
      ...stopsOf(tasks),
      ...(doubts === undefined ? [] : [queueLine(doubts)]),
      ...(sweptAtMs === undefined ? [] : [`last sweep ${span(takenAtMs - sweptAtMs)} ago`]),
      ...unread.map((what) => `not read: ${what}`),
    ],
  ];
  return blocks.flatMap((lines) => (lines.length === 0 ? [] : lines.join('\n'))).join('\n\n');
}

function summary({ jobs, tasks, takenAtMs, sinceMs }: Snapshot, open: number, live: number): string {
  const done = jobs.filter(({ phase }) => phase === 'done').length;
  const usd = tasks.reduce((sum, { costUsd }) => sum + costUsd, 0);
  const hours = counted(Math.round((takenAtMs - sinceMs) / 3_600_000), 'hour');
  return (
    `${counted(open, 'job')} open, ${counted(live, 'task')} live; ` +
    `in the last ${hours} ${counted(done, 'job')} ended, and tasks cost ${dollars(usd)} (estimate)`
  );
}

const rest = (items: readonly unknown[]): string[] =>
  items.length > MOST_ROWS ? [`and ${items.length - MOST_ROWS} more (--json has all)`] : [];

const TASK_HEAD = ['Runner', 'Task', 'GitHub says', 'Runs job', 'Size', 'Age', 'Cost'];

function taskTable(live: readonly TaskView[], runners: readonly RunnerView[], nowMs: number): string[] {
  if (live.length === 0) return [];
  const status = new Map(runners.map((runner) => [runner.name, runner.status]));
  const rows = live.slice(0, MOST_ROWS).map((task) => {
    const { runnerName, size, arch, provider, runsJobId = '', costUsd } = task;
    const hardware = `${size.vcpu} vCPU ${size.memoryGiB} GiB ${arch}${titleAfter(provider)}`;
    const registered = status.get(runnerName) ?? 'not listed';
    const age = span(nowMs - task.createdAtMs);
    return [runnerName, task.status.toLowerCase(), registered, runsJobId, hardware, age, dollars(costUsd)];
  });
  return [table(TASK_HEAD, rows), ...rest(live)];
}

function withoutTask(runners: readonly RunnerView[], live: readonly TaskView[]): string[] {
  const names = new Set(live.map(({ runnerName }) => runnerName));
  const alone = runners.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  return alone.length === 0
    ? []
    : [`runners without a live task (the sweep removes them): ${alone.join(', ')}`];
}

/** Seconds; what each phase is, docs/performance.md says. */
function phaseTable({ phases }: Snapshot): string[] {
  const rowOf = ({ phase, p50, p95, count }: PhaseSpread) => [
    phase === 'total' ? 'queue to start' : phase,
    p50.toFixed(1),
    p95.toFixed(1),
    count,
  ];
  return phases.length === 0
    ? []
    : [table(['Where the time goes', 'p50 s', 'p95 s', 'Jobs'], phases.map(rowOf))];
}

function stopsOf(tasks: readonly TaskView[]): string[] {
  const counts = [...countStops(tasks)].map(([cause, count]) => `${count} ${cause}`);
  return counts.length === 0 ? [] : [`tasks that ended before their job: ${counts.join(', ')}`];
}

/** A doubt is a repository that reconcile looks at; a dead letter is one that it gave up. */
function queueLine({ waiting, dead }: NonNullable<Snapshot['doubts']>): string {
  const lookedAt = `${counted(waiting, 'repository', 'repositories')} to look at, which reconcile does by itself`;
  return dead === 0
    ? lookedAt
    : `${lookedAt}; ${dead} that it gave up: oneshot dlq list says why, oneshot dlq retry tries again`;
}
