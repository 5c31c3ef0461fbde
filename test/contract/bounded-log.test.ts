import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogShelf } from '../../local/github/service/bounded-log.ts';
import { UrlSigner } from '../../local/github/service/url-signer.ts';

const BUDGET = { logBytes: 100, worldBytes: 250 };
const isNote = (line: string | undefined) => line?.startsWith('(The ') === true;

describe('logs', () => {
  it('should keep the newest lines within both budgets, whatever is written to which', () => {
    const writes = fc.array(
      fc.record({
        log: fc.nat(5),
        lines: fc.array(fc.string({ maxLength: 150, unit: 'grapheme' }), { maxLength: 5 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(writes, (all) => {
        const shelf = new LogShelf(BUDGET);
        const logs = Array.from({ length: 6 }, () => ({ log: shelf.create(), written: [] as string[] }));
        for (const { log, lines } of all) {
          logs[log]?.log.append(lines);
          logs[log]?.written.push(...lines);
        }
        for (const { log, written } of logs) {
          const lines = log.lines();
          const kept = isNote(lines[0]) ? lines.slice(1) : lines;
          const newest = written.slice(written.length - kept.length);
          expect(kept.every((line, index) => newest[index]?.startsWith(line))).toBe(true);
          expect(isNote(lines[0])).toBe(kept.length < written.length);
          expect(log.bytes).toBeLessThanOrEqual(BUDGET.logBytes);
        }
        expect(logs.reduce((sum, { log }) => sum + log.bytes, 0)).toBeLessThanOrEqual(BUDGET.worldBytes);
      }),
    );
  });

  it('should go from the one that was written to the longest ago', () => {
    const shelf = new LogShelf({ ...BUDGET, worldBytes: 200 });
    const [one, two, three] = [shelf.create(), shelf.create(), shelf.create()];
    for (const log of [one, two, one, three]) log.append(['x'.repeat(40), 'y'.repeat(40)]);
    expect([one, two, three].map((log) => log.lines().length)).toEqual([3, 1, 2]);
  });
});

describe('an address that is signed', () => {
  it('should be good for an hour, for its method and path', () => {
    let nowMs = 0;
    const signer = new UrlSigner(() => nowMs);
    const query = new URLSearchParams(signer.query('PUT', '/a'));
    expect(signer.problem('PUT', '/a', query)).toBeUndefined();
    expect([signer.problem('GET', '/a', query), signer.problem('PUT', '/b', query)]).toEqual([
      'wrong',
      'wrong',
    ]);
    expect(new UrlSigner(() => nowMs).problem('PUT', '/a', query)).toBe('wrong');
    nowMs = 3_599_999;
    expect(signer.problem('PUT', '/a', query)).toBeUndefined();
    nowMs = 3_600_000;
    expect(signer.problem('PUT', '/a', query)).toBe('expired');
  });
});
