import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { confirm } from '@inquirer/prompts';
import { PIPELINE_IMAGE } from '../../functions/core/task/runner-version.ts';
import { type DeployOptions, deployOrStop } from '../deploy/deploy.ts';
import { type Given, readParametersFile } from '../deploy/parameters.ts';
import { writeParameters } from '../deploy/write-parameters.ts';
import type { Deployment, DeploymentChoice } from '../deployment.ts';
import type { Output } from '../output.ts';
import { startBuilds, watchBuilds } from './builds.ts';
import { parametersFor } from './use.ts';

/** Why one would: in `--help` and in the question. */
export const WHY_OWN_IMAGE =
  'An image of your own has the tools that jobs expect and is rebuilt each week with the newest runner. It starts sooner from ECR\n' +
  '(with a SOCI index a task runs while its image still loads), and its bytes do not go through NAT.';

export interface AdoptPort {
  write(values: Given): Promise<void>;
  deploy(): Promise<unknown>;
  /** Rejects unless every build succeeds. */
  build(): Promise<unknown>;
}

/** Makes the pipeline, builds with it, and only then has tasks start from what it built. */
export async function adopt({ write, deploy, build }: AdoptPort): Promise<void> {
  await write({ imagePipeline: 'enabled' });
  await deploy();
  await build();
  await write(parametersFor(PIPELINE_IMAGE));
  await deploy();
}

/** After the first green job, if the person says yes. The embedded world is deployed once and for all. */
export async function adoptImage(
  choice: DeploymentChoice,
  { aws, stack }: Deployment,
  options: DeployOptions & { readonly ownImage?: boolean },
  output: Output,
): Promise<void> {
  if (choice.local !== undefined) return;
  const folder = process.cwd();
  if ((await readParametersFile(folder, choice.stage))['image'] === PIPELINE_IMAGE) return;
  if (!(options.ownImage ?? (await isWanted()))) return;
  const client = new CodeBuildClient(aws);
  await adopt({
    write: (values) => writeParameters(folder, choice.stage, values),
    deploy: () => deployOrStop(choice, { ...options, yes: options.yes || options.ownImage }, output),
    build: async () => watchBuilds(client, await startBuilds(client, stack), output),
  });
}

async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const question =
    'Build one now and start tasks from it? It takes two deployments and a build of some ten minutes.';
  return confirm({ message: `${WHY_OWN_IMAGE}\n${question}`, default: false });
}
