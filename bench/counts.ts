import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Counts } from './figures.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** Counted in the templates, and what the bench measured last. */
export function readCounts(): Counts {
  const rows: readonly { id: string; measured: number }[] = JSON.parse(
    readFileSync(path.join(import.meta.dirname, 'results.json'), 'utf8'),
  );
  const controlUsd = rows.find(({ id }) => id === 'control-cost')?.measured;
  if (controlUsd === undefined) throw new Error('bench/results.json has no row control-cost: npm run bench');
  const alarmMetrics = countAlarmMetrics('observability.yml');
  return { alarmMetrics, pipelineAlarmMetrics: alarmMetrics + countAlarmMetrics('image.yml'), controlUsd };
}

/** One that depends on a condition is in a list, as `!If` is read without its tag. */
type Metric = { readonly MetricStat?: unknown } | readonly { readonly MetricStat?: unknown }[];

/**
 * An alarm on an expression is billed for each metric in it; one on a query for each that the query finds (AWS-77), and ours
 * finds none while no job is stuck.
 */
function countAlarmMetrics(file: string): number {
  // `!Ref` and the like do not matter here.
  const { Resources } = parse(readFileSync(path.join(ROOT, 'infra', file), 'utf8'), {
    logLevel: 'silent',
    merge: true,
  }) as { Resources: Record<string, { Type: string; Properties: { Metrics?: Metric[] } }> };
  const alarms = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  const metricsOf = ({ Properties: { Metrics } }: (typeof alarms)[number]) =>
    Metrics?.flat().filter((one) => one?.MetricStat !== undefined).length ?? 1;
  return alarms.reduce((sum, alarm) => sum + metricsOf(alarm), 0);
}
