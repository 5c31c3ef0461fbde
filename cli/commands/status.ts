import { setTimeout as pause } from 'node:timers/promises';
import { titleAfter } from '../../functions/core/job/providers.ts';
import { counted } from '../../functions/core/words/count.ts';
import type { AddCommand } from '../context.ts';
import { createObserver } from '../observe/observer.ts';
import type { JobView, PhaseSpread, RunnerView, Snapshot, TaskView } from '../observe/snapshot.ts';
import { countStops } from '../observe/unusual-stop.ts';
import { table } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { dollars, duration, span } from '../units.ts';
import { watch as watchIt } from '../watch.ts';

/** How far back jobs are told from the logs. */
const WINDOW_MS = 2 * 3_600_000;
const WATCH_EVERY_MS = 2_000;

export const addStatus: AddCommand = (program, context) => {
  program
    .command('status')
    .description('show waiting and running jobs, tasks and runners side by side, with their cost until now')
    .option('--watch', 'repeat every two seconds, until Ctrl-C', false)
    .action(async ({ watch }: { watch: boolean }) => {
      const { connected, output } = context();
      const options = { policy: () => readPolicy(), windowMs: WINDOW_MS, pause: (ms: number) => pause(ms) };
      const observer = createObserver(await connected(), options);
      if (watch) {
        const atMs = ({ takenAtMs }: Snapshot) => takenAtMs;
        await watchIt(output, { look: () => observer.look(), draw, atMs, everyMs: WATCH_EVERY_MS });
        return;
      }
      const snapshot = await observer.look();
      output.answer(snapshot, () => draw(snapshot));
    });
};

/** As many lines of each as a screen has room for. */
const MOST_ROWS = 20;

function draw(snapshot: Snapshot): string {
  const { jobs, tasks, runners, doubts, sweptAtMs, takenAtMs, unread } = snapshot;
  const open = jobs.filter(({ phase }) => phase !== 'done' && phase !== 'ignored');
  const live = tasks.filter(({ status }) => status !== 'STOPPED');
  return [
    summary(snapshot, open.length, live.length),
    ...rows('Job', open, ['Repository', 'Name', 'Is', 'Launches', 'Last reason', 'Queued for'], (job) =>
      jobRow(job, takenAtMs),
    ),
    ...rows('Runner', live, ['Task is', 'GitHub says', 'Runs job', 'Size', 'Age', 'Cost'], (task) =>
      taskRow(task, runners, takenAtMs),
    ),
    ...withoutTask(runners, live),
    ...phaseTable(snapshot),
    ...stopsOf(tasks),
    doubts === undefined
      ? ''
      : `${counted(doubts.waiting, 'doubt')} in the queue, ${counted(doubts.dead, 'dead letter')}`,
    sweptAtMs === undefined ? '' : `last sweep ${span(takenAtMs - sweptAtMs)} ago`,
    ...unread.map((what) => `not read: ${what}`),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function summary({ jobs, tasks, takenAtMs, sinceMs }: Snapshot, open: number, live: number): string {
  const done = jobs.filter(({ phase }) => phase === 'done').length;
  const usd = tasks.reduce((sum, { costUsd }) => sum + costUsd, 0);
  return (
    `${counted(open, 'job')} open, ${done} done in ${duration(takenAtMs - sinceMs)}; ${counted(live, 'task')} live; ` +
    `${dollars(usd)} for the tasks of that time (estimate)`
  );
}

function rows<Item>(
  first: string,
  items: readonly Item[],
  others: readonly string[],
  row: (item: Item) => readonly (string | number)[],
): string[] {
  if (items.length === 0) return [];
  const rest = items.length > MOST_ROWS ? [`and ${items.length - MOST_ROWS} more (--json has all)`] : [];
  return [table([first, ...others], items.slice(0, MOST_ROWS).map(row)), ...rest];
}

function jobRow({ jobId, repository, name = '', phase, launches, ...job }: JobView, nowMs: number) {
  const launched = launches.filter(({ outcome }) => outcome === 'launched').length;
  const queued = job.queuedAtMs === undefined ? '' : duration(nowMs - job.queuedAtMs);
  const is = job.isSwapped ? `${phase}, swapped` : phase;
  return [jobId, repository, name, is, launched, job.reason ?? '', queued];
}

function taskRow(task: TaskView, runners: readonly RunnerView[], nowMs: number) {
  const { runnerName, size, arch, provider } = task;
  const registered = runners.find(({ name }) => name === runnerName)?.status ?? 'not listed';
  const hardware = `${size.vcpu} vCPU ${size.memoryGiB} GiB ${arch}${titleAfter(provider)}`;
  const age = duration(nowMs - task.createdAtMs);
  return [runnerName, task.status, registered, task.runsJobId ?? '', hardware, age, dollars(task.costUsd)];
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
