import type { MetricName } from '../functions/log.ts';
import type { Resolver } from './load-parameters.ts';

type Service = 'webhook' | 'reconcile' | 'settle' | 'sweep';
type Statistic = 'Sum' | 'Average' | 'Maximum' | 'Minimum' | 'p50' | 'p95';

interface Graph {
  readonly title: string;
  readonly metrics: readonly unknown[];
}

/** A table of what the logs say: no metric, and so no series on the bill; it is read when somebody looks. */
interface LogTable {
  readonly title: string;
  readonly logGroup: string;
  /** In the language of Logs Insights. */
  readonly query: string;
}

/** A dashboard is 24 units wide. */
const WIDTH = 8;
const HEIGHT = 6;
const PERIOD_SECONDS = 300;
const WIDE = 24;

/** The body of the dashboard, as JSON. Its metrics are typed by those that the functions emit. */
export async function loadDashboard({ resolveVariable }: Resolver): Promise<string> {
  const [stack, stage, region] = await Promise.all(
    ['self:custom.stack', 'sls:stage', 'self:provider.region'].map(async (address) =>
      String(await resolveVariable(address)),
    ),
  );
  const all = [...graphs(stack ?? '', stage ?? ''), ...logTables(stack ?? '', stage ?? '')];
  return JSON.stringify({ widgets: all.map((one, index) => widget(one, index, region ?? '')) });
}

/** One series of a service's metric. */
function series(stage: string, service: Service, name: MetricName, stat: Statistic, label: string): unknown {
  return ['oneshot', name, 'service', service, 'stage', stage, { stat, label }];
}

/** All series of a metric that has dimensions of its own (`a` or `a,b`), as many as there are. */
function search(
  stage: string,
  service: Service,
  name: MetricName,
  dimensions: string,
  stat: Statistic,
): unknown {
  const query = `{oneshot,service,stage,${dimensions}} MetricName="${name}" service="${service}" stage="${stage}"`;
  return [{ expression: `SEARCH('${query}', '${stat}', ${PERIOD_SECONDS})`, label: '' }];
}

