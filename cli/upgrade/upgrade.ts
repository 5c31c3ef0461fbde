import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { VERSION } from '../../infra/version.ts';
import { awsConfig } from '../aws.ts';
import { type Deployed, type DeployOptions, makeSo } from '../deploy/deploy.ts';
import { readKept } from '../deploy/kept.ts';
import { withService } from '../deploy/osls.ts';
import { type DeployedBuild, type DeployPlan, planDeployment } from '../deploy/plan/plan.ts';
import { type Ground, type Prepared, prepared, readGround } from '../deploy/prepare.ts';
import { connect, type DeploymentChoice, NoStack } from '../deployment.ts';
import { CliError, EXIT } from '../errors.ts';
import type { Output } from '../output.ts';
import { packageRoot } from '../package-root.ts';
import { screenWidth } from '../terminal.ts';
import type { Approval } from './approvals.ts';
import { changesSince, isOlder } from './changelog.ts';
import { lookAtApp, pointHookHere } from './github-side.ts';
import { showApprovals } from './show-approvals.ts';

export interface UpgradeOptions extends DeployOptions {
  /** Show what would happen, and change nothing. */
  readonly plan: boolean;
  /** To the deployment before the present one. */
  readonly back: boolean;
}

export interface Upgrade {
  readonly plan: DeployPlan;
  /** From CHANGELOG.md. */
  readonly news: string;
  readonly approvals: readonly Approval[];
  /** `undefined` where nothing was deployed. */
  readonly deployed: Deployed | undefined;
}

/** Upgrades a deployment to this version, or goes back, once somebody has seen what that changes. Throws CliError. */
export async function upgrade(
  choice: DeploymentChoice,
  options: UpgradeOptions,
  output: Output,
): Promise<Upgrade> {
  const ground = await readGround(choice, options);
  const { deployed, place } = ground;
  if (deployed === undefined)
    throw new NoStack(
      `there is no stack ${place.stack} in ${place.region}`,
      'deploy it (oneshot deploy), or give the right --stage and --region',
    );
  const carryOut = (one: Prepared) => show(choice, one, options, output);
  if (options.back) return preparedBack({ ...ground, deployed }, carryOut);
  if (deployed.version !== undefined && isOlder(VERSION, deployed.version)) throw tooOld(deployed.version);
  return prepared(ground, output, carryOut);
}

const tooOld = (deployed: string): CliError =>
  new CliError(
    `version ${deployed} is deployed, and this program is version ${VERSION}`,
    'npm install oneshot-runners@latest, then try again; the way back is oneshot upgrade --back',
    EXIT.usage,
  );

/** The last deployment before that differs, which osls kept and goes back to. Throws CliError where there is none. */
async function preparedBack<T>(
  { place, deployed, flags, defaults }: Ground & { readonly deployed: DeployedBuild },
  use: (one: Prepared) => Promise<T>,
): Promise<T> {
  for await (const kept of readKept(awsConfig(place.region), place, deployed.template)) {
    const plan = planDeployment(place, deployed, kept, defaults);
    const args = ['rollback', '--timestamp', kept.timestamp, ...flags];
    if (plan.kind !== 'same') return withService((service) => use({ plan, service, args }));
  }
  throw new CliError(
    `nothing else that was deployed before is kept in the bucket of ${place.stack}`,
    'deploy the version that you want: npx oneshot-runners@VERSION deploy',
  );
}

async function show(
  choice: DeploymentChoice,
  one: Prepared,
  options: UpgradeOptions,
  output: Output,
): Promise<Upgrade> {
  const { plan } = one;
  const news = options.back ? '' : await readNews(plan);
  const approvals = options.back ? [] : await lookAtApp(await connect(choice), output);
  const seen = { plan, news, approvals };
  if (options.plan) return { ...seen, deployed: undefined };
  if (news !== '') output.tell(`${news}\n`);
  if (approvals.length > 0) output.tell(showApprovals(approvals, screenWidth()));
  const deployed = await makeSo(choice, one, options, output);
  if (deployed !== undefined) await pointHookHere(await connect(choice), output);
  return { ...seen, deployed };
}

/** What CHANGELOG.md says of the versions after the deployed one. */
async function readNews({ versions, kind }: DeployPlan): Promise<string> {
  if (kind === 'same') return '';
  return changesSince(await readFile(path.join(packageRoot(), 'CHANGELOG.md'), 'utf8'), versions.before);
}
