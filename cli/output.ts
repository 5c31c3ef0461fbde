import Table from 'cli-table3';
import { inOneLine, PAINT, toTerminal } from './terminal.ts';

/**
 * Where a command writes, through `toTerminal`: answers to stdout, progress to stderr; with `--json` one object only.
 */
export interface Output {
  readonly isJson: boolean;
  /** What the command was asked for. It prints `data` with `--json` and `text` without. */
  answer(data: unknown, text: () => string): void;
  /** What it is doing. */
  tell(line: string): void;
}

export function createOutput(isJson: boolean): Output {
  return {
    isJson,
    answer: (data, text) => console.log(toTerminal(isJson ? JSON.stringify(data, undefined, 2) : text())),
    tell: (line) => {
      if (!isJson) console.error(toTerminal(line));
    },
  };
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const made = new Table({ head: head.map((title) => PAINT.bold(title)), style: { head: [], border: [] } });
  for (const row of rows) made.push(row.map((cell) => inOneLine(String(cell))));
  return made.toString();
}

export const MARKS = {
  ok: PAINT.green('✓'),
  warn: PAINT.yellow('!'),
  fail: PAINT.red('✗'),
  skip: PAINT.dim('·'),
} as const;
