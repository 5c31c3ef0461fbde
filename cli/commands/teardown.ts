import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SSMClient } from '@aws-sdk/client-ssm';
import { confirm } from '@inquirer/prompts';
import { describeError } from '../../functions/core/words/errors.ts';
import type { GitHubApp } from '../../functions/github/app.ts';
import { requireRegion } from '../aws.ts';
import { CliError, EXIT } from '../errors.ts';
import {
  IncompleteStack,
  type Installation,
  NoStack,
  parameterPathOf,
  stackOf,
  type Target,
} from '../installation.ts';
import type { AddCommand } from '../main.ts';
import { readTaskFacts } from '../observe/look.ts';
import { type Output, table } from '../output.ts';
import { readPolicy } from '../policy.ts';
import {
  deleteParameters,
  detachWebhook,
  listParameters,
  removeDeployed,
  removeRunners,
  removeStack,
} from '../teardown/apply.ts';
import { type Line, planTeardown, type Seen } from '../teardown/plan.ts';

interface TeardownOptions {
  readonly yes: boolean;
  readonly dryRun: boolean;
}

export const addTeardown: AddCommand = (program, context) => {
  program
    .command('teardown')
    .description('remove a deployment: shows what goes and what stays, and asks')
    .option('--yes', 'do not ask', false)
    .option('--dry-run', 'only show what would be removed', false)
    .action(async ({ yes, dryRun }: TeardownOptions) => {
      const { installation, output, target } = context();
      const place = await installation().catch((error: unknown) => {
        if (error instanceof NoStack || error instanceof IncompleteStack) return error;
        throw error;
      });
      if (place instanceof NoStack) return finish(place, target, output, { yes, dryRun });
      if (place instanceof IncompleteStack) return removeIncomplete(target, output, { yes, dryRun });
      const policy = await readPolicy();
      // Kept from here on: once the stack's key is gone nobody can read the App's own key.
      const app = await askAsApp(place);
      const seen = await look(place, app);
      const plan = planTeardown(seen);
      if (plan.kind === 'refused') throw new CliError(plan.problem, plan.fix);
      if (dryRun) return output.answer(plan, () => show(plan));
      output.tell(show(plan));
      if (!(yes || (await agreed(place.stack)))) return;
      await removeStack(place, target.stage, output.isJson);
      const nobody = { removed: [], left: [] };
      const runners =
        app instanceof Error ? nobody : await removeRunners(app.app, policy, place.runnerPrefix);
      const hook = app instanceof Error ? [] : await detachWebhook(app.app).then(() => [], hookStays);
      await deleteParameters(place.ssm, seen.parameters);
      const done = { stack: place.stack, runners, parameters: seen.parameters, leaves: plan.leaves };
      output.answer(done, () =>
        [
          `${place.stack} is deleted.`,
          ...stays([...plan.leaves, ...hook, ...runners.left.map(refused)]),
        ].join('\n'),
      );
    });
};

/** A teardown that was broken off once the stack was gone: what is left are the parameters, which nothing can open. */
async function finish(noStack: NoStack, target: Target, output: Output, { yes, dryRun }: TeardownOptions) {
  const ssm = new SSMClient(target.region === undefined ? {} : { region: target.region });
  const parameters = await listParameters(ssm, parameterPathOf(target.stage));
  if (parameters.length === 0) throw noStack;
  const deletes = parameters.map((what) => ({ what, because: 'the stack and its key are gone' }));
  const plan = { deletes, leaves: [] };
  if (dryRun) return output.answer(plan, () => show(plan));
  output.tell(show(plan));
  if (!(yes || (await agreed(stackOf(target.stage))))) return;
  await deleteParameters(ssm, parameters);
  output.answer({ parameters }, () => 'Deleted. Nothing of this stage is left.');
}

/** A first deployment that failed: there is a stack, and nothing that says where its App or its tasks are. */
async function removeIncomplete(target: Target, output: Output, { yes, dryRun }: TeardownOptions) {
  const ssm = new SSMClient(target.region === undefined ? {} : { region: target.region });
  const place = { region: await requireRegion(ssm), stack: stackOf(target.stage) };
  const { stack } = place;
  if ((await readOwnerTag(place)) !== stack)
    throw new CliError(
      `the stack ${stack} is not ours: it has no tag oneshot:stack of its name`,
      'remove it in CloudFormation',
    );
  const parameters = await listParameters(ssm, parameterPathOf(target.stage));
  const deletes = [
    { what: `the unfinished stack ${stack}`, because: 'its deployment did not finish' },
    ...parameters.map((what) => ({ what, because: 'worthless without the stack’s key' })),
  ];
  const leaves = [{ what: 'the GitHub App, if there is one', because: 'the stack does not say which it is' }];
  if (dryRun) return output.answer({ deletes, leaves }, () => show({ deletes, leaves }));
  output.tell(show({ deletes, leaves }));
  if (!(yes || (await agreed(stack)))) return;
  await removeDeployed(place, target.stage, output.isJson);
  await deleteParameters(ssm, parameters);
  output.answer({ stack, parameters, leaves }, () => `${stack} is deleted.`);
}

interface AskedApp {
  readonly app: GitHubApp;
  readonly settingsUrl: string;
}

async function askAsApp(place: Installation): Promise<AskedApp | Error> {
  try {
    const app = await place.github();
    const { data } = await app.asApp.request('GET /app');
    return { app, settingsUrl: String(Object(data).html_url) };
  } catch (error) {
    return new Error(describeError(error));
  }
}

async function look(place: Installation, app: AskedApp | Error): Promise<Seen> {
  const live = (await readTaskFacts(place)).filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  return {
    stack: place.stack,
    runnerPrefix: place.runnerPrefix,
    isLocal: place.isLocal,
    ownerTag: place.isLocal ? undefined : await readOwnerTag(place),
    liveTasks: live.length,
    runningJobs: live.filter(({ markedJobId }) => markedJobId !== undefined).length,
    parameters: await listParameters(place.ssm, place.parameterPath),
    ...(app instanceof Error
      ? { appSettingsUrl: undefined, githubProblem: app.message }
      : { appSettingsUrl: app.settingsUrl, githubProblem: undefined }),
  };
}

async function readOwnerTag({
  stack,
  region,
}: Pick<Installation, 'stack' | 'region'>): Promise<string | undefined> {
  const { Stacks = [] } = await new CloudFormationClient({ region }).send(
    new DescribeStacksCommand({ StackName: stack }),
  );
  return Stacks[0]?.Tags?.find(({ Key }) => Key === 'oneshot:stack')?.Value;
}

function agreed(stack: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CliError('this command asks, and there is no terminal', 'give --yes', EXIT.usage);
  return confirm({ message: `Delete all this from ${stack}?`, default: false });
}

const show = ({ deletes, leaves }: { readonly deletes: readonly Line[]; readonly leaves: readonly Line[] }) =>
  [
    table(
      ['is deleted', ''],
      deletes.map(({ what, because }) => [what, because]),
    ),
    ...stays(leaves),
  ].join('\n');

const stays = (leaves: readonly Line[]): string[] =>
  leaves.map(({ what, because }) => `stays: ${what} (${because})`);

const hookStays = (error: unknown): Line[] => [{ what: 'the App’s webhook', because: describeError(error) }];
const refused = (text: string): Line => ({ what: text, because: 'GitHub did not remove it' });
