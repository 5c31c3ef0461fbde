import { confirm, select } from '@inquirer/prompts';
import { InvalidArgumentError, Option } from 'commander';
import { type DeployOptions, deploy } from '../deploy/deploy.ts';
import { connect, type Deployment, NoStack } from '../deployment.ts';
import { CliError } from '../errors.ts';
import { adoptImage } from '../image/adopt.ts';
import type { AddCommand, CliContext } from '../main.ts';
import { type ProveOptions, prove } from '../setup/prove.ts';
import { type SetupOptions, walk } from '../setup/steps.ts';
import { addDeployOptions } from './deploy.ts';

type Options = SetupOptions &
  ProveOptions &
  DeployOptions & { readonly deploy: boolean; readonly ownImage?: boolean };

export const addSetup: AddCommand = (program, context) => {
  const command = program
    .command('setup')
    .description(
      'from nothing to a green job: the stack, the GitHub App, its secrets, its webhook, a first job',
    )
    .option('--deploy', 'deploy first where there is no stack yet', false)
    .option(
      '--org <name>',
      'make the App in this organisation; with --app-id, the account it is installed on',
    )
    .option('--user', 'make it in your own account')
    .option(
      '--name <name>',
      'of the App (34 characters, unique at GitHub); else what the names of the runners begin with',
    )
    .option('--app-id <id>', 'an App that is there already')
    .option('--private-key-file <file>', 'and a private key of it')
    .option('--no-open', 'print addresses and open no browser')
    .addOption(
      new Option(
        '--workflow <what>',
        'the workflow of a first job: open GitHub’s editor with it, or print it',
      )
        .choices(['open', 'print', 'none'])
        .default(undefined, 'asked; print where nobody can be asked'),
    )
    .option('--repository <owner/name>', 'where the first job shall run (default: asked, or the first)')
    .option('--watch', 'watch the first job until it is green', false)
    .option('--own-image', 'after the green job, build an image with more tools, and start tasks from it')
    .addOption(
      new Option('--wait <minutes>', 'so long for each thing that you do at GitHub')
        .argParser(parseMinutes)
        .default(15),
    )
    .addHelpText('after', '\nRun it again at any time: it goes on where it stopped.');
  addDeployOptions(command).action(async (options: Options) => {
    const { output, ...rest } = context();
    const deployment = await deploymentOf({ output, ...rest }, options);
    const done = await walk(deployment, options, output);
    const workflow = options.workflow ?? (await askForWorkflow());
    const proof =
      workflow === 'none' ? undefined : await prove(deployment, done, { ...options, workflow }, output);
    if (proof?.jobUrl !== undefined) await adoptImage(rest.choice, deployment, options, output);
    output.answer({ ...done, webhookUrl: deployment.webhookUrl, ...proof, text: undefined }, () =>
      [`All is set up: ${done.slug} is installed on ${done.account}.`, proof?.text ?? ''].join('\n').trim(),
    );
  });
};

/** A job that no runner took fails at GitHub after a day. */
const MOST_MINUTES = 24 * 60;

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (text.trim() !== '' && minutes > 0 && minutes <= MOST_MINUTES) return minutes;
  throw new InvalidArgumentError(`Give minutes, more than 0 and at most ${MOST_MINUTES}, like 15.`);
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
    if (!(options.deploy || (await shallDeploy(error)))) throw error;
    await deploy(choice, options, output);
    return connect(choice);
  }
}

async function shallDeploy({ message, cause }: CliError): Promise<boolean> {
  if (process.stdin.isTTY) return confirm({ message: `${message}. Deploy it now?`, default: true });
  throw new CliError(message, 'give --deploy, or run oneshot deploy first', undefined, cause);
}

async function askForWorkflow(): Promise<'open' | 'print' | 'none'> {
  if (!process.stdin.isTTY) return 'print';
  return select({
    message: 'A workflow with one job shows that all is well.',
    choices: [
      { name: 'open GitHub’s editor with it, to commit it or open a pull request', value: 'open' },
      { name: 'print it', value: 'print' },
      { name: 'not now', value: 'none' },
    ],
  });
}
