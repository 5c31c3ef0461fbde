import path from 'node:path';
import { connect, type DeploymentChoice, stackOf } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { remember } from '../where/remember.ts';
import { agreed } from './agreed.ts';
import { change, openAgain } from './change.ts';
import { checked, readGiven } from './given.ts';
import type { DeployPlan } from './plan/plan.ts';
import { type Prepared, packageInto, prepared, readGround } from './prepare.ts';
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

/** What a deployment of the `runners.yml` of this folder would do. Throws CliError where something stands against it. */
export const planOnly = async (
  choice: DeploymentChoice,
  options: DeployOptions,
  output: Output,
): Promise<DeployPlan> => prepared(await readGround(choice, options), output, async ({ plan }) => plan);

/**
 * Deploys the `runners.yml` of this folder, once somebody has seen the plan; `undefined` where they say no. Throws CliError
 * where something stands against it.
 */
export const deploy = async (
  choice: DeploymentChoice,
  options: DeployOptions,
  output: Output,
): Promise<Deployed | undefined> =>
  prepared(await readGround(choice, options), output, (one) => makeSo(choice, one, options, output));

/** Shows what is prepared, asks, and has it made; `undefined` where somebody says no. Throws CliError. */
export async function makeSo(
  choice: DeploymentChoice,
  one: Prepared,
  options: Pick<DeployOptions, 'yes'>,
  output: Output,
): Promise<Deployed | undefined> {
  const { plan } = one;
  if (!(await agreed(plan, options, output))) return undefined;
  const startedMs = performance.now();
  const { stack, account, region } = plan.place;
  if (plan.kind === 'same') await openAgain(plan, output);
  else await change(one, output);
  await remember(process.cwd(), { ...choice, region }, output);
  const { webhookUrl, dashboardUrl } = await connect({ ...choice, region });
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  return { stack, account, region, seconds, webhookUrl, dashboardUrl, plan };
}

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

/** Writes what would be deployed into a folder; asks nobody for anything. Throws CliError. */
export async function packageOnly(choice: DeploymentChoice, options: DeployOptions, to: string) {
  const folder = path.resolve(to);
  await requireWritable(folder);
  const flags = await checked(choice, await readGiven(choice, options));
  const stack = stackOf(choice.stage);
  await packageInto(folder, flags, { stack, stage: choice.stage, region: choice.region });
  return { stack, folder };
}
