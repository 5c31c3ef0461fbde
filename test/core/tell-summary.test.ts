import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SERIES } from '../../functions/core/plan/summary-series.ts';
import { type Figures, tellSummary, weekBefore } from '../../functions/core/plan/tell-summary.ts';
import { METRICS, type MetricName } from '../../functions/log.ts';

const MONDAY_MS = Date.parse('2026-11-30T07:00:12Z');
const WEEK = weekBefore(MONDAY_MS);
const WHERE = { stack: 'oneshot-prod', region: 'eu-central-1' };
const idOf = (value: string): string => {
  const found = SERIES.find(({ dimension }) => dimension?.[1] === value);
  if (found === undefined) throw new Error(`no series of ${value}`);
  return found.id;
};
const figures = (totals: Readonly<Record<string, number>>, more: Partial<Figures> = {}): Figures => ({
  totals: new Map(Object.entries(totals)),
  stuck: [],
  problems: [],
  ...more,
});

describe('the series of a summary', () => {
  it('should be metrics that the functions emit, under their own dimensions', () => {
    for (const { metric, dimension } of SERIES)
      expect(METRICS[metric as MetricName], metric).toBe(dimension?.[0]);
  });

  it('should have ids that GetMetricData takes, each once, and be within one call (AWS-78)', () => {
    const ids = SERIES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-zA-Z0-9_]*$/);
    expect(ids.length).toBeLessThan(100);
  });
});

describe('the week', () => {
  it('should be the seven whole days before, in UTC', () => {
    expect(new Date(WEEK.fromMs).toISOString()).toBe('2026-11-23T00:00:00.000Z');
    expect(new Date(WEEK.toMs).toISOString()).toBe('2026-11-30T00:00:00.000Z');
  });
});

describe('a summary', () => {
  it('should tell jobs, waits, repairs, what was refused, what was stuck and what it cost', () => {
    const { subject, message } = tellSummary(
      figures(
        {
          ...{ webhook_launched: 400, reconcile_launched: 12, webhook_refused: 3, reconcile_refused: 2 },
          ...{ [idOf('ran-succeeded')]: 390, [idOf('ran-failed')]: 10, [idOf('idle')]: 9 },
          ...{ [idOf('ran-rejected')]: 2, [idOf('spot-not-allowed')]: 4 },
          ...{ wait_half: 31.4, wait_most: 58, wait_longest: 252, sum_DeliveriesRedelivered: 1 },
          ...{ sum_TaskCostUsd: 12.345, sum_RunnersRemoved: 2 },
        },
        { stuck: [{ repository: 'acme/web', label: 'fargate/cpu=4', seconds: 2_700 }] },
      ),
      WEEK,
      WHERE,
    );
    expect(subject).toBe('oneshot-prod: 412 launches, $12.35 in the week to 2026-11-29');
    expect(message.split('\n')).toEqual([
      'oneshot-prod in eu-central-1, 2026-11-23 to 2026-11-29 (UTC)',
      '',
      'Jobs:    412 launched; 411 tasks stopped, of which 400 ran a job',
      'Waits:   on the slowest day half began within 31 s, 95 of 100 within 58 s; the longest took 4 min',
      'Repairs: 12 launched by reconcile, 1 lost deliveries sent again, 2 registrations removed',
      'Refused: 5 launches refused by GitHub or AWS, 2 unservable jobs failed by a rejection task, 4 deliveries spot-not-allowed',
      'Stuck:   acme/web fargate/cpu=4 (up to 45 min)',
      'Cost:    $12.35 for tasks, an estimate from list prices (oneshot cost)',
      '',
    ]);
  });

  it('should be told of a week without jobs too', () => {
    const { subject, message } = tellSummary(figures({}), WEEK, WHERE);
    expect(subject).toContain('0 launches, $0.00');
    expect(message).toContain('none was launched, and none ended');
    expect(message).toContain('no job began on our runners');
    expect(message.match(/ {2,}none$/gm)).toHaveLength(1); // Stuck
    expect(message.match(/: none$/gm)).toHaveLength(2); // Repairs, Refused
  });

  it('should say what CloudWatch could not', () => {
    const { message } = tellSummary(figures({}, { problems: ['stuck is PartialData'] }), WEEK, WHERE);
    expect(message).toContain('Unread:  stuck is PartialData\n');
  });

  it('should be short, whatever was stuck, with a subject that SNS takes (AWS-79)', () => {
    const all = Array.from({ length: 500 }, (_, index) => ({
      ...{ repository: `acme/${'r'.repeat(130)}${index}`, label: 'l'.repeat(255), seconds: 9_000 - index },
    }));
    const { message } = tellSummary(figures({}, { stuck: all }), WEEK, WHERE);
    expect(Buffer.byteLength(message)).toBeLessThan(6_000);
    expect(message).toContain(`${'r'.repeat(130)}9 `);
    expect(message).toContain(', and 490 more\n');
    const stacks = fc.string({ unit: 'binary', minLength: 1, maxLength: 200, size: 'max' });
    fc.assert(
      fc.property(stacks, (stack) => {
        expect(tellSummary(figures({}), WEEK, { ...WHERE, stack }).subject).toMatch(/^[ -~]{1,99}$/);
      }),
    );
  });
});
