/** Exit codes of the command line; `oneshot --help` prints them. */
export const EXIT = {
  fine: 0,
  /** The command worked and found a fault: a failed check, a lost job. */
  fault: 1,
  /** The command was called wrongly, or needs an answer and has no terminal. */
  usage: 2,
  /** AWS or GitHub could not be reached: no credentials, no permission, no answer. */
  unreachable: 3,
} as const;

/** For people: `--help` and docs/commands.md. */
export const EXIT_WORDS =
  'Exit codes: 0 fine; 1 a fault was found; 2 wrong use, or somebody must act first; 3 AWS or GitHub could not be reached.';

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
