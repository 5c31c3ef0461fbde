import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import type { AddCommand, CliContext } from '../context.ts';
import { type DeployOptions, deploy } from '../deploy/deploy.ts';
import { CliError, EXIT } from '../errors.ts';
import { WHY_OWN_IMAGE } from '../image/adopt.ts';
import { startBuilds, watchBuilds } from '../image/builds.ts';
import { useImage } from '../image/use.ts';
import { addParameterOption } from './deploy.ts';

/** Builds of the embedded world take as many looks as they have phases. */
const LOCAL_LOOK_EVERY_MS = 100;

interface BuildOptions {
  readonly watch: boolean;
  readonly runnerVersion?: string;
}

export const addImage: AddCommand = (program, context) => {
  const image = program.command('image').description('build or choose the image that tasks start from');
  image
    .command('build')
    .description(
      'build the image with the newest runner, for both architectures; tasks start from the last good build',
    )
    .option('--watch', 'wait until the builds have ended', false)
    .option('--runner-version <version>', 'a runner other than the newest, like 2.336.0')
    .addHelpText(
      'after',
      `\n${WHY_OWN_IMAGE}\nIt needs a deployment with the parameter imagePipeline: enabled.`,
    )
    .action(async (options: BuildOptions) => build(context(), options));
  addParameterOption(
    image
      .command('use')
      .argument('<image>', '"pipeline" for what the pipeline built last, or an image with a tag or a digest')
      .description('write into parameters.yml which image tasks start from; the next deployment applies it')
      .option('--deploy', 'deploy at once, without a question', false),
  )
    .addHelpText('after', `\n${WHY_OWN_IMAGE}`)
    .action(async (which: string, options: DeployOptions & { readonly deploy: boolean }) =>
      use(context(), which, options),
    );
};

async function build({ connected, output }: CliContext, { watch, runnerVersion }: BuildOptions) {
  if (runnerVersion !== undefined && !/^\d+\.\d+\.\d+$/.test(runnerVersion))
    throw new CliError(`${runnerVersion} is not a version`, 'give one like 2.336.0', EXIT.usage);
  const { aws, stack, isLocal } = await connected();
  const client = new CodeBuildClient(aws);
  const started = await startBuilds(client, stack, runnerVersion);
  const builds = watch
    ? await watchBuilds(client, started, output, isLocal ? LOCAL_LOOK_EVERY_MS : undefined)
    : started;
  output.answer(builds, () =>
    builds.map(({ project, id, status }) => `${project}: ${status} (${id})`).join('\n'),
  );
}

async function use(
  { choice, connected, output }: CliContext,
  image: string,
  options: DeployOptions & { readonly deploy: boolean },
) {
  await useImage(choice, connected, image);
  // On a terminal the plan asks.
  const isDeployed = choice.local === undefined && (options.deploy || process.stdin.isTTY);
  const deployed = isDeployed ? await deploy(choice, { ...options, yes: options.deploy }, output) : undefined;
  output.answer({ image, deployed }, () =>
    deployed === undefined
      ? `parameters.yml: ${choice.stage} has image: ${image}. Next: oneshot deploy`
      : `${deployed.stack} starts its next tasks from ${image}`,
  );
}
