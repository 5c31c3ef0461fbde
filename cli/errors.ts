/** Exit codes of the command line; `oneshot --help` prints them. */
export const EXIT = {
  fine: 0,
  /** The command worked and found a fault: a failed check, a lost job. */
  fault: 1,
  /** The command was called wrongly, or somebody must act first. */
  usage: 2,
  /** AWS or GitHub could not be reached: no credentials, no permission, no answer. */
  unreachable: 3,
  /** oneshot itself failed: nothing that the person did. */
  bug: 4,
  /** Ctrl-C, where the command was not made to be ended by it. As of a shell: 128 and the signal's number. */
  interrupted: 130,
} as const;

/** For people: `--help` and docs/commands.md. */
export const EXIT_WORDS = [
  'Exit codes: 0 fine; 1 a fault was found; 2 wrong use, or somebody must act first;',
  '3 AWS or GitHub could not be reached; 4 a bug in oneshot; 130 interrupted by Ctrl-C',
  '(0 where Ctrl-C is the way to end: --watch, --follow, console).',
].join(' ');

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A fault that a person can fix: printed as its message and its fix, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly fix: string;
  readonly exitCode: ExitCode;

  constructor(message: string, fix: string, exitCode: ExitCode = EXIT.fault, cause?: unknown) {
    super(message, { cause });
    this.fix = fix;
    this.exitCode = exitCode;
  }
}
