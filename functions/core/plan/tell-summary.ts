import { counted } from '../words/count.ts';
import { ENDINGS, NOT_SERVED, RAN } from './summary-series.ts';

/** What was read of a week. */
export interface Figures {
  /** By the id of a series: its days' sum, or the highest of them. One without data is absent. */
  readonly totals: ReadonlyMap<string, number>;
  /** Longest first. */
  readonly stuck: readonly {
    readonly repository: string;
    readonly label: string;
    readonly seconds: number;
  }[];
  /** What CloudWatch could not say, in its own words. */
  readonly problems: readonly string[];
}

/** Days of UTC, epoch milliseconds; the last is not in it. */
export interface Week {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Summary {
  /** ASCII, 99 characters at most (AWS-79). */
  readonly subject: string;
  /** Plain text. */
  readonly message: string;
}

const DAY_MS = 86_400_000;
const DAYS = 7;
const LONGEST_SUBJECT = 99;
/** Stuck repositories and labels that a message names. */
const MOST_STUCK = 10;

/** The last seven whole days before a time: their figures are not still growing. */
export function weekBefore(nowMs: number): Week {
  const toMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  return { fromMs: toMs - DAYS * DAY_MS, toMs };
}

/** One short message of what a deployment did in a week; a week without jobs is told too. */
export function tellSummary(figures: Figures, week: Week, where: { stack: string; region: string }): Summary {
  const of = reader(figures);
  const launched = of('webhook_launched') + of('reconcile_launched');
  const cost = `$${of('sum_TaskCostUsd').toFixed(2)}`;
  const last = day(week.toMs - DAY_MS);
  const title = `${where.stack}: ${counted(launched, 'launch', 'launches')}, ${cost} in the week to ${last}`;
  const lines = [
    `${where.stack} in ${where.region}, ${day(week.fromMs)} to ${last} (UTC)`,
    '',
    row('Jobs', jobs(launched, of)),
    row('Waits', waits(of)),
    row('Repairs', repairs(of)),
    row('Refused', refused(of)),
    row('Stuck', stuck(figures)),
    row('Cost', `${cost} for tasks, an estimate from list prices (oneshot cost)`),
    ...figures.problems.map((problem) => row('Unread', problem)),
  ];
  return {
    subject: title.replace(/[^ -~]/g, '?').slice(0, LONGEST_SUBJECT),
    message: `${lines.join('\n')}\n`,
  };
}

type Of = (id: string) => number;
const reader =
  ({ totals }: Figures): Of =>
  (id) =>
    totals.get(id) ?? 0;
const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
const row = (what: string, text: string): string => `${`${what}:`.padEnd(9)}${text}`;

function jobs(launched: number, of: Of): string {
  const ran = RAN.reduce((sum, { id }) => sum + of(id), 0);
  const ended = ENDINGS.reduce((sum, { id }) => sum + of(id), 0);
  if (launched === 0 && ended === 0) return 'none was launched, and none ended';
  return `${launched} launched; ${counted(ended, 'task')} stopped, of which ${ran} ran a job`;
}

/** Percentiles of days cannot be put together to one of a week: the slowest day's is an upper bound. */
function waits(of: Of): string {
  if (of('wait_longest') === 0) return 'no job began on our runners';
  const [half, most, longest] = ['wait_half', 'wait_most', 'wait_longest'].map((id) => duration(of(id)));
  return `on the slowest day half began within ${half}, 95 of 100 within ${most}; the longest took ${longest}`;
}

const duration = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

const repairs = (of: Of): string =>
  some([
    [of('reconcile_launched'), 'launched by reconcile'],
    [of('sum_DeliveriesRedelivered'), 'lost deliveries sent again'],
    [of('sum_TasksStopped'), 'tasks stopped'],
    [of('sum_RunnersRemoved'), 'registrations removed'],
    [of('sum_DoubtsGivenUp'), 'doubts given up'],
  ]);

function refused(of: Of): string {
  const rejected = ENDINGS.filter(({ value }) => value === 'ran-rejected').map(({ id }) => of(id));
  return some([
    [of('webhook_refused') + of('reconcile_refused'), 'launches refused by GitHub or AWS'],
    [of('webhook_unknown') + of('reconcile_unknown'), 'launches without an answer'],
    [rejected[0] ?? 0, 'unservable jobs failed by a rejection task'],
    ...NOT_SERVED.map(({ id, value }): [number, string] => [of(id), `deliveries ${value}`]),
  ]);
}

/** Those that are not 0. */
const some = (parts: readonly (readonly [number, string])[]): string =>
  parts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])).join(', ') || 'none';

function stuck({ stuck: all }: Figures): string {
  const told = all
    .slice(0, MOST_STUCK)
    .map(({ repository, label, seconds }) => `${repository} ${label} (up to ${duration(seconds)})`);
  const more = all.length > MOST_STUCK ? [`and ${all.length - MOST_STUCK} more`] : [];
  return [...told, ...more].join(', ') || 'none';
}
