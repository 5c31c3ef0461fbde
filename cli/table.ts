import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { inOneLine, PAINT } from './terminal.ts';

export type Cell = string | number;

const GAP = '  ';
/** A column is not made narrower than this, or than the longest word of its head. */
const LEAST = 8;

/**
 * Rows in columns, at most `width` wide: the widest columns are wrapped. Where that would leave nothing to read, each row
 * is a block with a line for each cell. Nothing is cut off. Pure.
 */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number,
): string {
  const texts = rows.map((row) => head.map((_, at) => inOneLine(String(row[at] ?? ''))));
  const widths = shareOut(columnsOf(head, texts), width - GAP.length * (head.length - 1));
  if (widths === undefined) return texts.map((row) => drawBlock(head, row, width)).join('\n\n');
  const titles = head.every((title) => title === '') ? [] : [head.map((title) => PAINT.bold(title))];
  return [...titles, ...texts].map((row) => drawRow(row, widths)).join('\n');
}

interface Column {
  readonly least: number;
  readonly wanted: number;
}

function columnsOf(head: readonly string[], rows: readonly (readonly string[])[]): Column[] {
  return head.map((title, at) => {
    const cells = rows.map((row) => row[at] ?? '');
    const wanted = Math.max(...[title, ...cells].map((cell) => stringWidth(cell)));
    const words = [...title.split(' '), ...cells.filter(isNumber)].map((word) => stringWidth(word));
    return { wanted, least: Math.min(wanted, Math.max(LEAST, ...words)) };
  });
}

/** An id or an amount is not wrapped: nobody could read it. */
const isNumber = (text: string): boolean => /^[$\d.:,]+$/.test(text);

/** The widths of columns, the widest given up first; `undefined` where there is too little room for all. */
function shareOut(columns: readonly Column[], room: number): number[] | undefined {
  if (columns.reduce((sum, { least }) => sum + least, 0) > room) return undefined;
  const capped = (cap: number) => columns.map(({ least, wanted }) => Math.max(least, Math.min(wanted, cap)));
  for (let cap = Math.max(...columns.map(({ wanted }) => wanted)); ; cap--) {
    const widths = capped(cap);
    if (widths.reduce((sum, width) => sum + width, 0) <= room || cap <= LEAST) return widths;
  }
}

function drawRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, at) => wrap(cell, widths[at] ?? LEAST));
  const height = Math.max(...cells.map((lines) => lines.length));
  const lineAt = (index: number) =>
    cells.map((lines, at) => pad(lines[index] ?? '', widths[at] ?? 0)).join(GAP);
  return Array.from({ length: height }, (_, index) => lineAt(index).trimEnd()).join('\n');
}

function drawBlock(head: readonly string[], row: readonly string[], width: number): string {
  const indent = Math.max(...head.map((title) => stringWidth(title)));
  const room = Math.max(LEAST, width - indent - GAP.length);
  const lines = head.map((title, at) => [title, row[at] ?? ''] as const).filter(([, cell]) => cell !== '');
  return lines
    .map(([title, cell]) => {
      const [first = '', ...rest] = wrap(cell, room);
      const margin = ' '.repeat(indent + GAP.length);
      return [`${pad(PAINT.bold(title), indent)}${GAP}${first}`, ...rest.map((line) => margin + line)].join(
        '\n',
      );
    })
    .join('\n');
}

const wrap = (text: string, width: number): string[] =>
  stringWidth(text) <= width ? [text] : wrapAnsi(text, width, { hard: true }).split('\n');

const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stringWidth(text)));
