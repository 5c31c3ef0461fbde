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

/** `1:02:03`, `2:03`, of so many milliseconds. */
export function duration(milliseconds: number): string {
  const all = Math.max(0, Math.round(milliseconds / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

export const dollars = (usd: number): string => `$${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;

export const MARKS = {
  ok: pc.green('✓'),
  warn: pc.yellow('!'),
  fail: pc.red('✗'),
  skip: pc.dim('·'),
} as const;
