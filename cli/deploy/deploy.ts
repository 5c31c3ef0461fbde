import path from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsConfig, awsError, checkRegion, requireRegion } from '../aws.ts';
import { connect, type DeploymentChoice, stackOf } from '../deployment.ts';
import { urlsOfWeb } from '../github-urls.ts';
import type { Output } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { runOsls } from './osls.ts';
import { checkParameters, type Given, parseParameters, readParametersFile } from './parameters.ts';

export interface DeployOptions {
  /** `name=value`, as given. */
  readonly param: readonly string[];
}

export interface Deployed {
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  readonly seconds: number;
  readonly webhookUrl: string;
  readonly dashboardUrl: string | undefined;
}

/** Deploys the `runners.yml` of this folder. Throws CliError where something stands against it. */
export async function deploy(
  choice: DeploymentChoice,
  options: DeployOptions,
  output: Output,
): Promise<Deployed> {
  const startedMs = performance.now();
  const given = await readGiven(choice, options);
  const sts = new STSClient(awsConfig(choice.region));
  const region = await requireRegion(sts);
  const flags = await checked({ ...choice, region }, given);
  const { Account: account = '' } = await sts.send(new GetCallerIdentityCommand()).catch((cause: unknown) => {
    throw awsError(cause, 'AWS did not say who these credentials belong to');
  });
  const stack = stackOf(choice.stage);
  output.tell(`deploying ${stack} to account ${account} in ${region}; the first time takes some minutes`);
  await runOsls({
    args: ['deploy', ...flags],
    stage: choice.stage,
    region,
    policyFolder: process.cwd(),
    isQuiet: output.isJson,
    failure: `${stack} was not deployed`,
  });
  const { webhookUrl, dashboardUrl } = await connect({ ...choice, region });
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  return { stack, account, region, seconds, webhookUrl, dashboardUrl };
}

/** Writes what would be deployed into a folder; asks nobody for anything. Throws CliError. */
export async function packageOnly(
  choice: DeploymentChoice,
  options: DeployOptions,
  to: string,
  output: Output,
) {
  const folder = path.resolve(to);
  const flags = await checked(choice, await readGiven(choice, options));
  const stack = stackOf(choice.stage);
  await runOsls({
    args: ['package', '--package', folder, ...flags],
    stage: choice.stage,
    region: choice.region,
    policyFolder: process.cwd(),
    isQuiet: output.isJson,
    failure: `${stack} was not packaged`,
  });
  return { stack, folder };
}

/** The default of serverless.yml, where nothing else says one. */
const DEFAULT_REGION = 'us-east-1';

/** What is given for this stage, by file and command line, once there is a sound policy. */
export async function readGiven(
  { stage, githubUrl }: DeploymentChoice,
  { param }: DeployOptions,
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
