import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLines } from '../../cli/csv.ts';

/** A reader by RFC 4180 alone. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/gy;
  for (let found = cell.exec(text); found !== null; found = cell.exec(text)) {
    const [, value = '', end] = found;
    rows.at(-1)?.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}
const file = (lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('');

describe('a CSV file', () => {
  it('should quote what needs it, and leave numbers to be counted with', () => {
    expect(
      csvLines(
        ['name', 'usd'],
        [
          ['a,b "c"\nd', 0.1 + 0.2],
          ['plain', 1e-9],
          ['é 🚀', 12],
        ],
      ),
    ).toEqual(['name,usd', '"a,b ""c""\nd",0.3', 'plain,0', 'é 🚀,12']);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1', '\n', '=HYPERLINK("x","y")'])(
    'should have no cell that a spreadsheet takes for a formula: %j',
    (text) => {
      const [, [cell = ''] = []] = parse(file(csvLines(['name'], [[text]])));
      expect(cell).toBe(`'${text}`);
    },
  );

  it('should be read back as it was, by any reader of RFC 4180', () => {
    const safe = fc.string({ unit: 'binary' }).map((text) => `x${text}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(safe, safe)), (rows) => {
        expect(parse(file(csvLines(['a', 'b'], rows)))).toEqual([['a', 'b'], ...rows]);
      }),
    );
  });
});
