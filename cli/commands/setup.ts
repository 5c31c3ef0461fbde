import { select } from '@inquirer/prompts';
import { InvalidArgumentError, Option } from 'commander';
import type { AddCommand, CliContext } from '../context.ts';
import { type DeployOptions, deployOrStop } from '../deploy/deploy.ts';
import { connect, type Deployment, NoStack } from '../deployment.ts';
import { CliError } from '../errors.ts';
import { adoptImage } from '../image/adopt.ts';
import { type ProveOptions, prove } from '../setup/prove.ts';
import { type SetupOptions, walk } from '../setup/steps.ts';
import { remember } from '../where/remember.ts';
import { addDeployOptions } from './deploy.ts';

type Options = SetupOptions &
  ProveOptions &
  DeployOptions & { readonly deploy: boolean; readonly ownImage?: boolean };

export const addSetup: AddCommand = (program, context) => {
  const command = program
    .command('setup')
    .description(
      'go from nothing to a green job: the stack, the GitHub App, its secrets, its webhook, a first job',
    )
    .option('--deploy', 'deploy first if there is no stack yet', false)
    .option(
      '--org <name>',
      'create the App in this organisation; with --app-id, the account it is installed on',
    )
    .option('--user', 'create the App in your own account')
    .option(
      '--name <name>',
      'name of the App, 34 characters at most, unique on GitHub (default: the prefix of the runners’ names)',
    )
    .option('--app-id <id>', 'use an existing App')
    .option('--private-key-file <file>', 'a private key of the existing App')
    .option('--no-open', 'print addresses and open no browser')
    .addOption(
      new Option('--workflow <what>', 'open GitHub’s editor with the workflow of a first job, or print it')
        .choices(['open', 'print', 'none'])
        .default(undefined, 'asked; print without a terminal'),
    )
    .option('--repository <owner/name>', 'where the first job runs (default: asked, or the first repository)')
    .option('--watch', 'watch the first job until it is green', false)
    .option('--own-image', 'after the green job, build an image with more tools and start tasks from it')
    .addOption(
      new Option('--wait <minutes>', 'minutes to wait for each step that you do on GitHub')
        .argParser(parseMinutes)
        .default(15),
    )
    .addHelpText('after', '\nRun it again at any time: it continues where it stopped.');
  addDeployOptions(command).action(async (options: Options) => {
    const { output, ...rest } = context();
    const deployment = await deploymentOf({ output, ...rest }, options);
    const done = await walk(deployment, options, output);
    const { choice } = rest;
    if (!deployment.isLocal) await remember(process.cwd(), { ...choice, region: deployment.region }, output);
    const workflow = options.workflow ?? (await askForWorkflow());
    const proof =
      workflow === 'none' ? undefined : await prove(deployment, done, { ...options, workflow }, output);
    if (proof?.jobUrl !== undefined) await adoptImage(rest.choice, deployment, options, output);
    output.answer({ ...done, webhookUrl: deployment.webhookUrl, ...proof, text: undefined }, () =>
      [`Setup is complete: ${done.slug} is installed on ${done.account}.`, proof?.text ?? '']
        .join('\n')
        .trim(),
    );
  });
};

/** A job that no runner took fails at GitHub after a day. */
const MOST_MINUTES = 24 * 60;

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (text.trim() !== '' && minutes > 0 && minutes <= MOST_MINUTES) return minutes;
  throw new InvalidArgumentError(`Give a number of minutes above 0, at most ${MOST_MINUTES}, like 15.`);
}

/** The stage, which is deployed first where there is none and that is wished. */
async function deploymentOf(
  { connected, choice, output }: CliContext,
  options: Options,
): Promise<Deployment> {
  try {
    return await connected();
  } catch (error) {
    if (!(error instanceof NoStack)) throw error;
    // On a terminal the plan asks.
    if (!options.deploy && !process.stdin.isTTY)
      throw new CliError(error.message, 'give --deploy, or run oneshot deploy first', undefined, error.cause);
    output.tell(`${error.message} yet`);
    await deployOrStop(choice, options, output);
    return connect(choice);
  }
}

async function askForWorkflow(): Promise<'open' | 'print' | 'none'> {
  if (!process.stdin.isTTY) return 'print';
  return select({
    message: 'A workflow with one job shows that everything works.',
    choices: [
      { name: 'open it in GitHub’s editor, to commit it or open a pull request', value: 'open' },
      { name: 'print it', value: 'print' },
      { name: 'not now', value: 'none' },
    ],
  });
}
