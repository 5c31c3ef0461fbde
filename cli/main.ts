/** `oneshot`: sets a deployment up, looks at it and says what is wrong with it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { OVERVIEW } from './commands/overview.ts';
import { COMMANDS } from './commands.ts';
import { type CliContext, createContext } from './context.ts';
import { EXIT, EXIT_WORDS, type ExitCode } from './errors.ts';
import { HELP_OUTPUT, optionDescription } from './help-text.ts';
import { packageRoot } from './package-root.ts';
import { report } from './report.ts';
import { addGlobalOptions, ORDER_WORDS } from './where/global-options.ts';

/** All commands, with their help texts. */
export function createProgram(): Command {
  const program = addGlobalOptions(new Command('oneshot'))
    .description('Ephemeral GitHub Actions runners on AWS Fargate: set them up, watch them, fix them.')
    .version(version(), '-V, --version', 'print the version of this program')
    .configureHelp({ showGlobalOptions: true, optionDescription })
    .addHelpText(
      'after',
      `\n${ORDER_WORDS}\n${EXIT_WORDS}\nA pipe or a file gets no colours, and tables whose lines are as long as they need be; NO_COLOR and FORCE_COLOR are obeyed.`,
    )
    .exitOverride()
    .configureOutput(HELP_OUTPUT);
  let made: CliContext | undefined;
  program.hook('preAction', async (_, command) => {
    made = await createContext(program, command);
  });
  const context = (): CliContext => made ?? unmade();
  for (const add of COMMANDS) add(program, context);
  return program;
}

const version = (): string =>
  JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')).version;

const unmade = (): never => {
  throw new Error('a command asked for its context before it was run');
};

/** `oneshot` alone, or with global options only, is a command too. */
function withCommand(argv: readonly string[]): string[] {
  const { operands, unknown } = createProgram().parseOptions([...argv]);
  return operands.length + unknown.length === 0 ? [...argv, OVERVIEW] : [...argv];
}

/** Runs the command line; resolves with the exit code. Prints what went wrong. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram().parseAsync(withCommand(argv), { from: 'user' });
    return (process.exitCode as ExitCode | undefined) ?? EXIT.fine;
  } catch (error) {
    return report(error, argv);
  }
}
