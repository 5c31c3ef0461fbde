import { REASONS } from '../../functions/core/words/reasons.ts';
import { costBy, costOfTask } from '../observe/cost.ts';
import type { JobPhase, JobView, Snapshot, TaskView } from '../observe/snapshot.ts';
import { percentile } from '../units.ts';
import { type FaultGroup, groupFaults } from './fault-groups.ts';
import { type Choices, choicesOf, filterJobs } from './filter.ts';
import type { Play } from './play.ts';
import type { Query } from './query.ts';
import { type JobRow, jobRow, lookupIn, type TaskRow, taskRow } from './rows.ts';

/** What the page shows of one look: everything worked out, so that the page only draws. Times are epoch milliseconds. */
export interface View {
  readonly takenAtMs: number;
  readonly stack: string;
  readonly counts: Readonly<Record<JobPhase, number>>;
  readonly live: { readonly tasks: number; readonly vcpus: number };
  /** Whose prices these costs have. */
  readonly region: string;
  /** Of the tasks of the window, an estimate (functions/core/task/prices.ts). */
  readonly costUsd: number;
  /** Dearest first. */
  readonly costs: Capped<RepositoryCost>;
  readonly queueToStart: Spread | undefined;
  readonly doubts: Snapshot['doubts'];
  readonly sweptAtMs: number | undefined;
  /** Those that the filters leave: first those that have not ended, then the others; newest first. */
  readonly jobs: Capped<JobRow>;
  /** All of the window. */
  readonly jobCount: number;
  readonly choices: Choices;
  /** Those that live, oldest first. */
  readonly tasks: Capped<TaskRow>;
  readonly phases: Snapshot['phases'];
  readonly ignored: readonly IgnoredRow[];
  /** Newest first. */
  readonly faults: Capped<FaultGroup>;
  readonly unread: readonly string[];
  /** Of the embedded world: what a person may do there. */
  readonly play: Play | undefined;
}

/** The first rows of a list, and how long the list is: a view is as small with three thousand jobs as with fifty. */
interface Capped<Row> {
  readonly rows: readonly Row[];
  readonly all: number;
}

/** Seconds. */
interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly count: number;
}

interface RepositoryCost {
  readonly repository: string;
  readonly tasks: number;
  readonly minutes: number;
  readonly usd: number;
}

interface IgnoredRow {
  readonly reason: string;
  readonly text: string;
  readonly count: number;
  readonly lastAtMs: number;
}

const MOST_TASKS = 50;
const MOST_REPOSITORIES = 12;
const MOST_FAULTS = 20;

/** Pure. */
export function viewOf(snapshot: Snapshot, play: Play | undefined, query: Query): View {
  const { takenAtMs, sinceMs, stack, region, jobs, doubts, sweptAtMs, ignored, faults, unread, phases } =
    snapshot;
  // ECS shows a task for an hour after its end, whatever was asked for.
  const tasks = snapshot.tasks.filter(({ stoppedAtMs }) => (stoppedAtMs ?? takenAtMs) >= sinceMs);
  const live = tasks.filter(({ status }) => status !== 'STOPPED');
  const groups = groupFaults(faults);
  return {
    ...{ takenAtMs, stack, region, doubts, sweptAtMs, unread, play, phases },
    counts: countPhases(jobs),
    live: { tasks: live.length, vcpus: sum(live.map(({ size }) => size.vcpu)) },
    costUsd: sum(tasks.map(({ costUsd }) => costUsd)),
    costs: cap(costsOf(tasks, takenAtMs), MOST_REPOSITORIES),
    queueToStart: spreadOf(jobs.flatMap(waitOf)),
    jobs: jobsOf(snapshot, query),
    jobCount: jobs.length,
    choices: choicesOf(jobs, query),
    tasks: tasksOf(live, jobs),
    ignored: ignored.map((one) => ({ ...one, text: REASONS[one.reason] })),
    faults: cap(groups, MOST_FAULTS),
  };
}

const cap = <Row>(rows: readonly Row[], most: number): Capped<Row> => ({
  rows: rows.slice(0, most),
  all: rows.length,
});

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

function jobsOf(snapshot: Snapshot, query: Query): Capped<JobRow> {
  const fitting = filterJobs(snapshot.jobs, query);
  const { rows, all } = cap(
    [...fitting.filter(isOpen), ...fitting.filter((job) => !isOpen(job))],
    query.rows,
  );
  const lookup = lookupIn(snapshot);
  return { rows: rows.map((job) => jobRow(job, lookup)), all };
}

function tasksOf(live: readonly TaskView[], jobs: readonly JobView[]): Capped<TaskRow> {
  const { rows, all } = cap(
    live.toSorted((a, b) => a.createdAtMs - b.createdAtMs),
    MOST_TASKS,
  );
  const byId = new Map(jobs.map((job) => [job.jobId, job]));
  return { rows: rows.map((task) => taskRow(task, byId)), all };
}

const costsOf = (tasks: readonly TaskView[], nowMs: number): RepositoryCost[] =>
  costBy(
    tasks.map((task) => costOfTask(task, nowMs)),
    ['repository'],
  ).map(({ repository = '', tasks: count, minutes, usd }) => ({ repository, tasks: count, minutes, usd }));

function countPhases(jobs: readonly JobView[]): Record<JobPhase, number> {
  const counts = { queued: 0, starting: 0, running: 0, done: 0, ignored: 0 };
  for (const { phase } of jobs) counts[phase] += 1;
  return counts;
}

const isOpen = ({ phase }: JobView): boolean => phase !== 'done' && phase !== 'ignored';

const waitOf = ({ queuedAtMs, startedAtMs, phase }: JobView): number[] =>
  queuedAtMs === undefined || startedAtMs === undefined || phase === 'ignored'
    ? []
    : [(startedAtMs - queuedAtMs) / 1000];

function spreadOf(seconds: readonly number[]): Spread | undefined {
  const [p50, p95] = [percentile(seconds, 0.5), percentile(seconds, 0.95)];
  return p50 === undefined || p95 === undefined ? undefined : { p50, p95, count: seconds.length };
}
