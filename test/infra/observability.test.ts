import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { STUCK_AFTER_MS } from '../../functions/core/plan/stuck.ts';
import { EXIT_CODES } from '../../functions/core/task/exit-codes.ts';
import { REASONS } from '../../functions/core/words/reasons.ts';
import { STOP_CAUSES } from '../../functions/core/words/stop-causes.ts';
import { METRICS, type MetricName } from '../../functions/log.ts';
import { type Packaged, packageService } from './package-service.ts';
import { asList, at, ofType, properties } from './template.ts';

/** What a launch or a reconcile can come to, and the phases of a task: closed types of functions/. */
const OUTCOMES = 5;
const PHASES = 5;

let packaged: Packaged;
beforeAll(async () => {
  packaged = await packageService({
    parameters: { alarmTopics: 'arn:aws:sns:us-east-1:123456789012:alarms', alarmEmail: 'ops@example.com' },
  });
}, 120_000);

const alarms = () => ofType(packaged.resolved, 'AWS::CloudWatch::Alarm');
const dashboard = () =>
  JSON.parse(String(properties(packaged.resolved, 'Dashboard')['DashboardBody'])) as {
    widgets: { type: string; properties: { title: string; metrics?: unknown[][]; query?: string } }[];
  };

/** Our metrics in a template or a dashboard: name and dimensions. */
function ourMetrics(): { readonly name: string; readonly service: string; readonly dimension?: string }[] {
  const ofAlarms = alarms().flatMap(([, alarm]) => [
    alarm,
    ...((at(alarm, 'Metrics') as unknown[] | undefined) ?? []).map((metric) =>
      at(metric, 'MetricStat', 'Metric'),
    ),
  ]);
  const queried = ofAlarms.flatMap((metric) => {
    const query =
      /^SELECT MAX\("(\w+)"\) FROM SCHEMA\("oneshot", "service", "stage", (.*?)\) WHERE "service" = '(\w+)' AND "stage" = 'dev' GROUP BY (.*) ORDER BY MAX\(\) DESC$/.exec(
        String(at(metric, 'Metrics', 0, 'Expression')),
      );
    if (query === null) return [];
    const [, name = '', dimensions = '', service = '', groups] = query;
    expect(groups).toBe(dimensions);
    return [{ name, service, dimension: dimensions.replace(/[" ]/g, '') }];
  });
  const named = ofAlarms
    .filter((metric) => at(metric, 'Namespace') === 'oneshot')
    .map((metric) => {
      const dimensions = at(metric, 'Dimensions') as { Name: string; Value: string }[];
      const own = dimensions.map(({ Name }) => Name).find((name) => name !== 'service' && name !== 'stage');
      const service = dimensions.find(({ Name }) => Name === 'service')?.Value ?? '';
      return { name: String(at(metric, 'MetricName')), service, ...(own && { dimension: own }) };
    });
  const drawn = dashboard().widgets.flatMap(({ properties: { metrics = [] } }) =>
    metrics.flatMap((metric) => {
      const search = /\{oneshot,service,stage,([\w,]+)\} MetricName="(\w+)" service="([\w-]+)"/.exec(
        String(at(metric, 0, 'expression')),
      );
      if (search)
        return [{ dimension: String(search[1]), name: String(search[2]), service: String(search[3]) }];
      return metric[0] === 'oneshot' ? [{ name: String(metric[1]), service: String(metric[3]) }] : [];
    }),
  );
  return [...named, ...queried, ...drawn];
}

/** What each function's source emits: `count('Name'` and the like. */
function emitted(service: string): ReadonlySet<string> {
  const folder = path.join(import.meta.dirname, '../../functions', service);
  const source = readdirSync(folder)
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n');
  return new Set(Object.keys(METRICS).filter((name) => new RegExp(`['\\s]${name}['?:]`).test(source)));
}

describe('what is watched', () => {
  it('should be what the functions emit, under the dimensions that they give it', () => {
    for (const { name, service, dimension } of ourMetrics()) {
      expect([...emitted(service)], `${service} emits ${name}`).toContain(name);
      expect(METRICS[name as MetricName]?.toString(), name).toBe(dimension);
    }
  });

  it('should leave out nothing that the functions emit', () => {
    const watched = new Set(ourMetrics().map(({ name }) => name));
    expect(Object.keys(METRICS).filter((name) => !watched.has(name))).toEqual([]);
  });

  it('should be as many series as the guide says, at most', () => {
    const values: Readonly<Record<string, number>> = {
      // None for the doctor's probe, which is not counted; one for a delivery that is not about a job and has no reason.
      reason: Object.keys(REASONS).length - 1 + 1,
      outcome: OUTCOMES,
      ending: Object.keys(EXIT_CODES).length + 1,
      cause: Object.keys(STOP_CAUSES).length,
      phase: PHASES,
    };
    // One more for each repository and label in which a job is stuck, which the guide says.
    const isBounded = (name: string) => name !== 'StuckSeconds';
    const series = ['webhook', 'reconcile', 'settle', 'sweep'].flatMap((service) =>
      [...emitted(service)]
        .filter(isBounded)
        .map((name) => values[METRICS[name as MetricName]?.toString() ?? ''] ?? 1),
    );
    const guide = readFileSync(path.join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
    expect(Number(/at most (\d+) series/.exec(guide)?.[1])).toBe(series.reduce((sum, count) => sum + count));
  });

  it('should be read from log groups that are there, by fields that are written', () => {
    const groups = ofType(packaged.resolved, 'AWS::Logs::LogGroup').map(([, group]) =>
      String(group['LogGroupName']),
    );
    const queries = dashboard().widgets.flatMap(({ type, properties: { query = '' } }) =>
      type === 'log' ? [query] : [],
    );
    expect(queries).toHaveLength(2);
    for (const query of queries) expect(groups).toContain(/^SOURCE '([^']+)' \| /.exec(query)?.[1]);
    const written = ['functions/records/delivery.ts', 'image/entrypoint.sh']
      .map((file) => readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8'))
      .join();
    for (const field of ['receivedAtMs', 'queuedAtMs', 'action', 'oneshot', 'state', 'seconds']) {
      expect(queries.join()).toContain(field);
      expect(written, field).toMatch(new RegExp(`"?\\b${field}"?[:,]`));
    }
  });

  it('should be drawn without two graphs in one place', () => {
    const places = dashboard().widgets.map((widget) => `${at(widget, 'x')},${at(widget, 'y')}`);
    expect(new Set(places).size).toBe(places.length);
  });
});

describe('an alarm', () => {
  it('should say what to do, name this deployment, and tell everybody who is to be told', () => {
    expect(alarms().length).toBeGreaterThanOrEqual(11);
    for (const [name, alarm] of alarms()) {
      expect(String(alarm['AlarmName']), name).toMatch(/^oneshot-dev-/);
      expect(String(alarm['AlarmDescription']), name).toMatch(
        /\b(?:look|log|Deploy|deploy|Service Quotas|fix|check)\b/i,
      );
      expect(String(alarm['AlarmDescription']).length, name).toBeLessThanOrEqual(1024);
      expect(alarm['AlarmActions'], name).toEqual([
        'arn:aws:sns:us-east-1:123456789012:alarms',
        { Ref: 'AlarmTopic' },
      ]);
      expect(alarm['OKActions'], name).toEqual(alarm['AlarmActions']);
    }
  });

  it.each([
    ['DeadDoubtsAlarm', 0],
    ['RelaunchAlarm', 5],
    ['WaitAlarm', 1800],
    ['QueueAgeAlarm', 1800],
    ['LooksAlarm', 0],
    ['GivenUpAlarm', 0],
    ['RunnerLogsAlarm', 2 ** 30],
  ])('should be %s, at %d', (name, threshold) => {
    expect(properties(packaged.resolved, name)).toMatchObject({ Threshold: threshold });
  });

  it('should go off for a repository that cannot be read, however far its looks are apart', () => {
    // functions/core/plan/doubt.ts: a quarter of an hour at most.
    expect(properties(packaged.resolved, 'LooksAlarm')).toMatchObject({ Period: 900, EvaluationPeriods: 2 });
  });

  it('should name the repository and the label of jobs that are stuck, and remember one for an hour', () => {
    const alarm = properties(packaged.resolved, 'StuckAlarm');
    // Only three hours of data are looked at (AWS-76); a doubt that was given up is seen again within one
    // (test/flows/report.test.ts).
    expect(alarm).toMatchObject({
      EvaluationPeriods: 4,
      DatapointsToAlarm: 1,
      Threshold: STUCK_AFTER_MS / 1000,
    });
    expect(at(alarm, 'Metrics')).toEqual([
      { Id: 'stuck', Expression: expect.any(String), Period: 900, ReturnData: true },
    ]);
  });

  it('should tell of a sweep that runs no more, and not of one that has not run yet: an alarm begins without data', () => {
    const alarm = properties(packaged.resolved, 'SweepSilentAlarm');
    expect(alarm).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      TreatMissingData: 'missing',
    });
    expect(alarm['InsufficientDataActions']).toEqual(alarm['AlarmActions']);
  });

  it('should never begin in alarm: in none is missing data breaching', () => {
    for (const [name, alarm] of alarms())
      expect([name, alarm['TreatMissingData']]).not.toEqual([name, 'breaching']);
  });

  it('should tell nobody where nobody is to be told', async () => {
    const { resolved } = await packageService();
    for (const [, alarm] of ofType(resolved, 'AWS::CloudWatch::Alarm'))
      expect(alarm['AlarmActions']).toEqual([]);
    expect(ofType(resolved, 'AWS::SNS::Topic')).toEqual([]);
  });
});

describe('a saved query', () => {
  it('should read log groups of this deployment', () => {
    const groups = new Set(
      ofType(packaged.resolved, 'AWS::Logs::LogGroup').map(([, group]) => group['LogGroupName']),
    );
    const queries = ofType(packaged.resolved, 'AWS::Logs::QueryDefinition');
    expect(queries.length).toBeGreaterThanOrEqual(5);
    for (const [name, query] of queries)
      for (const group of asList(query['LogGroupNames'])) expect([...groups], name).toContain(group);
  });
});
