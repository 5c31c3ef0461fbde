import type { Circumstance } from './circumstances.ts';
import type { Ended } from './run.ts';

/** Those that a person may meet: not that of a bug. */
const CODES: ReadonlySet<number | undefined> = new Set([0, 1, 2, 3, 130]);
const ESCAPE = String.fromCharCode(0x1b);
const IN_ONE_STYLE = /^error .+(\n(?!fix ).+)*\nfix {3}.+$/m;

/** What is wrong with how a command ended; nothing where all is as it should be. */
export function faultsOf({ code, stdout, stderr }: Ended, { name }: Circumstance): string[] {
  const all = `${stdout}\n${stderr}`;
  const isFailure = code === 2 || code === 3;
  const isTold = IN_ONE_STYLE.test(stderr) || /^ +fix: /m.test(stdout) || name === 'a pipe that is closed';
  return [
    ...(CODES.has(code) ? [] : [`exit code ${code}`]),
    ...(/\n\s+at .+/.test(all) ? ['a stack'] : []),
    ...(stderr.split('\n').some((line) => line.length > 2000) ? ['text of the bundle'] : []),
    ...(all.includes(ESCAPE) ? ['an escape sequence'] : []),
    ...(/[┌│└─]/.test(all) ? ['a box'] : []),
    ...(isFailure && !isTold ? ['no message with a fix'] : []),
    ...(name === '80 columns' && stdout.split('\n').some(isWideRow) ? ['a table that is too wide'] : []),
  ];
}

/** At least three cells of a table. */
const isWideRow = (line: string): boolean => line.length > 80 && /\S {2,}\S.* {2,}\S/.test(line);

/** The same where JSON was asked for: one value on stdout, which says what failed. */
export function faultsOfJson({ code, stdout, stderr }: Ended): string[] {
  const { isJson, value } = read(stdout);
  // The doctor's findings are its answer, wherever it gets to.
  const says = Array.isArray(value) || Object(value).error?.exitCode === code;
  return [
    ...(isJson ? [] : ['stdout is not JSON']),
    ...(code === 0 || says ? [] : ['the failure is not in it']),
    ...(IN_ONE_STYLE.test(stderr) ? ['the failure is told twice'] : []),
  ];
}

function read(text: string): { readonly isJson: boolean; readonly value?: unknown } {
  try {
    return { isJson: true, value: JSON.parse(text) };
  } catch {
    return { isJson: false };
  }
}
