import { type Cell, drawTable } from './table.ts';
import { PAINT, screenWidth, toTerminal } from './terminal.ts';

/**
 * Where a command writes, through `toTerminal`: answers to stdout, progress to stderr; with `--json` one object only.
 */
export interface Output {
  readonly isJson: boolean;
  /** What the command was asked for. It prints `data` with `--json` and `text` without. */
  answer(data: unknown, text: () => string): void;
  /** What the command was asked for, as a file for programs: lines that end with CR LF. */
  file(lines: readonly string[]): void;
  /** What it is doing. */
  tell(line: string): void;
}

export function createOutput(isJson: boolean): Output {
  return {
    isJson,
    answer: (data, text) => console.log(toTerminal(isJson ? JSON.stringify(data, undefined, 2) : text())),
    file: (lines) => console.log(lines.map((line) => `${toTerminal(line)}\r`).join('\n')),
    tell: (line) => {
      if (!isJson) console.error(toTerminal(line, process.stderr));
    },
  };
}

/** Columns as wide as the screen has room for; uncut in a pipe or a file. */
export const table = (head: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  drawTable(head, rows, screenWidth());

export const MARKS = {
  ok: PAINT.green('✓'),
  warn: PAINT.yellow('!'),
  fail: PAINT.red('✗'),
  skip: PAINT.dim('·'),
} as const;
