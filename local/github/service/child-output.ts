import { spawn } from 'node:child_process';
import { PassThrough, type Readable } from 'node:stream';
import { gitEnvironment } from './git.ts';

/** No answer of a world takes longer. */
const LIMIT_MS = 600_000;
/** Of what a failed program says. */
const ERROR_CHARACTERS = 500;

interface Feeding {
  /** Its standard input. Default: none. */
  readonly input?: Readable;
  /** Beside what git is always given. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a program writes. The stream breaks where the program fails, so that half an answer does not look whole. */
export function outputOf(
  command: string,
  args: readonly string[],
  { input, environment }: Feeding = {},
): Readable {
  const child = spawn(command, args, {
    env: gitEnvironment(environment),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  });
  const { stdin, stdout, stderr } = child;
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(0, ERROR_CHARACTERS);
  });
  // It may end before it has read everything.
  stdin.on('error', () => undefined);
  if (input === undefined) stdin.end();
  else input.on('error', () => child.kill()).pipe(stdin);
  const output = new PassThrough();
  stdout.pipe(output, { end: false });
  child.once('error', (error) => output.destroy(error));
  child.once('close', (code) =>
    code === 0 ? output.end() : output.destroy(new Error(`${command} ended with ${code}: ${said.trim()}`)),
  );
  // Nobody reads it any more.
  output.once('close', () => child.kill());
  return output;
}
