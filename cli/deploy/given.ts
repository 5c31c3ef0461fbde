import path from 'node:path';
import { checkRegion } from '../aws.ts';
import { type DeploymentChoice, stackOf } from '../deployment.ts';
import { urlsOfWeb } from '../github-urls.ts';
import { readPolicy } from '../policy.ts';
import { checkParameters, type Given, parseParameters, readParametersFile } from './parameters.ts';

/** The default of serverless.yml, where nothing else says one. */
const DEFAULT_REGION = 'us-east-1';

/** What is given for this stage, by file and command line, once there is a sound policy. */
export async function readGiven(
  { stage, githubUrl }: DeploymentChoice,
  { param }: { readonly param: readonly string[] },
): Promise<Given> {
  await readPolicy();
  const server = githubUrl === undefined ? {} : { githubApiUrl: urlsOfWeb(githubUrl).api };
  const given: Given = {
    ...(await readParametersFile(process.cwd(), stage)),
    ...server,
    ...parseParameters(param),
  };
  // osls runs in another folder.
  return given['caBundle'] ? { ...given, caBundle: path.resolve(given['caBundle']) } : given;
}

/** The parameters as osls takes them, once they are found to be sound. Throws CliError. */
export async function checked({ stage, region }: DeploymentChoice, given: Given): Promise<string[]> {
  const where = {
    stack: stackOf(stage),
    region: checkRegion(region ?? process.env['AWS_REGION'] ?? DEFAULT_REGION),
  };
  await checkParameters(given, stage, where);
  return Object.entries(given).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
}
