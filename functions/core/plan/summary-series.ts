import { EXIT_CODES, ranAJob, type TaskEnding } from '../task/exit-codes.ts';
import { isUnservable, REASONS, type Reason } from '../words/reasons.ts';

/** One of the functions’ series, over days. What stands for the days: their sum, or the highest of them. */
export interface Series {
  /** Unique in a request; lower-case first (AWS-78). */
  readonly id: string;
  readonly service: 'webhook' | 'reconcile' | 'settle' | 'sweep';
  /** Of functions/log.ts. */
  readonly metric: string;
  /** Beside service and stage. */
  readonly dimension?: readonly [name: string, value: string];
  readonly stat: 'Sum' | 'Maximum' | 'p50' | 'p95';
}

/** A value of a metric's own dimension, and the id of its series. */
interface Named<Name extends string> {
  readonly id: string;
  readonly value: Name;
}

const named = <Name extends string>(prefix: string, values: readonly Name[]): readonly Named<Name>[] =>
  values.map((value, index) => ({ id: `${prefix}${index}`, value }));

/** Why GitHub's jobs of a repository were not served: by its owner's word or by their labels. */
const isRefusal = (reason: Reason): boolean =>
  isUnservable(reason) || reason === 'repository-not-allowed' || reason === 'public-repository-not-allowed';

export const ENDINGS = named<TaskEnding>('ending', [...new Set(Object.values(EXIT_CODES)), 'unexplained']);
export const NOT_SERVED = named('reason', (Object.keys(REASONS) as Reason[]).filter(isRefusal));
/** Of those the ones whose task ran a job. */
export const RAN = ENDINGS.filter(({ value }) => ranAJob(value) && value !== 'ran-rejected');

const launches = (service: 'webhook' | 'reconcile', outcome: string): Series => ({
  id: `${service}_${outcome}`,
  service,
  metric: 'Launches',
  dimension: ['outcome', outcome],
  stat: 'Sum',
});
const wait = (id: string, stat: Series['stat']): Series => ({
  id,
  stat,
  service: 'webhook',
  metric: 'QueueToStartSeconds',
});
const sum = (service: Series['service'], metric: string): Series => ({
  id: `sum_${metric}`,
  service,
  metric,
  stat: 'Sum',
});

/** All that a summary is made of but what is stuck, whose dimensions nobody knows before. */
export const SERIES: readonly Series[] = [
  ...(['webhook', 'reconcile'] as const).flatMap((service) =>
    ['launched', 'refused', 'unknown'].map((outcome) => launches(service, outcome)),
  ),
  wait('wait_half', 'p50'),
  wait('wait_most', 'p95'),
  wait('wait_longest', 'Maximum'),
  sum('reconcile', 'DoubtsGivenUp'),
  sum('sweep', 'DeliveriesRedelivered'),
  sum('sweep', 'TasksStopped'),
  sum('sweep', 'RunnersRemoved'),
  sum('settle', 'TaskCostUsd'),
  ...ENDINGS.map(
    ({ id, value }): Series => ({
      ...{ id, service: 'settle', metric: 'TaskEndings', dimension: ['ending', value], stat: 'Sum' },
    }),
  ),
  ...NOT_SERVED.map(
    ({ id, value }): Series => ({
      ...{ id, service: 'webhook', metric: 'Deliveries', dimension: ['reason', value], stat: 'Sum' },
    }),
  ),
];
