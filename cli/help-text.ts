import type { Option, OutputConfiguration } from 'commander';
import { Help } from 'commander';
import wrapAnsi from 'wrap-ansi';
import { screenWidth } from './terminal.ts';

const WIDTH = 80;

/** As wide as the screen, in a pipe as commander has it. */
const helpWidth = (): number => (Number.isFinite(screenWidth()) ? screenWidth() : WIDTH);

/** Each line with its own indent. */
const wrapped = (text: string): string => text.replaceAll(/^( *)(.+)$/gm, wrapLine);

const wrapLine = (_: string, indent: string, line: string): string =>
  wrapAnsi(line, helpWidth() - indent.length).replaceAll(/^/gm, indent);

/** Help within the screen, what stands below the options too; what is wrong is printed as all else (report.ts). */
export const HELP_OUTPUT: OutputConfiguration = {
  outputError: () => undefined,
  getOutHelpWidth: helpWidth,
  getErrHelpWidth: helpWidth,
  writeOut: (text) => process.stdout.write(wrapped(text)),
  writeErr: (text) => process.stderr.write(wrapped(text)),
};

/** As commander has it, without a default that says nothing: of a switch, of a list, or where the words say it. */
export function optionDescription(option: Option): string {
  const { defaultValue, description, envVar } = option;
  const isTold =
    typeof defaultValue === 'boolean' || Array.isArray(defaultValue) || /default/.test(description);
  return isTold && envVar === undefined ? description : new Help().optionDescription(option);
}
