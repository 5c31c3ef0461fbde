import { randomBytes } from 'node:crypto';
import { input, select } from '@inquirer/prompts';
import { scopesIn } from '../../functions/core/job/rules.ts';
import { named } from '../../functions/github/errors.ts';
import { pages } from '../../functions/github/pages.ts';
import type { Deployment } from '../deployment.ts';
import { createLook } from '../doctor/link.ts';
import { CliError, EXIT } from '../errors.ts';
import { openPage } from '../open-page.ts';
import type { Output } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { toTerminal } from '../terminal.ts';
import { redeem, setHook, store } from './apply.ts';
import { askGitHub } from './ask-github.ts';
import { readExisting } from './existing-app.ts';
import { appManifest } from './manifest.ts';
import { tryToStore } from './permissions.ts';
import { isSameAccount, nextStep, SETUP_READS, type Step } from './plan.ts';

/** Where the App is or will be, and how the person is reached. */
export interface SetupOptions {
  readonly org?: string;
  readonly user?: boolean;
  readonly name?: string;
  readonly appId?: string;
  readonly privateKeyFile?: string;
  readonly open: boolean;
  /** Minutes. */
  readonly wait: number;
}

/** Each step once, and one look more. */
const MOST_STEPS = 6;
const LOOK_EVERY_MS = 2_000;

/** The App is made, points here, and is installed on this account. */
export type Done = Extract<Step, { readonly kind: 'done' }>;

/** Takes one step after another until the App is made, points here and is installed. Throws CliError where it cannot. */
export async function walk(deployment: Deployment, options: SetupOptions, output: Output): Promise<Done> {
  for (let taken = 0; taken < MOST_STEPS; taken++) {
    const seen = await createLook(deployment)(SETUP_READS);
    const step = nextStep(seen, {
      account: options.org,
      appId: options.appId,
      storedAppId: seen.storedAppId,
    });
    if (step.kind === 'done') return step;
    if (step.kind === 'stuck') throw new CliError(step.problem, step.fix, EXIT.fault);
    if (step.kind === 'make-app') await makeApp(deployment, step.because, options, output);
    else if (step.kind === 'set-hook') {
      output.tell(`pointing the App's webhook here: ${step.because}`);
      await setHook(deployment);
    } else await waitForInstallation(deployment, step, options, output);
  }
  throw new CliError('setup did not finish', 'run oneshot doctor: it shows what is wrong');
}

/** GitHub has no smaller permission. */
const RERUN_RIGHT =
  'runners.yml has spot.rerun: once, so the App asks for Actions: write, with which it could also approve and cancel runs and delete logs, and for Deployments: read; the functions use it to start runs again and for nothing else (docs/security.md)';

async function makeApp(
  deployment: Deployment,
  because: string,
  options: SetupOptions,
  output: Output,
): Promise<void> {
  const { appId, privateKeyFile } = options;
  await tryToStore(deployment);
  if (appId !== undefined && privateKeyFile !== undefined)
    return takeApp(deployment, appId, privateKeyFile, output);
  if (appId !== undefined || privateKeyFile !== undefined)
    throw new CliError('an existing App needs both', 'give --app-id and --private-key-file', EXIT.usage);
  output.tell(`creating the GitHub App: ${because}`);
  const org = await organisation(options);
  const name = options.name ?? deployment.runnerPrefix; // all Apps of GitHub have different names, and so do all prefixes
  const policy = await readPolicy();
  const rerunsLostJobs = policy.spot.rerun === 'once';
  const scopes = scopesIn(policy);
  if (rerunsLostJobs) output.tell(RERUN_RIGHT);
  const code = await askGitHub({
    newAppUrl: `${deployment.githubWebUrl}${org === undefined ? '' : `/organizations/${encodeURIComponent(org)}`}/settings/apps/new`,
    manifest: (redirectUrl) =>
      appManifest({ name, webhookUrl: deployment.webhookUrl, redirectUrl, scopes, rerunsLostJobs }),
    show: (pageUrl) => show(pageUrl, 'Create the App here', options, output),
    timeoutMs: waitMs(options),
  });
  const { slug, ...secrets } = await redeem(deployment.githubApiUrl, code);
  await store(deployment, secrets);
  output.tell(
    `${slug} is created; its id, key and webhook secret are in ${deployment.parameterPath}, encrypted`,
  );
}

async function takeApp(deployment: Deployment, appId: string, privateKeyFile: string, output: Output) {
  const webhookSecret = randomBytes(32).toString('hex');
  const { githubApiUrl: apiUrl } = deployment;
  await store(deployment, await readExisting({ appId, privateKeyFile, webhookSecret, apiUrl }));
  output.tell(`stored App ${appId}, with a new webhook secret`);
  await setHook(deployment);
}

/** `undefined` for the person's own account. */
async function organisation({ org, user }: SetupOptions): Promise<string | undefined> {
  if (org !== undefined && !/^[a-z\d](?:[a-z\d-]{0,38})$/i.test(org))
    throw new CliError(
      `${org} is not the name of an organisation`,
      'give the NAME of github.com/NAME',
      EXIT.usage,
    );
  if (org !== undefined) return org;
  if (user) return undefined;
  if (!process.stdin.isTTY)
    throw new CliError(
      'without a terminal setup cannot ask where to create the App',
      'give --org NAME or --user',
      EXIT.usage,
    );
  const where = await select({
    message: 'Where should the App be created?',
    choices: [
      { name: 'in an organisation', value: 'org' },
      { name: 'in my own account', value: 'user' },
    ],
  });
  return where === 'user' ? undefined : input({ message: 'Which organisation?', required: true });
}

async function waitForInstallation(
  deployment: Deployment,
  { path, account }: Extract<Step, { readonly kind: 'install' }>,
  options: SetupOptions,
  output: Output,
): Promise<void> {
  const what = `Install the App on ${account} here, for the repositories that runners.yml allows`;
  show(`${deployment.githubWebUrl}${path}/installations/new`, what, options, output);
  const { asApp } = await deployment.github();
  const isThere = async () => {
    const all = await named('list installations', () =>
      pages<{ readonly account: { readonly login: string } | null }>(
        (page) => asApp.rest.apps.listInstallations(page),
        undefined,
      ),
    );
    return all.some((one) => one.account !== null && isSameAccount(one.account.login, account)) || undefined;
  };
  if ((await poll(isThere, waitMs(options))) === undefined)
    throw new CliError(
      `the App was not installed on ${account} in time`,
      'install it, then run oneshot setup again',
      EXIT.usage,
    );
}

/** Looks until there is something to be seen; `undefined` where there was nothing in time. */
export async function poll<T>(
  look: () => Promise<T | undefined>,
  mostMs: number,
  everyMs = LOOK_EVERY_MS,
): Promise<T | undefined> {
  for (const endsAtMs = Date.now() + mostMs; ; ) {
    const seen = await look();
    if (seen !== undefined || Date.now() >= endsAtMs) return seen;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Brings the person to a page. */
export function show(
  address: string,
  what: string,
  options: Pick<SetupOptions, 'open'>,
  output: Output,
): void {
  // Also with --json: somebody must go there.
  if (output.isJson) console.error(toTerminal(address, process.stderr));
  output.tell(`${what}:\n  ${address}`);
  // Without a browser, over SSH say, the printed address is enough.
  if (options.open) void openPage(address).catch(() => undefined);
}

export const waitMs = ({ wait }: Pick<SetupOptions, 'wait'>): number => wait * 60_000;
