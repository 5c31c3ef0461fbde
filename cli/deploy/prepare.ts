import path from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Template } from '../../infra/template.ts';
import { awsConfig, awsError, requireRegion } from '../aws.ts';
import { type DeploymentChoice, stackOf } from '../deployment.ts';
import type { Output } from '../output.ts';
import { checked, readGiven } from './given.ts';
import { runOsls, withService } from './osls.ts';
import { readPackage } from './packaged.ts';
import { allParameters } from './parameters.ts';
import { type DeployedBuild, type DeployPlan, type Place, planDeployment } from './plan/plan.ts';
import { readDeployed } from './read-deployed.ts';

/** A change of the deployment that a person can be shown, and how osls makes it. */
export interface Prepared {
  readonly plan: DeployPlan;
  /** The folder of the service. */
  readonly service: string;
  /** Of osls. */
  readonly args: readonly string[];
  /** What is uploaded for it; nothing for the way back, which is there. */
  readonly upload?: Template;
}

/** What there is before any of it. */
export interface Ground {
  readonly place: Place;
  readonly deployed: DeployedBuild | undefined;
  /** The parameters as osls takes them. */
  readonly flags: readonly string[];
  readonly defaults: Readonly<Record<string, string>>;
}

/** Reads where this shell deploys to and what is there. Throws CliError where something stands against it. */
export async function readGround(
  choice: DeploymentChoice,
  options: { readonly param: readonly string[] },
): Promise<Ground> {
  const given = await readGiven(choice, options);
  const place = await placeOf(choice);
  const flags = await checked({ ...choice, region: place.region }, given);
  const deployed = await readDeployed(awsConfig(place.region), place.stack);
  return { place, deployed, flags, defaults: await allParameters({}, choice.stage) };
}

/** Packages the `runners.yml` of this folder and compares it with what is deployed. Throws CliError. */
export function prepared<T>(
  { place, deployed, flags, defaults }: Ground,
  output: Output,
  use: (one: Prepared) => Promise<T>,
): Promise<T> {
  return withService(async (service) => {
    const folder = path.join(service, 'package');
    output.tell('packaging, and comparing with what is deployed');
    await packageInto(folder, flags, place, service);
    const build = await readPackage(folder);
    const plan = planDeployment(place, deployed, build, defaults);
    // osls would skip what it uploaded last, though another may be deployed since.
    const force = plan.kind === 'update' ? ['--force'] : [];
    return use({
      plan,
      service,
      args: ['deploy', '--package', folder, ...force, ...flags],
      upload: build.template,
    });
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

/** Packages the `runners.yml` of this folder; in a folder of the service for a deployment to the account. Throws CliError. */
export const packageInto = (
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
