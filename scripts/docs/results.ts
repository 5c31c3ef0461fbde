import { figure, isMet, type Row } from '../../bench/row.ts';

const START = '<!-- Made by `npm run docs` from bench/results.json: -->';
const END = '<!-- As far as here. -->';

/** A guide with the bench's rows as a table between two comments. Throws where the guide lacks them. */
export function withResults(guide: string, rows: readonly Row[]): string {
  const [before, rest] = guide.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`no "${START}" with its "${END}"`);
  return `${before}${START}\n\n${table(rows)}\n\n${END}${after}`;
}

const table = (rows: readonly Row[]): string =>
  [
    '| What | Measured | Least possible | Aim | Met | Others |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${cells(row).join(' | ')} |`),
  ].join('\n');

const cells = (row: Row): readonly string[] => [
  row.what,
  ...[row.measured, row.bound].map((value) => `${figure(value)} ${row.unit}`),
  `${row.isMoreBetter ? '≥' : '≤'} ${figure(row.goal)}`,
  isMet(row) ? 'yes' : '**no**',
  row.peer,
];
