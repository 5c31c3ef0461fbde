/** A step's log as a page folds it: `##[group]` to `##[endgroup]`, and what the runner marks (Workflow commands). */

interface LogLine {
  /** ISO 8601, to the second; empty for a line of the live feed. */
  readonly time: string;
  readonly kind: 'text' | 'command' | 'debug' | 'notice' | 'warning' | 'error';
  readonly text: string;
}

export interface LogGroup {
  /** Null for lines that are in no group. */
  readonly title: string | null;
  readonly lines: readonly LogLine[];
}

/** `2026-11-29T01:02:03.1234567Z text`, as the runner writes it (PagingLogger.cs). */
const TIMED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z (.*)$/s;
const MARKED = /^(?:##)?\[(command|debug|notice|warning|error)\](.*)$/s;
const LINE_CHARACTERS = 2_000;

const isKind = (text: string | undefined): text is Exclude<LogLine['kind'], 'text'> => text !== undefined;

function readLine(line: string): LogLine {
  const [, time = '', timed] = TIMED.exec(line) ?? [];
  const whole = timed ?? line;
  const [, kind, marked] = MARKED.exec(whole) ?? [];
  const text = marked ?? whole;
  const cut = text.length > LINE_CHARACTERS ? `${text.slice(0, LINE_CHARACTERS)}…` : text;
  return { time: time && `${time}Z`, kind: isKind(kind) ? kind : 'text', text: cut };
}

/** In their order; groups do not nest (docs.github.com, Grouping log lines). */
export function groupLog(lines: readonly string[]): LogGroup[] {
  const groups: { title: string | null; lines: LogLine[] }[] = [];
  let isOpen = false;
  for (const line of lines.map(readLine)) {
    const [, word, title = ''] = /^##\[(group|endgroup)\](.*)$/s.exec(line.text) ?? [];
    if (word === 'group') groups.push({ title, lines: [] });
    if (word !== undefined) isOpen = word === 'group';
    if (word !== undefined) continue;
    const last = groups.at(-1);
    if (last !== undefined && (last.title !== null) === isOpen) last.lines.push(line);
    else groups.push({ title: null, lines: [line] });
  }
  return groups;
}
