import wrapAnsi from 'wrap-ansi';
import { screenWidth } from '../../cli/terminal.ts';

/** In a pipe or a file, where nothing says how long a line may be. */
const WIDTH = 80;

/** A paragraph in lines as wide as the screen, those after the first indented. No word is cut: an address stays whole. */
export function wrapped(text: string, indent = 0): string {
  const width = (Number.isFinite(screenWidth()) ? screenWidth() : WIDTH) - indent;
  return wrapAnsi(text, Math.max(20, width), { hard: false }).replaceAll('\n', `\n${' '.repeat(indent)}`);
}
