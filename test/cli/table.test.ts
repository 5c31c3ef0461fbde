import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { drawTable } from '../../cli/table.ts';
import { PAINT, toTerminal } from '../../cli/terminal.ts';

const HEAD = ['Job', 'Name', 'Why'];
const ROWS = [
  [12345678901, 'build (ubuntu, node 24)', 'no live task counts for it; 2 earlier launches were refused'],
  [12345678902, 'lint', ''],
];
const draw = (width: number, rows = ROWS as readonly (readonly (string | number)[])[]) =>
  toTerminal(drawTable(HEAD, rows, width));

describe('a table', () => {
  it('should be columns without lines, uncut where there is room for all', () => {
    expect(draw(Number.POSITIVE_INFINITY).split('\n')).toEqual([
      'Job          Name                     Why',
      '12345678901  build (ubuntu, node 24)  no live task counts for it; 2 earlier launches were refused',
      '12345678902  lint',
    ]);
  });

  it('should wrap the widest columns where there is less, and no number', () => {
    expect(draw(62).split('\n')).toEqual([
      'Job          Name                     Why',
      '12345678901  build (ubuntu, node 24)  no live task counts for',
      '                                      it; 2 earlier launches',
      '                                      were refused',
      '12345678902  lint',
    ]);
  });

  it('should wrap no number, however narrow it is', () => {
    expect(draw(31).split('\n')[1]).toBe('12345678901  build     no live');
  });

  it('should be a block for each row where columns would be too narrow', () => {
    expect(draw(24).split('\n')).toEqual([
      'Job   12345678901',
      'Name  build (ubuntu,',
      '      node 24)',
      'Why   no live task',
      '      counts for it; 2',
      '      earlier launches',
      '      were refused',
      '',
      'Job   12345678902',
      'Name  lint',
    ]);
  });

  it('should have no head where the columns have no names', () => {
    expect(drawTable(['', ''], [['a', 'b']], 80)).toBe('a  b');
  });

  it('should count what is wide twice, and a colour not at all', () => {
    const lines = draw(80, [
      [1, '建置', 'x'],
      [2, PAINT.green('ok'), 'y'],
    ]).split('\n');
    expect(lines).toEqual(['Job  Name  Why', '1    建置  x', '2    ok    y']);
  });

  it('should lose no word and be no wider than the screen, whatever is in it', () => {
    const cell = fc
      .array(fc.stringMatching(/^[a-z0-9/,-]{1,30}$/), { maxLength: 6 })
      .map((words) => words.join(' '));
    const row = fc.tuple(fc.nat(), cell, cell);
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 20, max: 200 }),
        (rows, width) => {
          const drawn = draw(width, rows);
          const letters = (text: string) => [...text.replaceAll(/\s/g, '')].toSorted().join('');
          const seen = letters(drawn);
          for (const text of rows.flat())
            for (const one of letters(String(text))) expect(seen).toContain(one);
          expect(Math.max(...drawn.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
          expect(seen.length).toBeGreaterThanOrEqual(letters(rows.flat().join('')).length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
