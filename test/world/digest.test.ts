import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../local/github/types.ts';
import { digest, type Happening } from '../../local/play/digest.ts';
import { ofDelivery } from '../../local/play/happenings.ts';
import { describeInterrupted, describeStanding } from '../../local/play/standing.ts';

const started = (index: number, seconds: number, note?: string): Happening => ({
  kind: 'started',
  line: `test (${index}) started after ${seconds} s`,
  many: (count) => `${count} jobs started`,
  amount: { value: seconds, words: (range) => `, after ${range} s` },
  ...(note !== undefined && { note }),
});
const succeeded = (index: number): Happening => ({
  kind: 'success',
  line: `test (${index})`,
  many: (count) => `${count} jobs succeeded`,
});

const answered = (statusCode: number, body: object): Delivery =>
  ({
    statusCode,
    responseBody: JSON.stringify(body),
    status: 'OK',
    action: 'queued',
    redelivery: false,
  }) as Delivery;

describe('what happened', () => {
  it('should be told one by one where it is little', () => {
    expect(digest([started(1, 31), succeeded(2), started(3, 35)])).toEqual([
      'test (1) started after 31 s',
      'test (3) started after 35 s',
      'test (2)',
    ]);
    expect(digest([])).toEqual([]);
  });

  it('should be one line for each kind where it is much, however much', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      started(index, 31 + (index % 9), index < 2 ? 'swapped' : undefined),
    );
    expect(digest([...many, succeeded(1)])).toEqual([
      '300 jobs started, after 31 to 39 s, 2 swapped',
      'test (1)',
    ]);
    expect(digest(many.slice(0, 4).map(() => started(1, 30)))).toEqual(['4 jobs started, after 30 s']);
  });

  it('should leave out deliveries of the ordinary course, and what the job itself tells', () => {
    for (const reason of ['launched', 'job-ended', 'size-over-limit'])
      expect(ofDelivery(answered(200, { reason, message: 'm' }))).toBeUndefined();
    const late = Array.from({ length: 26 }, () =>
      ofDelivery(answered(202, { reason: 'event-too-old', message: 'old (3 min)' })),
    );
    expect(digest(late.filter((one) => one !== undefined))).toEqual([
      expect.stringMatching(
        / 26 deliveries answered 202: the event is old; reconcile asks GitHub whether the job still waits$/,
      ),
    ]);
  });
});

describe('how things stand', () => {
  const standing = {
    jobs: { queued: 300, running: 100, done: 200 },
    tasks: { starting: 100, running: 100, stopping: 0 },
    runners: 200,
    doubts: 1,
    struck: 0,
  };

  it('should be said in a line that fits beside its time', () => {
    const line = describeStanding(standing);
    expect(line).toBe('300 queued, 100 running, 200 of 600 done; tasks: 100 starting, 100 running; 1 doubt');
    const over = {
      ...standing,
      jobs: { queued: 0, running: 0, done: 600 },
      tasks: { starting: 0, running: 0, stopping: 0 },
      doubts: 0,
    };
    expect(describeStanding({ ...over, runners: 2, struck: 1 })).toBe(
      '600 of 600 done; 2 runners; 1 fault struck',
    );
  });

  it('should not call anything lost after Ctrl-C', () => {
    expect(describeInterrupted(standing)).toMatch(
      /^Interrupted: 300 queued.*\n.*says nothing about lost jobs/,
    );
  });
});
