/** Exit codes of the command line; `oneshot --help` prints them. */
export const EXIT = {
  fine: 0,
  /** It worked, and what it found is not well: a failed check, a job that is lost. */
  fault: 1,
  /** The command was called wrongly, or needs an answer that nobody is there to give. */
  usage: 2,
  /** AWS or GitHub could not be asked: no credentials, no permission, no answer. */
  unreachable: 3,
} as const;

/** For people: `--help` and docs/commands.md. */
export const EXIT_WORDS =
  'Exit codes: 0 fine; 1 a fault was found; 2 called wrongly, or somebody has to act first; 3 AWS or GitHub could not be asked.';

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A fault that a person can mend: printed as its message and its fix, without a stack. */
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
