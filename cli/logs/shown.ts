import type { Output } from '../output.ts';
import { inOneLine, PAINT, toTerminal } from '../terminal.ts';

/** A line as it is shown. */
export interface Shown {
  readonly atMs: number;
  /** A runner's name, or a function's. */
  readonly from: string;
  /** Of a function's line. */
  readonly level?: string | undefined;
  readonly text: string;
}

/** Writes lines as they come: plain ones under the name of their runner, with `--json` an object a line. */
export function createPrinter({ isJson }: Pick<Output, 'isJson'>): (lines: readonly Shown[]) => void {
  let last = '';
  return (lines) => {
    for (const line of lines) {
      const title = line.level === undefined && line.from !== last ? [`== ${line.from}`] : [];
      last = line.from;
      for (const text of isJson ? [JSON.stringify(asJson(line))] : [...title, inWords(line)])
        console.log(toTerminal(text));
    }
  };
}

export const asJson = ({ atMs, ...line }: Shown) => ({ at: new Date(atMs).toISOString(), ...line });

export function inWords({ atMs, from, level, text }: Shown): string {
  const at = PAINT.dim(new Date(atMs).toISOString());
  return level === undefined
    ? `${at} ${inOneLine(text)}`
    : `${at} ${from} ${paint(level)} ${inOneLine(text)}`;
}

function paint(level: string): string {
  if (level === 'ERROR' || level === 'CRITICAL') return PAINT.red(level);
  return level === 'WARN' ? PAINT.yellow(level) : level;
}
