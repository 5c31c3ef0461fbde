import {
  GetMetricData$,
  type GetMetricDataInput,
  type GetMetricDataOutput,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { WorldClock } from '../world/clock.ts';
import { AwsError } from './errors.ts';
import { operation, type Service } from './service.ts';

export interface MetricStore {
  readonly service: Service;
  /** Takes what a line of a log says in the embedded metric format; any other line is none. */
  note(line: string): void;
}

interface Point {
  readonly atMs: number;
  readonly value: number;
}

interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly points: Point[];
}

/** A world that stays up for days must not keep every point of them. */
const MOST_POINTS = 20_000;
/** CloudWatch API reference, GetMetricData (AWS-78). */
const MOST_QUERIES = 500;
const ID = /^[a-z][a-zA-Z0-9_]{0,254}$/;

/** CloudWatch, as far as it is called: GetMetricData on what the functions wrote in the embedded metric format. */
export function createMetricStore(clock: WorldClock): MetricStore {
  const series = new Map<string, Series>();
  return {
    service: {
      api: 'cloudwatch',
      target: 'GraniteServiceVersion20100801',
      jsonVersion: '1.0',
      internalError: 'InternalServiceFault',
      invalid: (problem) => invalid(problem.message),
      operations: {
        GetMetricData: operation<GetMetricDataInput, GetMetricDataOutput>(GetMetricData$, (input) =>
          getData(input, [...series.values()]),
        ),
      },
    },
    note(line) {
      for (const { namespace, name, dimensions, values } of readEmbedded(line)) {
        const key = keyOf(namespace, name, dimensions);
        const { points }: Pick<Series, 'points'> = series.get(key) ?? { points: [] };
        series.set(key, { namespace, name, dimensions, points });
        points.push(...values.map((value) => ({ atMs: clock.nowMs(), value })));
        if (points.length > MOST_POINTS) points.splice(0, points.length - MOST_POINTS);
      }
    },
  };
}

const invalid = (message: string) => new AwsError('InvalidParameterValueException', message);

const keyOf = (namespace: string, name: string, dimensions: Readonly<Record<string, string>>): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

interface Embedded {
  readonly _aws?: {
    readonly CloudWatchMetrics?: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [field: string]: unknown;
}

/** CloudWatch Logs user guide, "Embedded metric format specification": a set of dimensions is a series. */
function readEmbedded(line: string) {
  if (!line.includes('"_aws"')) return [];
  const fields = JSON.parse(line) as Embedded;
  return (fields._aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => ({
        namespace: Namespace,
        name: Name,
        dimensions: Object.fromEntries(names.map((name) => [name, String(fields[name])])),
        values: [fields[Name]].flat().map(Number),
      })),
    ),
  );
}

function getData(input: GetMetricDataInput, all: readonly Series[]): GetMetricDataOutput {
  const { MetricDataQueries = [], StartTime = new Date(0), EndTime = new Date(0) } = input;
  if (MetricDataQueries.length > MOST_QUERIES)
    throw invalid('The number of queries is over the limit of 500.');
  if (StartTime >= EndTime) throw invalid('The parameter StartTime must be less than the parameter EndTime.');
  const ids = MetricDataQueries.map(({ Id = '' }) => Id);
  const bad = ids.find((id, index) => !ID.test(id) || ids.indexOf(id) !== index);
  if (bad !== undefined) throw invalid(`The value ${bad} for parameter Id is not valid, or not unique.`);
  const span = { fromMs: StartTime.getTime(), toMs: EndTime.getTime() };
  return {
    MetricDataResults: MetricDataQueries.flatMap((query) => resultsOf(query, all, span)),
    Messages: [],
  };
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

function resultsOf(query: MetricDataQuery, all: readonly Series[], span: Span): MetricDataResult[] {
  const { Id, MetricStat, Expression, Label } = query;
  if ((MetricStat === undefined) === (Expression === undefined))
    throw invalid(`${Id}: exactly one of MetricStat and Expression is to be given.`);
  if (Expression !== undefined) return searched(query, Expression, all, span);
  const { Metric, Period = 0, Stat = '' } = MetricStat ?? {};
  const dimensions = Object.fromEntries(
    (Metric?.Dimensions ?? []).map(({ Name = '', Value = '' }) => [Name, Value]),
  );
  const key = keyOf(Metric?.Namespace ?? '', Metric?.MetricName ?? '', dimensions);
  const found = all.find((one) => keyOf(one.namespace, one.name, one.dimensions) === key);
  const points = aggregated(found?.points ?? [], Period, Stat, span);
  return [{ Id, Label: Label ?? Metric?.MetricName, ...points, StatusCode: 'Complete' }];
}

/** `SEARCH('{namespace,dimension,...} name="value" ...', 'stat', period)` (CloudWatch user guide, "Search expression syntax"). */
function searched(
  { Id, Label = '' }: MetricDataQuery,
  expression: string,
  all: readonly Series[],
  span: Span,
): MetricDataResult[] {
  const parts = /^SEARCH\('\{([^}]*)\}((?: \w+="[^"]*")*)', '(\w+)', (\d+)\)$/.exec(expression);
  if (parts === null) throw invalid(`Error in expression '${Id}': Syntax error.`);
  const [, schema = '', terms = '', stat = '', period] = parts;
  const [namespace, ...names] = schema.split(',');
  const asked = [...terms.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value]) => [name, value] as const);
  const isAsked = (one: Series) =>
    one.namespace === namespace &&
    Object.keys(one.dimensions).toSorted().join() === names.toSorted().join() &&
    asked.every(([name, value]) => (name === 'MetricName' ? one.name : one.dimensions[name]) === value);
  return all.filter(isAsked).map((one) => ({
    Id,
    Label: Label.replace(/\$\{PROP\('Dim\.(\w+)'\)\}/g, (_, name: string) => one.dimensions[name] ?? ''),
    ...aggregated(one.points, Number(period), stat, span),
    StatusCode: 'Complete',
  }));
}

const STATS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values) => Math.max(...values),
  p50: (values) => percentile(values, 0.5),
  p95: (values) => percentile(values, 0.95),
};

const percentile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? 0;

/** Newest first. */
function aggregated(points: readonly Point[], periodSeconds: number, stat: string, { fromMs, toMs }: Span) {
  if (periodSeconds < 60 || periodSeconds % 60 !== 0) throw invalid('The period must be a multiple of 60.');
  const aggregate = STATS[stat];
  if (aggregate === undefined) throw invalid(`The value ${stat} for parameter Stat is not supported.`);
  const within = points.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const periods = Map.groupBy(within, ({ atMs }) => Math.floor((atMs - fromMs) / (periodSeconds * 1000)));
  const sorted = [...periods].toSorted(([a], [b]) => b - a);
  return {
    Timestamps: sorted.map(([index]) => new Date(fromMs + index * periodSeconds * 1000)),
    Values: sorted.map(([, all]) => aggregate(all.map(({ value }) => value))),
  };
}
