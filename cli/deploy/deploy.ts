import path from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsConfig, awsError, checkRegion, requireRegion } from '../aws.ts';
import { connect, type DeploymentChoice, stackOf } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import { urlsOfWeb } from '../github-urls.ts';
import type { Output } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { remember } from '../where/remember.ts';
import { agreed } from './agreed.ts';
import { change, openAgain } from './change.ts';
import { runOsls, withService } from './osls.ts';
import { readPackage } from './packaged.ts';
import {
  allParameters,
  checkParameters,
  type Given,
  parseParameters,
  readParametersFile,
} from './parameters.ts';
import { type DeployPlan, type Place, planDeployment } from './plan/plan.ts';
import { readDeployed } from './read-deployed.ts';
import { requireWritable } from './writable.ts';

export interface DeployOptions {
  /** `name=value`, as given. */
  readonly param: readonly string[];
  /** Deploy without a question. */
  readonly yes?: boolean | undefined;
}

export interface Deployed {
  readonly stack: string;
  readonly account: string;
  readonly region: string;
  readonly seconds: number;
  readonly webhookUrl: string;
  readonly dashboardUrl: string | undefined;
  readonly plan: DeployPlan;
}

/** What is to be deployed, packaged and compared with what is. */
interface Prepared {
  readonly plan: DeployPlan;
  /** The folder of the service, with the package in `PACKAGE`. */
  readonly service: string;
  readonly flags: readonly string[];
}

const PACKAGE = 'package';

/** What a deployment of the `runners.yml` of this folder would do. Throws CliError where something stands against it. */
export const planOnly = (
  choice: DeploymentChoice,
  options: DeployOptions,
  output: Output,
): Promise<DeployPlan> => prepared(choice, options, output, async ({ plan }) => plan);

/**
 * Deploys the `runners.yml` of this folder, once somebody has seen the plan; `undefined` where they say no. Throws CliError
 * where something stands against it.
 */
export const deploy = (
  choice: DeploymentChoice,
  options: DeployOptions,
  output: Output,
): Promise<Deployed | undefined> =>
  prepared(choice, options, output, async ({ plan, service, flags }) => {
    if (!(await agreed(plan, options, output))) return undefined;
    const startedMs = performance.now();
    const { stack, account, region } = plan.place;
    if (plan.kind === 'same') await openAgain(plan, output);
    else await change(plan, service, deployArgs(plan, service, flags), output);
    await remember(process.cwd(), { ...choice, region }, output);
    const { webhookUrl, dashboardUrl } = await connect({ ...choice, region });
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    return { stack, account, region, seconds, webhookUrl, dashboardUrl, plan };
  });

/** As `deploy`, where nothing more can be done without it. Throws CliError where somebody says no. */
export async function deployOrStop(
  choice: DeploymentChoice,
  options: DeployOptions,
  output: Output,
): Promise<Deployed> {
  const deployed = await deploy(choice, options, output);
  if (deployed !== undefined) return deployed;
  throw new CliError('nothing was deployed', 'run the same command again when it may be', EXIT.usage);
}

/** osls would skip what it uploaded last, though another may be deployed since. */
const deployArgs = ({ kind }: DeployPlan, service: string, flags: readonly string[]): string[] => [
  ...['deploy', '--package', path.join(service, PACKAGE)],
  ...(kind === 'update' ? ['--force'] : []),
  ...flags,
];

async function prepared<T>(
  choice: DeploymentChoice,
  options: DeployOptions,
  output: Output,
  use: (one: Prepared) => Promise<T>,
): Promise<T> {
  const given = await readGiven(choice, options);
  const place = await placeOf(choice);
  const flags = await checked({ ...choice, region: place.region }, given);
  const deployed = await readDeployed(awsConfig(place.region), place.stack);
  const defaults = await allParameters({}, choice.stage);
  return withService(async (service) => {
    const folder = path.join(service, PACKAGE);
    output.tell('packaging, and comparing with what is deployed');
    await packageInto(folder, flags, place, service);
    const plan = planDeployment(place, deployed, await readPackage(folder), defaults);
    return use({ plan, service, flags });
  });
}

/** Where this shell deploys to. Throws CliError where AWS does not say. */
async function placeOf({ stage, region: asked }: DeploymentChoice): Promise<Place> {
  const sts = new STSClient(awsConfig(asked));
  const region = await requireRegion(sts);
  const { Account: account = '', Arn = '' } = await sts
    .send(new GetCallerIdentityCommand())
    .catch((cause: unknown) => {
      throw awsError(cause, 'AWS did not say who these credentials belong to');
    });
  return { stack: stackOf(stage), stage, account, region, partition: Arn.split(':')[1] ?? 'aws' };
}

/** Writes what would be deployed into a folder; asks nobody for anything. Throws CliError. */
export async function packageOnly(choice: DeploymentChoice, options: DeployOptions, to: string) {
  const folder = path.resolve(to);
  await requireWritable(folder);
  const flags = await checked(choice, await readGiven(choice, options));
  const stack = stackOf(choice.stage);
  await packageInto(folder, flags, { stack, stage: choice.stage, region: choice.region });
  return { stack, folder };
}

/** Packages the `runners.yml` of this folder; in a folder of the service for a deployment to the account. Throws CliError. */
const packageInto = (
  folder: string,
  flags: readonly string[],
  { stack, stage, region }: Pick<Place, 'stack' | 'stage'> & { readonly region: string | undefined },
  service?: string,
): Promise<void> =>
  runOsls({
    args: ['package', '--package', folder, ...flags],
    stage,
    region,
    ...(service !== undefined && { service, asksAccount: true }),
    isQuiet: true,
    failure: `${stack} was not packaged`,
  });

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
