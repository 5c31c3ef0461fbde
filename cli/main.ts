/** `oneshot`: sets a deployment up, looks at it and says what is wrong with it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { COMMANDS } from './commands.ts';
import type { CliContext } from './context.ts';
import { connect, type Deployment } from './deployment.ts';
import { EXIT, EXIT_WORDS, type ExitCode } from './errors.ts';
import { createOutput } from './output.ts';
import { packageRoot } from './package-root.ts';
import { report } from './report.ts';

/** All commands, with their help texts. */
export function createProgram(): Command {
  const program = new Command('oneshot')
    .description('Ephemeral GitHub Actions runners on AWS Fargate: set them up, watch them, fix them.')
    .version(version(), '--version', 'print the version of this program')
    .option('--stage <name>', 'stage of the deployment', notEmpty, 'dev')
    .option('--region <name>', 'AWS region (default: the one that the AWS SDK finds)', notEmpty)
    .addOption(
      new Option('--local <url>', 'address of the embedded world, as `npm start -- --keep` prints it').env(
        'ONESHOT_LOCAL',
      ),
    )
    .addOption(
      new Option(
        '--github-url <url>',
        'a GitHub other than github.com, like https://github.example.com or https://acme.ghe.com',
      ).argParser(parseGitHubUrl),
    )
    .option('--json', 'print one JSON object and no other text', false)
    .addHelpText(
      'after',
      `\n${EXIT_WORDS}\nColours: none with NO_COLOR, or where the output is not a terminal.`,
    )
    .exitOverride()
    // What is wrong is printed as all else that goes wrong (report.ts).
    .configureOutput({ outputError: () => undefined });
  const context = (): CliContext => contextOf(program.opts());
  for (const add of COMMANDS) add(program, context);
  return program;
}

function notEmpty(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('It is empty.');
}

const version = (): string =>
  JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')).version;

/** The address that people open, not the API's. Plain HTTP is for this machine only, because keys travel there. */
function parseGitHubUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || url?.hostname === '127.0.0.1';
  if (url !== undefined && isSafe && url.pathname === '/' && url.search === '') return url.origin;
  throw new InvalidArgumentError(
    'Give the address that people open, like https://github.example.com, without /api/v3.',
  );
}

interface GlobalOptions {
  readonly stage: string;
  readonly region?: string;
  readonly local?: string;
  readonly githubUrl?: string;
  readonly json: boolean;
}

function contextOf({ stage, region, local, githubUrl, json }: GlobalOptions): CliContext {
  const choice = { stage, region, local, githubUrl };
  let kept: Promise<Deployment> | undefined;
  return {
    choice,
    output: createOutput(json),
    connected: () => {
      kept ??= connect(choice);
      return kept;
    },
  };
}

/** Runs the command line; resolves with the exit code. Prints what went wrong. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const program = createProgram();
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return (process.exitCode as ExitCode | undefined) ?? EXIT.fine;
  } catch (error) {
    return report(error, argv);
  }
}
