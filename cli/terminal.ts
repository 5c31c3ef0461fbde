import { randomInt } from 'node:crypto';
import pc from 'picocolors';

/** Four parameters of a colour's escape sequence that nobody can guess: what has them is ours. */
const OURS = Array.from({ length: 4 }, () => randomInt(1000, 10_000)).join(';');
const ESCAPE = String.fromCharCode(0x1b);
const COLOUR = new RegExp(`${ESCAPE}\\[(\\d+)m`, 'g');
const OUR_COLOUR = new RegExp(`${ESCAPE}\\[${OURS};(\\d+)m`);

/** C0 and C1 controls, DEL, and what turns the direction of text; tabs and line ends are left. */
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const escapeOne = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A colour that `toTerminal` lets through, and no other text can have. */
const paint = (colour: (text: string) => string) => {
  const [open = '', close = ''] = colour('|').split('|');
  const mark = (code: string) => code.replaceAll(COLOUR, `${ESCAPE}[${OURS};$1m`);
  return (text: string): string => `${mark(open)}${text}${mark(close)}`;
};

/** Always: whether they are shown, the stream decides that the text is written to. */
const COLOURS = pc.createColors(true);

export const PAINT = {
  bold: paint(COLOURS.bold),
  dim: paint(COLOURS.dim),
  green: paint(COLOURS.green),
  yellow: paint(COLOURS.yellow),
  red: paint(COLOURS.red),
  cyan: paint(COLOURS.cyan),
  magenta: paint(COLOURS.magenta),
} as const;

/** NO_COLOR (no-color.org) wins; FORCE_COLOR is for a pipe that ends at a terminal. */
function hasColours({ isTTY }: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  return FORCE_COLOR ? FORCE_COLOR !== '0' : isTTY === true && TERM !== 'dumb';
}

/** Text with our colours still marked; of all else what a terminal would obey is written out. */
const marked = (text: string, ofColour: (code: string) => string): string =>
  text
    .split(OUR_COLOUR)
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(UNSAFE, escapeOne) : ofColour(part)))
    .join('');

/**
 * What a terminal may be given: our colours, and of all other text what it would obey is written out. A job's name can
 * hold an escape sequence that sets the window's title or the clipboard, or one that turns the text around. The result of
 * JSON.stringify stays JSON, of the same value. A stream that shows no colours, as a file, is given none.
 */
export function toTerminal(text: string, stream: { readonly isTTY?: boolean } = process.stdout): string {
  const isColoured = hasColours(stream);
  return marked(text, (code) => (isColoured ? `${ESCAPE}[${code}m` : ''));
}

/** Foreign text for one of our lines: it contains no line break. Our colours stay marked. */
export const inOneLine = (text: string): string =>
  marked(text, (code) => `${ESCAPE}[${OURS};${code}m`)
    .replaceAll('\n', '\\n')
    .replaceAll('\t', ' ');

/** Columns that a line may have: those of the terminal; elsewhere those of COLUMNS, or any number. */
export function screenWidth(): number {
  const { isTTY, columns } = process.stdout;
  if (isTTY && columns > 0) return columns;
  const asked = Number(process.env['COLUMNS']);
  return asked > 0 ? asked : Number.POSITIVE_INFINITY;
}
