import Table from 'cli-table3';
import pc from 'picocolors';

/** Where a command writes: answers to stdout, progress to stderr; with `--json` one object and nothing else. */
export interface Output {
  readonly isJson: boolean;
  /** What the command was asked for. `data` is printed with `--json`, `text` else. */
  answer(data: unknown, text: () => string): void;
  /** What it is doing. */
  tell(line: string): void;
}

export function createOutput(isJson: boolean): Output {
  return {
    isJson,
    answer: (data, text) => console.log(isJson ? JSON.stringify(data, undefined, 2) : text()),
    tell: (line) => {
      if (!isJson) console.error(line);
    },
  };
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const made = new Table({ head: head.map((title) => pc.bold(title)), style: { head: [], border: [] } });
  for (const row of rows) made.push([...row]);
  return made.toString();
}

export const MARKS = {
  ok: pc.green('✓'),
  warn: pc.yellow('!'),
  fail: pc.red('✗'),
  skip: pc.dim('·'),
} as const;
