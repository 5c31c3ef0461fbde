import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { TaskEnding } from './core/task/exit-codes.ts';
import type { TaskPhase } from './core/task/task-phases.ts';
import type { LaunchOutcome } from './core/words/outcomes.ts';
import type { Reason } from './core/words/reasons.ts';
import type { StopCause } from './core/words/stop-causes.ts';

/**
 * The metrics that the functions emit, in the embedded metric format (no PutMetricData, no call), and by what their
 * series are told apart beside service and stage. Each series is a custom metric on the bill once it is emitted in a
 * month; the dashboard and the alarms (infra/) take their names from here.
 */
export const METRICS = {
  Deliveries: 'reason',
  QueueToStartSeconds: undefined,
  LaunchSeconds: undefined,
  Launches: 'outcome',
  Reconciles: 'outcome',
  JobsWaiting: undefined,
  LongestWaitSeconds: undefined,
  StuckSeconds: ['repository', 'label'],
  FailedLaunches: undefined,
  DoubtsGivenUp: undefined,
  Reruns: undefined,
  RateLimitRemaining: undefined,
  TaskEndings: 'ending',
  TaskStops: 'cause',
  TaskPhaseSeconds: 'phase',
  TaskCostUsd: undefined,
  TasksLive: undefined,
  VcpusLive: undefined,
  TasksStopped: undefined,
  RunnersRemoved: undefined,
  DeliveriesRedelivered: undefined,
  RepositoriesDoubted: undefined,
  RunnerVersionEndsSoon: undefined,
  SweepErrors: undefined,
} as const;
export type MetricName = keyof typeof METRICS;

/** What came of a message of the doubt queue; `not-due` is neither logged nor counted. */
export type ReconcileOutcome =
  | 'settled'
  | 'doubted-again'
  | 'partial'
  | 'unread'
  | 'ended'
  | 'malformed'
  | 'failed';

/** The closed list from which a metric's dimension takes its values: one series for each. */
interface Values {
  readonly Deliveries: Reason;
  readonly Launches: LaunchOutcome['kind'];
  readonly Reconciles: ReconcileOutcome;
  readonly TaskEndings: TaskEnding;
  readonly TaskStops: StopCause;
  readonly TaskPhaseSeconds: TaskPhase;
  /** The one that has no such list: the sizes of `Stuck.label` and of a full name are bounded, and nothing is emitted while nothing is stuck. */
  readonly StuckSeconds: string;
}

/** A metric's dimensions, beside stage and service; none of a metric that has none. */
type Dimensions<Name extends MetricName> = Name extends keyof Values
  ? { readonly [Key in KeyOf<(typeof METRICS)[Name]>]: Values[Name] }
  : never;
type KeyOf<Own> = Own extends readonly string[] ? Own[number] : Extract<Own, string>;

type Note = <Name extends MetricName>(name: Name, value: number, dimensions?: Dimensions<Name>) => void;

export interface Reporter {
  readonly logger: Logger;
  readonly count: Note;
  readonly seconds: Note;
  /** Writes what was counted; call once at the end of each invocation. */
  flush(): void;
}

/** One for each function and process. `service` is the function's name. */
export function createReporter(service: string, stage: string): Reporter {
  const logger = new Logger({ serviceName: `oneshot-${service}`, persistentKeys: { stage } });
  const metrics = new Metrics({
    namespace: 'oneshot',
    serviceName: service,
    defaultDimensions: { stage },
    logger,
  });
  const target = (dimensions?: Readonly<Record<string, string>>) =>
    dimensions === undefined
      ? metrics
      : // One by one: `addDimensions` would emit the metric without them too.
        Object.entries(dimensions).reduce(
          (one, [name, value]) => one.addDimension(name, value),
          metrics.singleMetric(),
        );
  return {
    logger,
    count: (name, value, dimensions) => void target(dimensions).addMetric(name, MetricUnit.Count, value),
    seconds: (name, value, dimensions) => void target(dimensions).addMetric(name, MetricUnit.Seconds, value),
    // With nothing counted but single metrics, Powertools would write a warning at every invocation.
    flush: () => void (metrics.hasStoredMetrics() && metrics.publishStoredMetrics()),
  };
}
