import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { Series } from '../core/plan/summary-series.ts';
import type { Figures, Week } from '../core/plan/tell-summary.ts';
import { callNamed } from './sdk-failure.ts';

const NAMESPACE = 'oneshot';
/** A day: with whole days of UTC its points are the same whichever way CloudWatch aligns them. */
const PERIOD_SECONDS = 86_400;
/** A search has 500 series at most, with seven points each: one page has 100,800 points (AWS-78). */
const STUCK = 'stuck';
/** What stands between the dimensions in the label of a series; no name of a repository and no label of a job has it. */
const BETWEEN = '|';

/**
 * The figures of a week, by one GetMetricData (AWS-78). Where CloudWatch has not all of them, the figures have a problem.
 * Throws ServiceError.
 */
export async function readWeek(
  client: CloudWatchClient,
  stage: string,
  series: readonly Series[],
  { fromMs, toMs }: Week,
): Promise<Figures> {
  const command = new GetMetricDataCommand({
    MetricDataQueries: [...series.map((one) => queryOf(one, stage)), stuckQuery(stage)],
    StartTime: new Date(fromMs),
    EndTime: new Date(toMs),
  });
  const answer = await callNamed('cloudwatch', 'GetMetricData', () => client.send(command));
  const results = answer.MetricDataResults ?? [];
  const bySeries = new Map(series.map((one) => [one.id, one]));
  const totals = results.flatMap(({ Id = '', Values = [] }): [string, number][] => {
    const one = bySeries.get(Id);
    return one === undefined || Values.length === 0 ? [] : [[Id, total(one, Values)]];
  });
  const isMore = answer.NextToken === undefined ? [] : ['there are more figures than one answer has'];
  return {
    totals: new Map(totals),
    stuck: results
      .filter(({ Id }) => Id === STUCK)
      .flatMap(stuckOf)
      .toSorted((a, b) => b.seconds - a.seconds),
    problems: [...problemsOf(results), ...isMore],
  };
}

function queryOf({ id, service, metric, dimension, stat }: Series, stage: string): MetricDataQuery {
  const own = dimension === undefined ? [] : [{ Name: dimension[0], Value: dimension[1] }];
  const Dimensions = [{ Name: 'service', Value: service }, { Name: 'stage', Value: stage }, ...own];
  const Metric = { Namespace: NAMESPACE, MetricName: metric, Dimensions };
  return { Id: id, MetricStat: { Metric, Period: PERIOD_SECONDS, Stat: stat } };
}

function stuckQuery(stage: string): MetricDataQuery {
  const schema = `{${NAMESPACE},service,stage,repository,label}`;
  const search = `${schema} MetricName="StuckSeconds" service="reconcile" stage="${stage}"`;
  return {
    Id: STUCK,
    Expression: `SEARCH('${search}', 'Maximum', ${PERIOD_SECONDS})`,
    Label: `\${PROP('Dim.repository')}${BETWEEN}\${PROP('Dim.label')}`,
  };
}

const total = ({ stat }: Series, values: readonly number[]): number =>
  stat === 'Sum' ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);

function stuckOf({ Label = '', Values = [] }: MetricDataResult): Figures['stuck'] {
  const [repository = '', label = ''] = Label.split(BETWEEN);
  return Values.length === 0 ? [] : [{ repository, label, seconds: Math.max(...Values) }];
}

function problemsOf(results: readonly MetricDataResult[]): string[] {
  const broken = results.filter(({ StatusCode }) => StatusCode !== undefined && StatusCode !== 'Complete');
  return broken.map(({ Id, StatusCode, Messages = [] }) =>
    [`${Id} is ${StatusCode}`, ...Messages.map(({ Value }) => Value)].join(': '),
  );
}
