import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Reason } from './core/reasons.ts';

/** The metrics that the functions emit, in the embedded metric format (no PutMetricData, no call). */
type MetricName =
  | 'Deliveries'
  | 'TasksSeen'
  | 'TasksStopped'
  | 'RunnersRemoved'
  | 'SweepErrors'
  | 'LaunchSeconds';

export interface Reporter {
  readonly logger: Logger;
  /** Adds to a metric; with a reason, as that reason's own series. */
  count(name: MetricName, value: number, reason?: Reason): void;
  seconds(name: MetricName, value: number): void;
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
  return {
    logger,
    count(name, value, reason) {
      const target = reason === undefined ? metrics : metrics.singleMetric().addDimension('reason', reason);
      target.addMetric(name, MetricUnit.Count, value);
    },
    seconds: (name, value) => metrics.addMetric(name, MetricUnit.Seconds, value),
    flush: () => metrics.publishStoredMetrics(),
  };
}
