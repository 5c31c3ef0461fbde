import { CloudWatchLogsClient, type FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it, vi } from 'vitest';
import { showFunctionLine } from '../../cli/logs/function-line.ts';
import { createLogPace } from '../../cli/observe/log-reader.ts';
import { createTail, type Line, readPatiently } from '../../cli/observe/tail.ts';

const GROUP = { service: 'webhook', name: '/aws/lambda/webhook' };

/** A log that answers each call by `answer`, on a clock that pauses move. */
function open(answer: (call: number) => object | Error) {
  let nowMs = 1_000_000;
  const asked: { readonly atMs: number; readonly startTime: number }[] = [];
  const client = new CloudWatchLogsClient({ region: 'us-east-1' });
  vi.spyOn(client, 'send').mockImplementation(async ({ input }) => {
    asked.push({ atMs: nowMs, startTime: (input as FilterLogEventsCommandInput).startTime ?? 0 });
    const given = answer(asked.length);
    if (given instanceof Error) throw given;
    return given;
  });
  const now = () => nowMs;
  const pause = async (milliseconds: number) => {
    nowMs += milliseconds;
  };
  const tail = createTail(client, [GROUP], 900_000, { pace: createLogPace(), now, pause });
  const limits = { pace: createLogPace(), now, pause };
  const read = () => readPatiently(client, { group: GROUP, startMs: 0 }, limits);
  return { tail, asked, pause, read };
}

const event = (id: number, atMs: number) => ({
  ...{ eventId: `${id}`, timestamp: atMs, message: `line ${id}\n`, logStreamName: 's' },
});
const texts = (lines: readonly Line[]) => lines.map(({ text }) => text);
const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });

describe('following a log', () => {
  it('should tell each line once, in the order of time, the late ones too', async () => {
    const pages = [
      { events: [event(2, 999_000), event(1, 998_000)] },
      { events: [event(1, 998_000), event(2, 999_000), event(4, 1_001_000), event(3, 999_500)] },
    ];
    const { tail, asked, pause } = open((call) => pages[call - 1] ?? { events: [] });
    expect(texts(await tail.next())).toEqual(['line 1', 'line 2']);
    await pause(3_000);
    expect(texts(await tail.next())).toEqual(['line 3', 'line 4']);
    expect(asked.map(({ startTime }) => startTime)).toEqual([900_000, 985_000]);
  });

  it('should read what was written before a page’s end, and no line of it twice', async () => {
    const { tail } = open((call) =>
      call === 1 ? { events: [event(1, 990_000)], nextToken: 'more' } : { events: [event(2, 991_000)] },
    );
    expect(texts(await tail.next())).toEqual(['line 1', 'line 2']);
    expect(texts(await tail.next())).toEqual([]);
  });

  it('should wait longer after each call that CloudWatch refuses, and lose nothing', async () => {
    const { tail, asked, pause } = open((call) => (call <= 3 ? throttled : { events: [event(1, 999_000)] }));
    const told: string[] = [];
    for (let seconds = 0; seconds < 20; seconds++) {
      told.push(...texts(await tail.next()));
      await pause(1_000);
    }
    const [first = 0, ...others] = asked.map(({ atMs }) => atMs);
    expect(others.slice(0, 3).map((atMs) => atMs - first)).toEqual([2_000, 6_000, 14_000]);
    expect(asked.every(({ startTime }, index) => index > 3 || startTime === 900_000)).toBe(true);
    expect(told).toEqual(['line 1']);
  });

  it('should wait longer each time for what is read once, and give up after a while', async () => {
    const { read, asked } = open((call) => (call <= 2 ? throttled : { events: [event(1, 999_000)] }));
    expect(texts(await read())).toEqual(['line 1']);
    const [first = 0, ...others] = asked.map(({ atMs }) => atMs);
    expect(others.map((atMs) => atMs - first)).toEqual([2_000, 6_000]);
    const never = open(() => throttled);
    await expect(never.read()).rejects.toThrow('Rate exceeded');
    expect(never.asked).toHaveLength(6);
  });

  it('should fail where CloudWatch does not let it look', async () => {
    const { tail } = open(() => Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await expect(tail.next()).rejects.toThrow('no');
  });

  it('should make no more calls than its share of the account’s five a second', async () => {
    const { tail, asked } = open(() => ({ events: [] }));
    for (let round = 0; round < 40; round++) await tail.next();
    const seconds = ((asked.at(-1)?.atMs ?? 0) - (asked[0]?.atMs ?? 0)) / 1000;
    expect((asked.length - 4) / seconds).toBeLessThanOrEqual(2.1);
  });
});

describe('a function’s line', () => {
  const show = (text: string, level: 'debug' | 'info' | 'warn' | 'error' = 'info') =>
    showFunctionLine({ id: '1', atMs: 1, group: GROUP, stream: 's', text }, level);

  it.each([
    [JSON.stringify({ level: 'INFO', message: 'swept' }), 'info', ['swept']],
    [JSON.stringify({ level: 'INFO', message: 'swept' }), 'warn', []],
    [
      JSON.stringify({ level: 'WARN', message: 'm', repository: 'acme/web', job: 7 }),
      'warn',
      ['m repository=acme/web job=7'],
    ],
    [JSON.stringify({ _aws: {}, Deliveries: 1 }), 'debug', []],
    ['START RequestId: 1', 'debug', []],
    ['2026 Task timed out after 10.00 seconds', 'error', ['2026 Task timed out after 10.00 seconds']],
    ['{"cut', 'debug', []],
  ] as const)('should be shown in words, from its level on: %s at %s', (text, level, shown) => {
    expect(show(text, level).map((line) => line.text)).toEqual(shown);
  });
});
