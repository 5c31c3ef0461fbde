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
  const marked = (code: string) => code.replaceAll(COLOUR, `${ESCAPE}[${OURS};$1m`);
  return (text: string): string => `${marked(open)}${text}${marked(close)}`;
};

export const PAINT = {
  bold: paint(pc.bold),
  dim: paint(pc.dim),
  green: paint(pc.green),
  yellow: paint(pc.yellow),
  red: paint(pc.red),
  cyan: paint(pc.cyan),
  magenta: paint(pc.magenta),
} as const;

/**
 * What a terminal may be given: our colours, and of all other text what it would obey is written out. A job's name can
 * hold an escape sequence that sets the window's title or the clipboard, or one that turns the text around. The result of
 * JSON.stringify stays JSON, of the same value.
 */
export const toTerminal = (text: string): string =>
  text
    .split(OUR_COLOUR)
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(UNSAFE, escapeOne) : `${ESCAPE}[${part}m`))
    .join('');

/** Foreign text for one of our lines: it contains no line break. */
export const inOneLine = (text: string): string =>
  toTerminal(text).replaceAll('\n', '\\n').replaceAll('\t', ' ');
