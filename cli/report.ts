import type { ExitCode } from './errors.ts';
import { type Failure, failureOf } from './failure.ts';
import { PAINT, toTerminal } from './terminal.ts';

/** A cause can lead back to its own effect. */
const MOST_CAUSES = 5;

/**
 * The one place that prints a failure: as its message and its fix to stderr, with `--json` as one object on one line to
 * stdout. Returns the exit code.
 */
export function report(error: unknown, argv: readonly string[]): ExitCode {
  const failure = failureOf(error);
  if (process.env['ONESHOT_DEBUG'] && !failure.isQuiet)
    console.error(toTerminal(traceOf(error), process.stderr));
  if (isJson(argv)) printJson(failure);
  else if (!failure.isQuiet) console.error(inWords(failure));
  return failure.exitCode;
}

/** Also where the command line could not be understood. */
function isJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

function printJson({ message, fix, exitCode }: Failure): void {
  if (exitCode !== 0) console.log(toTerminal(JSON.stringify({ error: { message, fix, exitCode } })));
}

const inWords = ({ message, fix }: Failure): string =>
  toTerminal(`${PAINT.red('error')} ${message}\n${PAINT.bold('fix')}   ${fix}`, process.stderr);

/** An error and its causes with their stacks. Without their fields: those hold requests, and requests hold tokens. */
function traceOf(error: unknown): string {
  const { version, platform, arch } = process;
  const stacks: string[] = [];
  for (let one = error, depth = 0; one !== undefined && depth < MOST_CAUSES; depth++) {
    stacks.push(one instanceof Error ? (one.stack ?? `${one.name}: ${one.message}`) : String(one));
    one = one instanceof Error ? one.cause : undefined;
  }
  return [`Node ${version} on ${platform} ${arch}`, ...stacks].join('\ncaused by ').replace('caused by ', '');
}
