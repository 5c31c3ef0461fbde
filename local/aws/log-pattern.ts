/** Whether an event's message matches. */
export type LogPattern = (message: string) => boolean;

/**
 * Of the filter language the forms that this project uses: terms (`ERROR`, `"a phrase"`; all must be there, or one of
 * those with `?`; not both kinds together), and fields of a JSON line, `{ $.name = 17 }` or
 * `{ ($.name = "a*") || ($.other = 1) }`. `undefined` for any other, a wrong one included: the world refuses what it does
 * not know. Source: CloudWatch Logs user guide, Filter pattern syntax.
 */
export function logPattern(pattern: string): LogPattern | undefined {
  if (pattern.trim() === '') return () => true;
  const inBraces = /^\{ (.+) \}$/.exec(pattern)?.[1];
  return inBraces === undefined ? termPattern(pattern) : fieldsPattern(inBraces);
}

/** One comparison, or several in parentheses, of which one must hold. */
function fieldsPattern(text: string): LogPattern | undefined {
  const parts = text.split(' || ');
  const inner = parts.map((part) => (parts.length === 1 ? part : /^\((.+)\)$/.exec(part)?.[1]));
  const fields = inner.map((part) => (part === undefined ? undefined : fieldPattern(part)));
  if (fields.includes(undefined)) return undefined;
  return (message) => {
    const json = parse(message);
    return json !== undefined && fields.some((isMatch) => isMatch?.(json));
  };
}

type Json = Readonly<Record<string, unknown>>;

function fieldPattern(text: string): ((json: Json) => boolean) | undefined {
  const [, name = '', quoted, number] = /^\$\.(\w+) = (?:"([\w:/.* -]+)"|(\d+))$/.exec(text) ?? [];
  if (number !== undefined) return (json) => json[name] === Number(number);
  if (quoted === undefined) return undefined;
  const literals = quoted.split('*').map((part) => part.replace(/[.]/g, '\\$&'));
  const whole = new RegExp(`^${literals.join('.*')}$`);
  return (json) => typeof json[name] === 'string' && whole.test(json[name]);
}

function parse(message: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(message);
    return typeof json === 'object' && json !== null ? (json as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** A term with anything but letters, digits and underscores stands in quotes. */
const TERM = /\s*(\?)?(?:"([^"]+)"|(\w+))/y;

function termPattern(pattern: string): LogPattern | undefined {
  const all: string[] = [];
  const some: string[] = [];
  TERM.lastIndex = 0;
  for (let end = 0; end < pattern.trimEnd().length; end = TERM.lastIndex) {
    const [, optional, quoted, word] = TERM.exec(pattern) ?? [];
    const term = quoted ?? word;
    if (term === undefined) return undefined;
    (optional === undefined ? all : some).push(term);
  }
  if (all.length > 0 && some.length > 0) return undefined;
  return all.length > 0
    ? (message) => all.every((term) => message.includes(term))
    : (message) => some.some((term) => message.includes(term));
}
