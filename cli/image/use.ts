import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { PIPELINE_IMAGE } from '../../functions/core/task/runner-version.ts';
import { checked } from '../deploy/given.ts';
import { type Given, readParametersFile } from '../deploy/parameters.ts';
import { writeParameters } from '../deploy/write-parameters.ts';
import type { Deployment, DeploymentChoice } from '../deployment.ts';
import { requireImages } from './builds.ts';

/** What has to stand in `parameters.yml` for tasks to start from this image. */
export const parametersFor = (image: string): Given =>
  image === PIPELINE_IMAGE ? { imagePipeline: 'enabled', image } : { image };

/**
 * Has the next deployment of this folder start tasks from an image. Throws CliError, and writes nothing, where the image or
 * another parameter is not valid, or the pipeline has not built one yet.
 */
export async function useImage(
  choice: DeploymentChoice,
  connected: () => Promise<Deployment>,
  image: string,
): Promise<void> {
  const folder = process.cwd();
  const values = parametersFor(image);
  await checked(choice, { ...(await readParametersFile(folder, choice.stage)), ...values });
  if (image === PIPELINE_IMAGE) {
    const { aws, stack } = await connected();
    await requireImages(new CodeBuildClient(aws), stack);
  }
  await writeParameters(folder, choice.stage, values);
}
