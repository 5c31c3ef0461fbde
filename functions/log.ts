import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

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
  FailedLaunches: undefined,
  DoubtsGivenUp: undefined,
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

/** A dimension of a metric, beside stage and service: one series for each value, all of closed lists. */
type Dimension = Readonly<Partial<Record<'reason' | 'outcome' | 'ending' | 'cause' | 'phase', string>>>;

export interface Reporter {
  readonly logger: Logger;
  count(name: MetricName, value: number, dimension?: Dimension): void;
  seconds(name: MetricName, value: number, dimension?: Dimension): void;
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
  const target = (dimension: Dimension = {}) => {
    const [[name, value] = []] = Object.entries(dimension);
    return name === undefined || value === undefined
      ? metrics
      : metrics.singleMetric().addDimension(name, value);
  };
  return {
    logger,
    count: (name, value, dimension) => void target(dimension).addMetric(name, MetricUnit.Count, value),
    seconds: (name, value, dimension) => void target(dimension).addMetric(name, MetricUnit.Seconds, value),
    // With nothing counted but single metrics, Powertools would write a warning at every invocation.
    flush: () => void (metrics.hasStoredMetrics() && metrics.publishStoredMetrics()),
  };
}
