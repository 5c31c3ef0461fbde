/** `oneshot`: sets a deployment up, looks at it and says what is wrong with it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, Help, type Option } from 'commander';
import { ConfigurationError, ServiceError } from '../functions/core/words/errors.ts';
import { COMMANDS } from './commands.ts';
import { type CliContext, createContext } from './context.ts';
import { CliError, EXIT, EXIT_WORDS, type ExitCode } from './errors.ts';
import { packageRoot } from './package-root.ts';
import { PAINT, toTerminal } from './terminal.ts';
import { addGlobalOptions, dropEmptyVariables, ORDER_WORDS } from './where/global-options.ts';

/** All commands, with their help texts. */
export function createProgram(): Command {
  const program = addGlobalOptions(new Command('oneshot'))
    .description('Ephemeral GitHub Actions runners on AWS Fargate: set them up, watch them, fix them.')
    .version(version(), '-V, --version', 'print the version of this program')
    .configureHelp({ showGlobalOptions: true, optionDescription })
    .addHelpText(
      'after',
      `\n${ORDER_WORDS}\n${EXIT_WORDS}\nColours: none with NO_COLOR, or where the output is not a terminal.`,
    )
    .exitOverride()
    .showHelpAfterError('(oneshot --help lists the commands)');
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

/** As commander has it, without the default of a switch: it is off. */
const optionDescription = (option: Option): string =>
  typeof option.defaultValue === 'boolean' ? option.description : new Help().optionDescription(option);

const unmade = (): never => {
  throw new Error('a command asked for its context before it was run');
};

/** Runs the command line; resolves with the exit code. Never throws an error that a person can fix. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  try {
    dropEmptyVariables(process.env);
    const program = createProgram();
    await program.parseAsync([...argv], { from: 'user' });
    return (process.exitCode as ExitCode | undefined) ?? EXIT.fine;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): ExitCode {
  // Commander has printed what is wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof CliError) return print(error.message, error.fix, error.exitCode);
  if (error instanceof ConfigurationError) return print(error.message, 'see above', EXIT.fault);
  if (error instanceof ServiceError)
    return print(error.message, 'run oneshot doctor: it checks every link of the chain', EXIT.unreachable);
  const { name, message, $metadata } = Object(error) as Partial<Error> & { $metadata?: unknown };
  // The person left a prompt.
  if (name === 'ExitPromptError') return EXIT.usage;
  if ($metadata !== undefined || name === 'TimeoutError' || name === 'CredentialsProviderError')
    return print(
      `AWS: ${name}: ${message}`,
      'run oneshot doctor: it checks every link of the chain',
      EXIT.unreachable,
    );
  throw error;
}

function print(message: string, fix: string, exitCode: ExitCode): ExitCode {
  console.error(toTerminal(`${PAINT.red('error')} ${message}\n${PAINT.bold('fix')}   ${fix}`));
  return exitCode;
}
