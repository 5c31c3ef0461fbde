import { randomBytes } from 'node:crypto';
import { input, select } from '@inquirer/prompts';
import { Option } from 'commander';
import open from 'open';
import { observeApp } from '../doctor/observe-app.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Installation } from '../installation.ts';
import type { AddCommand } from '../main.ts';
import type { Output } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { readExisting, redeem, setHook, store } from '../setup/apply.ts';
import { askGitHub } from '../setup/ask-github.ts';
import { appManifest } from '../setup/manifest.ts';
import { nextStep, type Step } from '../setup/plan.ts';

interface SetupOptions {
  readonly org?: string;
  readonly user?: boolean;
  readonly name?: string;
  readonly appId?: string;
  readonly privateKeyFile?: string;
  readonly open: boolean;
  readonly wait: string;
}

/** Each step once, and one look more. */
const MOST_STEPS = 6;
const LOOK_EVERY_MS = 2_000;

export const addSetup: AddCommand = (program, context) => {
  program
    .command('setup')
    .description('make the GitHub App, store its secrets, point its webhook here, wait for its installation')
    .option('--org <name>', 'make the App in this organisation')
    .option('--user', 'make it in your own account')
    .option('--name <name>', 'of the App (34 characters, unique at GitHub)')
    .option('--app-id <id>', 'an App that is there already')
    .option('--private-key-file <file>', 'and a private key of it')
    .option('--no-open', 'print addresses and open no browser')
    .addOption(new Option('--wait <minutes>', 'so long for you at GitHub').default('15'))
    .addHelpText('after', '\nRun it again at any time: it goes on where it stopped.')
    .action(async (options: SetupOptions) => {
      const { installation, output } = context();
      const place = await installation();
      const step = await walk(place, options, output);
      output.answer({ ...step, webhookUrl: place.webhookUrl }, () => workflow());
    });
};

async function walk(place: Installation, options: SetupOptions, output: Output): Promise<Step> {
  for (let taken = 0; taken < MOST_STEPS; taken++) {
    const step = nextStep((await observeApp(place)).facts);
    if (step.kind === 'done') return step;
    if (step.kind === 'stuck') throw new CliError(step.problem, step.fix, EXIT.fault);
    if (step.kind === 'make-app') await makeApp(place, step.because, options, output);
    else if (step.kind === 'set-hook') {
      output.tell(`pointing the App's webhook here: ${step.because}`);
      await setHook(place);
    } else await waitForInstallation(place, step.slug, options, output);
  }
  throw new CliError('set-up does not come to an end', 'oneshot doctor shows what is not as it should be');
}

async function makeApp(
  place: Installation,
  because: string,
  options: SetupOptions,
  output: Output,
): Promise<void> {
  if (options.appId !== undefined || options.privateKeyFile !== undefined) {
    const { appId, privateKeyFile } = options;
    if (appId === undefined || privateKeyFile === undefined)
      throw new CliError(
        'an App that is there needs both',
        'give --app-id and --private-key-file',
        EXIT.usage,
      );
    await store(place, await readExisting(appId, privateKeyFile, randomBytes(32).toString('hex')));
    output.tell(`stored App ${appId}, with a new webhook secret`);
    await setHook(place);
    return;
  }
  output.tell(`making the GitHub App: ${because}`);
  const org = await organisation(options);
  const name = options.name ?? `oneshot-${org ?? 'runners'}-${place.stack.replace(/^oneshot-/, '')}`;
  const { scope } = await readPolicy();
  const code = await askGitHub({
    newAppUrl: `${place.githubWebUrl}${org === undefined ? '' : `/organizations/${encodeURIComponent(org)}`}/settings/apps/new`,
    manifest: (redirectUrl) => appManifest({ name, webhookUrl: place.webhookUrl, redirectUrl, scope }),
    show: (pageUrl) => show(pageUrl, 'Make the App here', options, output),
    timeoutMs: minutes(options.wait),
  });
  const { slug, ...secrets } = await redeem(place.githubApiUrl, code);
  await store(place, secrets);
  output.tell(`${slug} is made; its id, key and webhook secret are in ${place.parameterPath}, encrypted`);
}

/** `undefined` for the person's own account. */
async function organisation({ org, user }: SetupOptions): Promise<string | undefined> {
  if (org !== undefined && !/^[a-z\d](?:[a-z\d-]{0,38})$/i.test(org))
    throw new CliError(`${org} is no name of an organisation`, 'give it as in github.com/NAME', EXIT.usage);
  if (org !== undefined) return org;
  if (user) return undefined;
  if (!process.stdin.isTTY)
    throw new CliError(
      'nobody is there to say where the App shall be',
      'give --org NAME or --user',
      EXIT.usage,
    );
  const where = await select({
    message: 'Where shall the App be?',
    choices: [
      { name: 'in an organisation', value: 'org' },
      { name: 'in my own account', value: 'user' },
    ],
  });
  return where === 'user' ? undefined : input({ message: 'Which organisation?', required: true });
}

async function waitForInstallation(
  place: Installation,
  slug: string,
  options: SetupOptions,
  output: Output,
): Promise<void> {
  show(
    `${place.githubWebUrl}/apps/${slug}/installations/new`,
    'Install the App on your repositories here',
    options,
    output,
  );
  const { asApp } = await place.github();
  for (const endsAtMs = Date.now() + minutes(options.wait); Date.now() < endsAtMs; ) {
    const { data } = await asApp.request('GET /app/installations');
    if (data.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new CliError(
    'the App was not installed in time',
    'install it, then run oneshot setup again',
    EXIT.usage,
  );
}

function show(address: string, what: string, options: SetupOptions, output: Output): void {
  // Also with --json: somebody must go there.
  if (output.isJson) console.error(address);
  output.tell(`${what}:\n  ${address}`);
  // No browser, over SSH say, is no fault: the address is printed.
  if (options.open) void open(address).catch(() => undefined);
}

const minutes = (text: string): number => Number(text) * 60_000;

const workflow =
  (): string => `All is set up. A job that shows it, as .github/workflows/hello.yml of a repository that is served:

  on: workflow_dispatch
  jobs:
    hello:
      runs-on: fargate
      steps:
        - run: echo "Hello from $(hostname)"

If it does not start: oneshot doctor`;
