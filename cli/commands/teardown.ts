import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { SSMClient } from '@aws-sdk/client-ssm';
import { confirm } from '@inquirer/prompts';
import { describeError } from '../../functions/core/words/errors.ts';
import type { GitHubApp } from '../../functions/github/app.ts';
import { awsConfig, requireRegion } from '../aws.ts';
import type { AddCommand } from '../context.ts';
import {
  type Deployment,
  type DeploymentChoice,
  IncompleteStack,
  NoStack,
  parameterPathOf,
  stackOf,
} from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
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
      const { connected, output, choice } = context();
      const deployment = await connected().catch((error: unknown) => {
        if (error instanceof NoStack || error instanceof IncompleteStack) return error;
        throw error;
      });
      if (deployment instanceof NoStack) return finish(deployment, choice, output, { yes, dryRun });
      if (deployment instanceof IncompleteStack) return removeIncomplete(choice, output, { yes, dryRun });
      const policy = await readPolicy();
      // Kept from here on: once the stack's key is gone nobody can read the App's own key.
      const app = await askAsApp(deployment);
      const seen = await look(deployment, app);
      const plan = planTeardown(seen);
      if (plan.kind === 'refused') throw new CliError(plan.problem, plan.fix);
      if (dryRun) return output.answer(plan, () => show(plan));
      output.tell(show(plan));
      if (!(yes || (await agreed(deployment.stack)))) return;
      await removeStack(deployment, choice.stage, output.isJson);
      const nobody = { removed: [], left: [] };
      const runners =
        app instanceof Error ? nobody : await removeRunners(app.app, policy, deployment.runnerPrefix);
      const hook = app instanceof Error ? [] : await detachWebhook(app.app).then(() => [], hookStays);
      await deleteParameters(deployment.ssm, seen.parameters);
      const done = { stack: deployment.stack, runners, parameters: seen.parameters, leaves: plan.leaves };
      output.answer(done, () =>
        [
          `Deleted, all that is of ${deployment.stack}.`,
          ...stays([...plan.leaves, ...hook, ...runners.left.map(refused)]),
        ].join('\n'),
      );
    });
};

/** A teardown that was broken off once the stack was gone: what is left are the parameters, which nothing can open. */
async function finish(
  noStack: NoStack,
  choice: DeploymentChoice,
  output: Output,
  { yes, dryRun }: TeardownOptions,
) {
  const ssm = new SSMClient(awsConfig(choice.region));
  const parameters = await listParameters(ssm, parameterPathOf(choice.stage));
  if (parameters.length === 0) throw noStack;
  const deletes = parameters.map((what) => ({ what, because: 'the stack and its key are gone' }));
  const plan = { deletes, leaves: [] };
  if (dryRun) return output.answer(plan, () => show(plan));
  output.tell(show(plan));
  if (!(yes || (await agreed(stackOf(choice.stage))))) return;
  await deleteParameters(ssm, parameters);
  output.answer({ parameters }, () => 'Deleted. Nothing of this stage is left.');
}

/** A first deployment that failed: there is a stack, and nothing that says where its App or its tasks are. */
async function removeIncomplete(choice: DeploymentChoice, output: Output, { yes, dryRun }: TeardownOptions) {
  const ssm = new SSMClient(awsConfig(choice.region));
  const deployment = { region: await requireRegion(ssm), stack: stackOf(choice.stage) };
  const { stack } = deployment;
  if ((await readOwnerTag(deployment)) !== stack)
    throw new CliError(
      `the stack ${stack} is not ours: it has no tag oneshot:stack of its name`,
      'remove it in CloudFormation',
    );
  const parameters = await listParameters(ssm, parameterPathOf(choice.stage));
  const deletes = [
    { what: `the unfinished stack ${stack}`, because: 'its deployment did not finish' },
    ...parameters.map((what) => ({ what, because: 'worthless without the stack’s key' })),
  ];
  const leaves = [{ what: 'the GitHub App, if there is one', because: 'the stack does not say which it is' }];
  if (dryRun) return output.answer({ deletes, leaves }, () => show({ deletes, leaves }));
  output.tell(show({ deletes, leaves }));
  if (!(yes || (await agreed(stack)))) return;
  await removeDeployed(deployment, choice.stage, output.isJson);
  await deleteParameters(ssm, parameters);
  output.answer({ stack, parameters, leaves }, () => `${stack} is deleted.`);
}

interface AskedApp {
  readonly app: GitHubApp;
  readonly settingsUrl: string;
}

async function askAsApp(deployment: Deployment): Promise<AskedApp | Error> {
  try {
    const app = await deployment.github();
    const { data } = await app.asApp.request('GET /app');
    return { app, settingsUrl: String(Object(data).html_url) };
  } catch (error) {
    return new Error(describeError(error));
  }
}

async function look(deployment: Deployment, app: AskedApp | Error): Promise<Seen> {
  const live = (await readTaskFacts(deployment)).filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  return {
    stack: deployment.stack,
    runnerPrefix: deployment.runnerPrefix,
    isLocal: deployment.isLocal,
    ownerTag: deployment.isLocal ? undefined : await readOwnerTag(deployment),
    liveTasks: live.length,
    runningJobs: live.filter(({ markedJobId }) => markedJobId !== undefined).length,
    parameters: await listParameters(deployment.ssm, deployment.parameterPath),
    ...(app instanceof Error
      ? { appSettingsUrl: undefined, githubProblem: app.message }
      : { appSettingsUrl: app.settingsUrl, githubProblem: undefined }),
  };
}

async function readOwnerTag({
  stack,
  region,
}: Pick<Deployment, 'stack' | 'region'>): Promise<string | undefined> {
  const { Stacks = [] } = await new CloudFormationClient(awsConfig(region)).send(
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
