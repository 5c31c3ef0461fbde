import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCounts } from '../../bench/counts.ts';
import { amount, besideHosted, idleFigures, jobFigures, price } from '../../bench/figures.ts';
import { BASIS } from '../../bench/prices.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** Dollars in prose and comments; `$1` in a block of code is a shell's. */
const dollarsIn = (text: string): string[] =>
  (text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').match(/\$\d[\d,]*(?:\.\d+)?/g) ?? []).map((found) =>
    found.replace(/,$/, ''),
  );

const known = new Set(dollarsIn(read('docs/costs.md')));
const guides = (await readdir(path.join(ROOT, 'docs')))
  .filter((name) => name.endsWith('.md') && name !== 'costs.md')
  .map((name) => `docs/${name}`);

describe('what the guides say that it costs', () => {
  it.each([
    'README.md',
    ...guides,
    'docs/adr/0032-refused-jobs-are-failed-by-a-task.md',
    'serverless.yml',
    'infra/observability.yml',
  ])('should be a figure of docs/costs.md: %s', (file) => {
    expect(dollarsIn(read(file)).filter((found) => !known.has(found))).toEqual([]);
  });

  it('should bill a task and its address for the same minutes', () => {
    const [tasks, , addresses] = jobFigures(readCounts());
    const hours = (BASIS.jobs * (BASIS.jobMinutes + BASIS.bootMinutes)) / 60;
    // functions/core/task/prices.ts, for x64; vpc/pricing.
    expect(tasks?.usd).toBeCloseTo(hours * (2 * 0.04048 + 4 * 0.004445), 6);
    expect(addresses?.usd).toBeCloseTo(hours * 0.005, 6);
  });

  it('should set the same jobs beside GitHub’s minutes, with what is paid while idle', () => {
    const [standard] = besideHosted(readCounts());
    const hours = (BASIS.jobs * (BASIS.jobMinutes + BASIS.bootMinutes)) / 60;
    const here = hours * (2 * 0.04048 + 8 * 0.004445 + 0.005);
    expect(standard?.hostedUsd).toBeCloseTo(BASIS.jobs * BASIS.jobMinutes * 0.006, 6);
    expect(standard?.hereUsd).toBeCloseTo(here + readCounts().controlUsd, 6);
    expect(standard?.fromJobs).toBe(Math.ceil((5.84 * BASIS.jobs) / (30 - here - readCounts().controlUsd)));
  });

  it('should count an alarm on an expression once for each of its metrics', () => {
    const { alarmMetrics, pipelineAlarmMetrics } = readCounts();
    const alarms = read('infra/observability.yml').match(/Type: AWS::CloudWatch::Alarm/g)?.length ?? 0;
    // One of them adds two metrics up; that of the pipeline three. One asks for what is stuck, and finds nothing.
    expect([alarmMetrics, pipelineAlarmMetrics]).toEqual([alarms + 1 - 1, alarms + 1 - 1 + 3]);
    expect(idleFigures(readCounts())[1]?.usd).toBeCloseTo(alarmMetrics * 0.1, 6);
  });

  it.each([
    [0, '$0'],
    [0.000_411, '$0.0004'],
    [0.11, '$0.11'],
    [27, '$27'],
    [36.5, '$36.50'],
    [233.04, '$233'],
  ])('should be told as far as it is meant: %d is %s', (usd, told) => {
    expect(amount(usd)).toBe(told);
  });

  it('should tell a list price exactly', () => {
    expect([0.045, 0.1, 0.005].map(price)).toEqual(['$0.045', '$0.10', '$0.005']);
  });
});
