import { describe, expect, it, vi } from 'vitest';
import { History } from '../../cli/observe/history.ts';
import type { Page, Slice } from '../../cli/observe/log-reader.ts';
import { createSlowSource } from '../../cli/observe/source.ts';
import { delivery } from './records.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = Date.UTC(2026, 0, 2);
const GROUPS = ['webhook', 'settle'].map((service) => ({ service, name: `/aws/lambda/x-${service}` }));

/** A history in which each slice has as many pages as it has hours times `pagesAnHour`. */
function open({ pagesAnHour = 0, mostReads = 1_000 } = {}) {
  const slices: Slice[] = [];
  let refusal: Error | undefined;
  const readPage = async (slice: Slice, next: string | undefined): Promise<Page> => {
    if (refusal !== undefined) throw refusal;
    const page = Number(next ?? 0) + 1;
    if (page === 1) slices.push(slice);
    const pages = Math.ceil(((slice.endMs - slice.startMs) / HOUR_MS) * pagesAnHour);
    return { records: [delivery(slice.startMs, page, 'queued')], next: page < pages ? `${page}` : undefined };
  };
  const history = new History({ groups: GROUPS, endMs: NOW_MS - HOUR_MS, mostReads, readPage });
  const refuse = (error?: Error): void => {
    refusal = error;
  };
  return { history, slices, refuse };
}

const isWhole = (history: History, sinceMs: number) =>
  vi.waitUntil(() => history.missing(sinceMs) === undefined);

describe('the history of the logs', () => {
  it('should be read from the newest slice to the oldest, all groups of each, without a gap', async () => {
    const { history, slices } = open();
    history.reach(NOW_MS - DAY_MS, NOW_MS);
    expect(history.missing(NOW_MS - DAY_MS)).toMatch(/is still being read/);
    await isWhole(history, NOW_MS - DAY_MS);
    const ofWebhook = slices.filter(({ group }) => group.service === 'webhook');
    expect(ofWebhook[0]?.endMs).toBe(NOW_MS - HOUR_MS);
    for (const [index, { startMs }] of ofWebhook.slice(0, -1).entries())
      expect(ofWebhook[index + 1]?.endMs).toBe(startMs);
    expect(ofWebhook.at(-1)?.startMs).toBe(NOW_MS - DAY_MS);
    expect(slices).toHaveLength(2 * ofWebhook.length);
    expect(history.take()).toHaveLength(slices.length);
    expect(history.take()).toEqual([]);
  });

  it('should take few calls where little was logged', async () => {
    const { history, slices } = open();
    history.reach(NOW_MS - DAY_MS, NOW_MS);
    await isWhole(history, NOW_MS - DAY_MS);
    expect(slices.length).toBeLessThanOrEqual(5 * GROUPS.length);
  });

  it('should read nothing twice, and no more than was asked for', async () => {
    const { history, slices } = open();
    history.reach(NOW_MS - 6 * HOUR_MS, NOW_MS);
    await isWhole(history, NOW_MS - 6 * HOUR_MS);
    const { length } = slices;
    history.reach(NOW_MS - 6 * HOUR_MS, NOW_MS);
    expect(slices).toHaveLength(length);
    history.reach(NOW_MS - 7 * HOUR_MS, NOW_MS);
    await isWhole(history, NOW_MS - 7 * HOUR_MS);
    expect(slices.at(-1)).toMatchObject({ startMs: NOW_MS - 7 * HOUR_MS, endMs: NOW_MS - 6 * HOUR_MS });
  });

  it('should stop where its reads are spent, and say how far it came and what to do', async () => {
    const { history } = open({ pagesAnHour: 10, mostReads: 45 });
    history.reach(NOW_MS - DAY_MS, NOW_MS);
    await vi.waitUntil(() => !history.missing(NOW_MS - DAY_MS)?.includes('still'));
    expect(history.take()).toHaveLength(45);
    expect(history.missing(NOW_MS - DAY_MS)).toMatch(
      /before .* was not read: this page may read 45 pages .* choose a shorter time/,
    );
    expect(history.missing(NOW_MS - 2 * HOUR_MS)).toBeUndefined();
  });

  it('should say what CloudWatch said, and try again after a while', async () => {
    const { history, refuse } = open();
    refuse(new Error('AccessDeniedException: not authorized to perform logs:FilterLogEvents'));
    history.reach(NOW_MS - DAY_MS, NOW_MS);
    await vi.waitUntil(() => /could not be read/.test(history.missing(NOW_MS - DAY_MS) ?? ''));
    expect(history.missing(NOW_MS - DAY_MS)).toMatch(/allow logs:FilterLogEvents/);
    refuse();
    history.reach(NOW_MS - DAY_MS, NOW_MS + 1_000);
    expect(history.missing(NOW_MS - DAY_MS)).toMatch(/could not be read/);
    history.reach(NOW_MS - DAY_MS, NOW_MS + 60_000);
    await isWhole(history, NOW_MS - DAY_MS);
  });
});

describe('a slow source', () => {
  it('should hold a look up for its first reading alone, and show a later one when it has ended', async () => {
    const readings: ((value: string) => void)[] = [];
    const source = createSlowSource(1_000, '', () => new Promise<string>((done) => readings.push(done)));
    const first = source(0);
    readings[0]?.('first');
    expect((await first).value).toBe('first');
    expect((await source(2_000)).value).toBe('first');
    expect((await source(3_000)).value).toBe('first');
    expect(readings).toHaveLength(2);
    readings[1]?.('second');
    await vi.waitUntil(async () => (await source(2_500)).value === 'second');
  });
});