function graphs(stack: string, stage: string): Graph[] {
  const one = (service: Service, name: MetricName, stat: Statistic, label: string) =>
    series(stage, service, name, stat, label);
  const lambda = (metric: string, stat: Statistic) =>
    ['webhook', 'reconcile', 'settle', 'sweep'].map((name) => [
      'AWS/Lambda',
      metric,
      'FunctionName',
      `${stack}-${name}`,
      { stat, label: name },
    ]);
  return [
    {
      title: 'Queue to start, seconds',
      metrics: [
        one('webhook', 'QueueToStartSeconds', 'p50', 'p50'),
        one('webhook', 'QueueToStartSeconds', 'p95', 'p95'),
      ],
    },
    {
      title: 'Start-up by phase, seconds (p50)',
      metrics: [search(stage, 'settle', 'TaskPhaseSeconds', 'phase', 'p50')],
    },
    {
      title: 'Tasks and vCPUs that run',
      metrics: [one('sweep', 'TasksLive', 'Maximum', 'tasks'), one('sweep', 'VcpusLive', 'Maximum', 'vCPUs')],
    },
    {
      title: 'Launches by the webhook, by outcome',
      metrics: [search(stage, 'webhook', 'Launches', 'outcome', 'Sum')],
    },
    {
      title: 'Repairs: launches by reconcile, by outcome',
      metrics: [search(stage, 'reconcile', 'Launches', 'outcome', 'Sum')],
    },
    {
      title: 'Earlier launches of one job, and its wait in minutes',
      metrics: [
        one('reconcile', 'FailedLaunches', 'Maximum', 'launches'),
        [{ expression: 'wait/60', label: 'minutes' }],
        [
          ...(one('reconcile', 'LongestWaitSeconds', 'Maximum', 'wait') as unknown[]).slice(0, -1),
          { stat: 'Maximum', id: 'wait', visible: false },
        ],
      ],
    },
    {
      title: 'Stuck jobs by repository and label, seconds',
      metrics: [search(stage, 'reconcile', 'StuckSeconds', 'repository,label', 'Maximum')],
    },
    {
      title: 'Deliveries by reason',
      metrics: [search(stage, 'webhook', 'Deliveries', 'reason', 'Sum')],
    },
    { title: 'How tasks ended', metrics: [search(stage, 'settle', 'TaskEndings', 'ending', 'Sum')] },
    {
      title: 'What stopped tasks before their job’s end, by cause',
      metrics: [search(stage, 'settle', 'TaskStops', 'cause', 'Sum')],
    },
    {
      title: 'Runs that were started again after Spot',
      metrics: [one('reconcile', 'Reruns', 'Sum', 'runs')],
    },
    { title: 'Reconciles by outcome', metrics: [search(stage, 'reconcile', 'Reconciles', 'outcome', 'Sum')] },
    { title: 'Errors of the functions', metrics: lambda('Errors', 'Sum') },
    {
      title: 'Calls that GitHub leaves us of the hour',
      metrics: [one('reconcile', 'RateLimitRemaining', 'Minimum', 'remaining')],
    },
    {
      title: 'Doubts: waiting, age in seconds, dead',
      metrics: [
        queueMetric(`${stack}-doubts.fifo`, 'ApproximateNumberOfMessagesVisible', 'waiting'),
        queueMetric(`${stack}-doubts.fifo`, 'ApproximateAgeOfOldestMessage', 'age'),
        queueMetric(`${stack}-dead-doubts.fifo`, 'ApproximateNumberOfMessagesVisible', 'dead'),
      ],
    },
    {
      title: 'Tasks, estimated US dollars (us-east-1 prices)',
      metrics: [one('settle', 'TaskCostUsd', 'Sum', 'of the tasks that stopped')],
    },
    {
      title: 'What the sweep did',
      metrics: [
        one('sweep', 'TasksStopped', 'Sum', 'tasks stopped'),
        one('sweep', 'RunnersRemoved', 'Sum', 'runners removed'),
        one('sweep', 'DeliveriesRedelivered', 'Sum', 'deliveries sent again'),
        one('sweep', 'RepositoriesDoubted', 'Sum', 'repositories doubted'),
        one('sweep', 'SweepErrors', 'Sum', 'errors'),
      ],
    },
    {
      title: 'Webhook to launch, seconds; jobs that wait',
      metrics: [
        one('webhook', 'LaunchSeconds', 'p95', 'p95 of the webhook'),
        one('reconcile', 'JobsWaiting', 'Maximum', 'jobs that wait'),
      ],
    },
  ];
}

/** The ends of a start-up that ECS does not see: cli/observe/phases.ts has them job by job. */
const logTables = (stack: string, stage: string): LogTable[] => [
  {
    title: 'Queued to delivered, seconds',
    logGroup: `/aws/lambda/${stack}-webhook`,
    query:
      'filter action = "queued" and status = 202 | fields (receivedAtMs - queuedAtMs) / 1000 as seconds' +
      ' | stats pct(seconds, 50) as p50, pct(seconds, 95) as p95, count(*) as jobs by bin(1h)',
  },
  {
    title: 'Container to session (idle) and to job (busy), seconds',
    logGroup: `/oneshot/${stage}/runners`,
    query:
      'filter oneshot = "state" and state in ["idle", "busy"]' +
      ' | stats pct(seconds, 50) as p50, pct(seconds, 95) as p95, count(*) as tasks by state',
  },
];

const queueMetric = (queue: string, metric: string, label: string): unknown => [
  'AWS/SQS',
  metric,
  'QueueName',
  queue,
  { stat: 'Maximum', label },
];

/** From left to right, row after row. */
function widget(one: Graph | LogTable, index: number, region: string): unknown {
  const place = {
    x: (index * WIDTH) % WIDE,
    y: Math.floor((index * WIDTH) / WIDE) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
  };
  const { title } = one;
  if ('query' in one) {
    const query = `SOURCE '${one.logGroup}' | ${one.query}`;
    return { type: 'log', ...place, properties: { title, query, region, view: 'table' } };
  }
  const { metrics } = one;
  const drawn = { title, metrics, region, view: 'timeSeries', stacked: false, period: PERIOD_SECONDS };
  return { type: 'metric', ...place, properties: drawn };
}
